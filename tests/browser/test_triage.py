"""A morning's work without a mouse: twenty conversations, one after the other."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

MANY = 20
MAILS = "".join(
    f"From MAILER Mon Nov 23 09:00:00 2026\nFrom: Guest {number} <guest-{number}@cust.example>\n"
    f"Message-ID: <{number}@triage>\nSubject: Triage {number}\n\nPlease look at case {number}.\n\n"
    for number in range(MANY)
)


@pytest.fixture(scope="module")
def channel(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> int:
    """A channel on which twenty mails wait, none of them anybody's: its id."""
    made = installation.create_channel("shop", "email", "Triage", address="triage@shop.example")
    box = tmp_path_factory.mktemp("triage") / "mails.mbox"
    box.write_text(MAILS)
    installation.manage("ingest_mail", "shop", "Triage", "--mbox", str(box), "--wait")
    return int(made["id"])


def resolve(page: Page) -> str:
    page.keyboard.press("e")
    return "Resolved"


def snooze(page: Page) -> str:
    page.keyboard.press("h")
    expect(page.locator("details.picker[open] .menu-item:focus")).to_be_attached()
    page.keyboard.press("Enter")
    return "Snoozed until"


def mark_spam_by_palette(page: Page) -> str:
    page.keyboard.press("Control+k")
    page.keyboard.type("mark as spam")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Mark as spam")
    page.keyboard.press("Enter")
    return "Marked as spam"


def answer(page: Page) -> str:
    page.keyboard.press("r")
    page.keyboard.type("Done, thank you.")
    page.keyboard.press("Control+Enter")
    return "is on its way"


ACTS: list[Callable[[Page], str]] = [resolve, snooze, mark_spam_by_palette, answer]


def open_next(page: Page, settled: list[str]) -> str:
    """Open what comes next, unless resolving the one before has: the name of what is open."""
    title = page.locator("#thread-title")
    if not settled or title.inner_text() in settled:
        page.keyboard.press("j")
        name = page.locator(".convo-link:focus .convo-line b").inner_text()
        page.keyboard.press("Enter")
        expect(title).to_have_text(name)
    return title.inner_text()


def test_twenty_conversations_are_settled_by_keys_alone(sign_in, channel):
    page = sign_in("ana@shop.example")
    page.goto(f"/w/shop/inbox/?view=channel:{channel}")
    left = page.locator(".convo:not([data-gone])")
    expect(left).to_have_count(MANY)
    settled: list[str] = []
    for number in range(MANY):
        name = open_next(page, settled)
        said = ACTS[number % len(ACTS)](page)
        expect(page.locator(".toast").last).to_contain_text(said)
        if said == "is on its way":
            page.keyboard.press("Escape")
            page.keyboard.press("e")
        expect(left.filter(has_text=re.compile(rf"{name}\b"))).to_have_count(0)
        settled.append(name)
    expect(left).to_have_count(0)
    assert len(set(settled)) == MANY
