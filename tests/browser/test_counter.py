"""What the composer says of a text's length, and how text messages are billed."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

GSM_160 = "a" * 158 + "é\n"
TABLE = [
    ("", 0, None),
    ("a", 1, None),
    (GSM_160, 1, None),
    (GSM_160.replace("\n", "\r\n"), 1, None),
    (GSM_160 + "a", 2, None),
    ("a" * 306, 2, None),
    ("a" * 307, 3, None),
    ("€" * 80, 1, None),
    ("€" * 80 + "a", 2, None),
    ("a" * 152 + "€" + "a" * 152, 3, None),  # an escaped character is not cut in two
    ("a" * 152 + "€" + "a" * 151, 2, None),
    ("[x]^{|}~\\ΩΔ@£¿§", 1, None),
    ("ç", 1, "ç"),  # the alphabet has the capital alone
    ("`", 1, "`"),
    ("“" * 70, 1, "“"),
    ("“" * 71, 2, "“"),
    ("Hi “you”" + "a" * 62, 1, "“"),
    ("Hi “you”" + "a" * 63, 2, "“"),
    ("😀" * 35, 1, "😀"),
    ("😀" * 36, 2, "😀"),
    ("😀" * 66, 2, "😀"),  # 33 to a segment of 67: none is cut in two
    ("😀" * 67, 3, "😀"),
    ("a" * 134 + "я", 3, "я"),
    ("a" * 133 + "я", 2, "я"),
]

COUNT = """async texts => {
    const { segmentsOf } = await import("/static/js/counter.js");
    return texts.map(segmentsOf);
}"""


@pytest.fixture(scope="module")
def conversation(installation: Installation) -> str:
    """The path of a conversation with somebody who writes mail."""
    installation.create_channel("shop", "email", "Counter", address="counter@shop.example")
    mail = "From: Cleo <cleo@cust.example>\nMessage-ID: <counter@e>\nSubject: Counter\n\nHi.\n"
    told = json.loads(installation.manage("ingest_mail", "shop", "Counter", "-", "--wait", stdin=mail))
    return f"/w/shop/inbox/{told['conversation']}/"


NO_DRAFTS = """
from conversations.models import KeptDraft
from tenancy.models import Workspace
from tenancy.scope import scope
with scope(Workspace.objects.get(slug="shop").pk):
    KeptDraft.objects.all().delete()
"""


@pytest.fixture
def page(conversation: str, sign_in: Callable[..., Page], installation: Installation) -> Page:
    """An empty composer whose way has a limit of 400 characters and is billed by the segment."""
    installation.manage("shell", "--no-imports", "-c", NO_DRAFTS)
    page = sign_in("ana@shop.example")
    page.goto(conversation)
    limit(page, textLimit="400", segments="")
    return page


def limit(page: Page, **limits: str | None) -> None:
    """Let the way that is chosen be one of plain text, with limits."""
    page.evaluate(
        """limits => {
            const way = document.querySelector("[name=way]:checked");
            delete way.dataset.html;
            Object.assign(way.dataset, limits);
            way.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        limits,
    )


def test_the_segments_of_texts(page):
    found = page.evaluate(COUNT, [text for text, _, _ in TABLE])
    assert [(each["segments"], each["culprit"]) for each in found] == [(n, who) for _, n, who in TABLE]


def test_the_counter_counts_what_would_be_sent(page):
    counter, reply = page.locator("#counter"), page.get_by_label("Your reply")
    expect(counter).to_be_hidden()
    for text, said in [
        ("Hi\n\nthere  ", "391 left · 1 segment"),
        ("a" * 161, "239 left · 2 segments"),
        ("Hi “you”", "392 left · 1 segment · ““” makes them shorter"),
        ("😀" * 40, "360 left · 2 segments · “😀” makes them shorter"),
    ]:
        reply.fill(text)
        expect(counter).to_have_text(said)
    reply.fill("  \n ")
    expect(counter).to_be_hidden()


def test_a_text_that_is_too_long_cannot_be_sent(page):
    reply, send = page.get_by_label("Your reply"), page.locator("[data-send]").first
    reply.fill("a" * 402)
    expect(page.locator("#counter")).to_have_text("2 characters too many · 3 segments")
    expect(send).to_be_disabled()
    expect(send).to_have_attribute("title", "2 characters too many")
    reply.press("Control+Enter")
    expect(reply).to_have_attribute("aria-invalid", "true")
    assert page.locator(".entry[data-from=us]").count() == 0
    assert reply.evaluate("field => field.validationMessage") == "2 characters too many"
    reply.fill("a" * 400)
    expect(send).to_be_enabled()
    expect(reply).not_to_have_attribute("aria-invalid", "true")


def test_a_screen_reader_hears_of_thresholds_alone(page):
    heard, reply = page.locator("#counter + [role=status]"), page.get_by_label("Your reply")
    reply.fill("a")  # another text may have been kept here
    heard.evaluate("status => { status.textContent = ''; }")
    for text, said in [
        ("a" * 100, ""),
        ("a" * 120, ""),
        ("a" * 170, "230 left · 2 segments"),
        ("a" * 171, "230 left · 2 segments"),
        ("a" * 390, "10 left · 3 segments"),
        ("a" * 395, "10 left · 3 segments"),
        ("a" * 401, "1 character too many · 3 segments"),
    ]:
        reply.fill(text)
        expect(heard).to_have_text(said)


def test_a_way_without_limits_counts_nothing(page):
    page.evaluate(
        "() => { const { dataset } = document.querySelector('[name=way]:checked');"
        " delete dataset.textLimit; delete dataset.segments; }"
    )
    page.get_by_label("Your reply").fill("a" * 5000)
    expect(page.locator("#counter")).to_be_hidden()
    expect(page.locator("[data-send]").first).to_be_enabled()
