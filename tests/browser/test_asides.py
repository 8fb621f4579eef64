"""A carrier is asked aside by mail and answers; facts and notes are changed in place; one writes first."""

from collections.abc import Callable
from email.message import EmailMessage
from email.utils import make_msgid

import pytest
from playwright.sync_api import Page, expect

from tests.providers import imap, smtp
from tests.providers.background import Background
from tests.providers.imap import ImapServer
from tests.providers.smtp import SmtpServer

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

PARCEL = "Parcel 00340434"


@pytest.fixture(scope="module")
def mailbox(background: Background) -> ImapServer:
    return imap.serve(background)


@pytest.fixture(scope="module")
def mail_server(background: Background) -> SmtpServer:
    return smtp.serve(background)


@pytest.fixture(scope="module")
def channel(installation: Installation, mailbox: ImapServer, mail_server: SmtpServer) -> None:
    installation.connect_mail("shop", "Claims", "claims@shop.example", mailbox, mail_server)


def mail(sender: str, subject: str, text: str, *, answers: str = "") -> bytes:
    """A mail as our mail server, which vouches for its sender, stores it."""
    message, domain = EmailMessage(), sender.rpartition("@")[2].strip(">")
    message["Authentication-Results"] = f"mx.shop.example; dmarc=pass header.from={domain}"
    message["From"], message["To"], message["Subject"] = sender, "claims@shop.example", subject
    message["Message-ID"] = make_msgid(domain=domain)
    if answers:
        message["In-Reply-To"] = message["References"] = answers
    message.set_content(text)
    return message.as_bytes()


@pytest.fixture
def ana(installation: Installation, channel: None, mailbox: ImapServer, sign_in: Callable[..., Page]) -> Page:
    """An agent who looks at a customer's mail."""
    mailbox.deliver(mail("Iva Berg <iva@cust.example>", "Lost parcel", "It never came."))
    installation.manage("poll_mail")
    page = sign_in("ana@shop.example", viewport={"width": 1440, "height": 900})
    page.goto("/w/shop/inbox/?view=unassigned")
    page.locator(".convo").filter(has_text="Lost parcel").first.click()
    expect(page.locator(".thread").get_by_text("It never came.").first).to_be_visible()
    return page


def test_a_carrier_is_asked_aside_and_its_answer_is_seen_where_it_belongs(
    ana: Page, installation: Installation, mailbox: ImapServer, mail_server: SmtpServer
) -> None:
    ana.locator("#thread summary[title=More]").click()
    ana.get_by_role("link", name="Ask aside").click()
    ana.get_by_label("Somebody outside, by e-mail").check()
    ana.get_by_label("E-mail address").fill("desk@carrier.example")
    ana.get_by_label("Subject", exact=True).last.fill(PARCEL)
    ana.get_by_label("Your question").fill("Where is it?")
    ana.get_by_label("Your question").press("Control+Enter")
    expect(ana.locator(".side-mark")).to_contain_text("the customer never sees this")

    sent = next(one.parsed for one in reversed(mail_server.wait_for(1, seconds=60)))
    assert (sent["Subject"], "desk@carrier.example" in sent["To"]) == (PARCEL, True)
    assert "It never came." not in sent.as_string()
    ana.locator(".side-mark a").click()
    expect(ana.locator("#sides")).to_contain_text(PARCEL)

    answer = mail("desk@carrier.example", f"Re: {PARCEL}", "In Leipzig.", answers=sent["Message-ID"])
    mailbox.deliver(answer)
    installation.manage("poll_mail")
    expect(ana.locator("#sides")).to_contain_text("In Leipzig.")
    expect(ana.locator(".thread")).to_contain_text("answered in the side conversation")
    expect(ana.locator(".thread .entry-card").get_by_text("In Leipzig.")).to_have_count(0)


def test_a_fact_and_a_note_are_changed_in_their_place_by_keys_alone(ana: Page) -> None:
    title = ana.locator("#line-title")
    title.get_by_role("link").focus()
    ana.keyboard.press("Enter")
    expect(title.get_by_role("textbox")).to_be_focused()
    ana.keyboard.type("Buyer")
    ana.keyboard.press("Escape")
    expect(title.get_by_role("link")).to_be_focused()
    expect(title).to_contain_text("Not set")
    ana.keyboard.press("Enter")
    expect(title.get_by_role("textbox")).to_be_focused()
    ana.keyboard.type("Buyer")
    ana.keyboard.press("Enter")
    expect(title.get_by_role("link", name="Buyer")).to_be_focused()

    ana.locator("#note-add").focus()
    ana.keyboard.press("Enter")
    expect(ana.locator("#note-new textarea")).to_be_focused()
    ana.keyboard.type("Calls back after four.")
    ana.keyboard.press("Tab")
    ana.keyboard.press("Enter")
    expect(ana.locator("#card-notes")).to_contain_text("Calls back after four.")
    expect(ana.locator("#note-add")).to_be_focused()


def test_a_conversation_begins_with_a_key_and_a_typed_address(ana: Page) -> None:
    ana.goto("/w/shop/inbox/?view=unassigned")
    ana.keyboard.press("c")
    ana.wait_for_url("**/inbox/new/")
    field = ana.get_by_label("To whom? A name, an address or a number")
    expect(field).to_be_focused()
    ana.keyboard.type("bo@new.example")
    ana.get_by_role("button", name="Write to bo@new.example").click()
    ana.get_by_label("Subject", exact=True).fill("Your order")
    message = ana.get_by_label("Message", exact=True)
    message.click()
    ana.keyboard.type("It has left.")
    ana.keyboard.press("Control+Enter")
    ana.wait_for_url("**/inbox/*/")
    expect(ana.locator(".entry[data-from=us]")).to_contain_text("It has left.")
