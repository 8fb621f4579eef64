"""Choosing how to answer by keys alone, and splitting a thread with a way back."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS


@pytest.fixture(scope="module")
def thread(installation: Installation) -> str:
    """The subject of a conversation of two mails, in a workspace with two channels to answer by."""
    for name in ("Desk", "Orders"):
        address = f"{name.lower()}@shop.example"
        installation.create_channel("shop", "email", name, address=address, authserv_ids="mx.shop.example")
    for number, text in ((1, "It came broken."), (2, "And where is my other order?")):
        mail = _mail(number, text, answers="<split-1@cust.example>" if number == 2 else "")
        installation.manage("ingest_mail", "shop", "Desk", "-", "--wait", stdin=mail)
    return "Broken lamp"


def _mail(number: int, text: str, *, answers: str) -> str:
    mail = EmailMessage()
    mail["Authentication-Results"] = "mx.shop.example; dmarc=pass header.from=cust.example"
    mail["From"], mail["To"] = "Rosa Lind <rosa@cust.example>", "desk@shop.example"
    mail["Subject"], mail["Message-ID"] = "Broken lamp", f"<split-{number}@cust.example>"
    if answers:
        mail["In-Reply-To"] = answers
    mail.set_content(text)
    return mail.as_string()


@pytest.fixture
def page(thread: str, sign_in: Callable[..., Page]) -> Page:
    signed_in = sign_in("ana@shop.example")
    signed_in.goto("/w/shop/inbox/?view=open")
    signed_in.locator(".convo").filter(has_text=thread).first.click()
    expect(signed_in.locator("#thread-title")).to_have_text(thread)
    return signed_in


def test_keys_choose_how_to_answer_and_lead_on_to_the_text(page: Page) -> None:
    page.locator(".thread-title").click()
    page.keyboard.press("Shift+R")
    expect(page.locator("[data-ways] input:checked")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("[data-ways]")).not_to_have_attribute("open", "")
    expect(page.locator("[data-way=name]")).not_to_have_text("Desk")
    expect(page.get_by_label("Your reply")).to_be_focused()
    assert page.locator(".entry[data-from=us]").count() == 0


def test_a_split_can_be_taken_back_and_old_links_lead_to_where_it_is(page: Page) -> None:
    old, toasts = page.url.partition("?")[0], page.locator("#toasts")
    entry = split(page)
    expect(toasts).to_contain_text("Split off into #")
    expect(page.locator(f"#{entry}")).to_have_count(0)
    toasts.get_by_role("button", name="Undo").click()
    expect(toasts).to_contain_text("Taken back")
    expect(page.locator(f"#{entry}")).to_be_visible()

    assert split(page) == entry
    expect(page.locator(f"#{entry}")).to_have_count(0)
    page.goto("/w/shop/settings/profile/")
    page.goto(f"{old}#{entry}")
    expect(page.locator(f"#{entry}")).to_be_visible()
    assert page.url.partition("?")[0] != old


def split(page: Page) -> str | None:
    """Split the second mail off by its menu; returns what it is called in the page."""
    second = page.locator(".entry").filter(has_text="And where is my other order?").last
    name = second.get_attribute("id")
    second.hover()
    second.get_by_title("Link, move or split").click()
    second.get_by_role("button", name="Split from here").click()
    return name
