"""Writing in a browser: nothing is lost, and what leaves is what was written."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.providers import imap, smtp
from tests.providers.background import Background
from tests.providers.smtp import SmtpServer

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

DROP = """(form, name) => {
    const data = new DataTransfer();
    data.items.add(new File(["1,2,3"], name, { type: "text/csv" }));
    form.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
}"""


@pytest.fixture(scope="module")
def outgoing(background: Background, installation: Installation) -> SmtpServer:
    incoming, outgoing = imap.serve(background), smtp.serve(background)
    installation.connect_mail("shop", "Letters", "letters@shop.example", incoming, outgoing)
    return outgoing


@pytest.fixture
def asked(installation: Installation, outgoing: SmtpServer, request: pytest.FixtureRequest) -> str:
    """The path of a conversation with somebody who has just written a mail."""
    name = request.node.name
    mail = f"From: Cleo <{name[:40]}@cust.example>\nMessage-ID: <{name}@e>\nSubject: {name}\n\nHi.\n"
    told = json.loads(installation.manage("ingest_mail", "shop", "Letters", "-", "--wait", stdin=mail))
    return f"/w/shop/inbox/{told['conversation']}/"


def reply(page: Page):
    return page.get_by_label("Your reply")


def saved(page: Page) -> None:
    expect(page.locator("#saver-reply")).to_contain_text("Draft saved")


def test_a_draft_survives_a_reload_and_is_in_the_next_browser(asked: str, sign_in: Callable[..., Page]):
    page = sign_in("ana@shop.example")
    page.goto(asked)
    reply(page).press_sequentially("Dear ")
    reply(page).press("Control+b")
    reply(page).press_sequentially("Cleo")
    page.reload()
    expect(reply(page).locator("b")).to_have_text("Cleo")
    saved(page)
    other = sign_in("ana@shop.example")
    other.goto(asked)
    expect(reply(other)).to_have_text("Dear Cleo")
    reply(other).fill("From the phone")
    saved(other)
    expect(other.locator("#reply [name=revision]")).not_to_have_value("1")
    reply(page).press("End")
    reply(page).press_sequentially("!")
    expect(page.locator("#other-reply")).to_contain_text("From the phone")
    page.get_by_role("button", name="Use the other version").click()
    expect(reply(page)).to_have_text("From the phone")
    expect(page.locator("#other-reply")).to_contain_text("Dear Cleo!")


@pytest.mark.trouble
def test_a_file_is_dropped_sent_taken_back_and_there_again(asked: str, sign_in: Callable[..., Page]):
    page = sign_in("ana@shop.example")
    page.goto(asked)
    reply(page).fill("The list is attached.")
    page.locator("#reply").evaluate(DROP, "list.csv")
    expect(page.locator("#files-reply li")).to_contain_text("list.csv")
    page.locator("#reply [data-send]").click()
    with page.expect_navigation():
        page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(reply(page)).to_have_text("The list is attached.")
    expect(page.locator("#files-reply li")).to_contain_text("list.csv")
    page.get_by_role("button", name="Remove list.csv").click()
    page.locator("#reply [data-send]").click()
    expect(page.locator("#trouble-reply")).to_contain_text("Is a file missing?")
    expect(page.locator(".entry[data-from=us]")).to_have_count(0)


PASTE = """(html) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/html", html);
  const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.querySelector("#reply [contenteditable]").dispatchEvent(pasted);
}"""


def test_rich_text_arrives_as_html_beside_its_words(
    asked: str, sign_in: Callable[..., Page], outgoing: SmtpServer
):
    page = sign_in("ana@shop.example")
    page.goto(asked)
    reply(page).press("Control+b")
    reply(page).press_sequentially("Hello")
    reply(page).press("Control+b")
    reply(page).press_sequentially(" you, see ")
    page.evaluate(PASTE, '<a href="https://x.example/a" class="x">this</a>')
    before = len(outgoing.mails)
    page.locator("#reply [data-send]").click()
    expect(page.locator(".entry[data-from=us] .entry-body b")).to_have_text("Hello")
    message = outgoing.wait_for(before + 1, seconds=40)[-1].parsed
    words, html = message.get_body(("plain",)), message.get_body(("html",))
    assert words
    assert html
    assert words.get_content().startswith("Hello you, see this (https://x.example/a)")
    assert "<b>Hello</b>" in html.get_content()
    assert 'href="https://x.example/a"' in html.get_content()
    assert "class=" not in html.get_content()


def test_a_reply_is_scheduled_and_taken_back(asked: str, sign_in: Callable[..., Page]):
    page = sign_in("ana@shop.example")
    page.goto(asked)
    reply(page).fill("Good morning")
    page.get_by_title("More ways to send").click()
    page.get_by_role("button", name="Tomorrow morning").click()
    entry = page.locator(".entry[data-from=us]")
    expect(entry).to_contain_text("It is held if the customer writes before.")
    expect(reply(page)).to_have_text("")
    with page.expect_navigation():
        entry.get_by_role("button", name="Take back and edit").click()
    expect(reply(page)).to_have_text("Good morning")
    expect(entry).to_have_count(0)
