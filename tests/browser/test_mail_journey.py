"""The main job on real parts: mail in, seen by two agents at once, answered, and answered back."""

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

CUSTOMER = "Dana Okafor <dana@northwind.example>"


@pytest.fixture(scope="module")
def mailbox(background: Background) -> ImapServer:
    return imap.serve(background)


@pytest.fixture(scope="module")
def mail_server(background: Background) -> SmtpServer:
    return smtp.serve(background)


@pytest.fixture(scope="module")
def channel(installation: Installation, mailbox: ImapServer, mail_server: SmtpServer) -> None:
    installation.connect_mail("shop", "Support", "support@shop.example", mailbox, mail_server)


def mail(subject: str, text: str, *, answers: str = "") -> bytes:
    """A mail of the customer as our mail server, which vouches for it, stores it."""
    message = EmailMessage()
    message["Authentication-Results"] = "mx.shop.example; dmarc=pass header.from=northwind.example"
    message["From"], message["To"], message["Subject"] = CUSTOMER, "support@shop.example", subject
    message["Message-ID"] = make_msgid(domain="northwind.example")
    if answers:
        message["In-Reply-To"] = message["References"] = answers
    message.set_content(text)
    return message.as_bytes()


def row(page: Page, subject: str):
    return page.locator(".convo").filter(has_text=subject)


def test_a_mail_is_seen_answered_and_answered_back_live(
    installation: Installation,
    channel: None,
    mailbox: ImapServer,
    mail_server: SmtpServer,
    sign_in: Callable[..., Page],
) -> None:
    ana, ben = sign_in("ana@shop.example"), sign_in("ben@shop.example")
    for page in (ana, ben):
        page.goto("/w/shop/inbox/?view=unassigned")

    mailbox.deliver(mail("Order sync rejected", "Every push comes back 402."))
    installation.manage("poll_mail")
    for page in (ana, ben):
        expect(row(page, "Order sync rejected")).to_be_visible()

    row(ben, "Order sync rejected").click()
    expect(ben.get_by_text("Every push comes back 402.").last).to_be_visible()
    row(ana, "Order sync rejected").click()
    reply = ana.get_by_label("Your reply")
    reply.fill("Your plan is active again, Dana.")
    reply.press("Control+Enter")
    expect(ana.locator(".entry[data-from=us]")).to_contain_text("Your plan is active again")
    expect(ben.locator(".entry[data-from=us]")).to_contain_text("Your plan is active again")

    sent = mail_server.wait_for(1, seconds=40)[0].parsed
    assert sent["To"] == "dana@northwind.example" or "dana@northwind.example" in sent["To"]
    assert sent["Subject"] == "Re: Order sync rejected"
    assert sent["In-Reply-To"].endswith("@northwind.example>")
    expect(ana.locator(".entry[data-from=us] .ticks")).to_contain_text("Sent")

    mailbox.deliver(mail("Re: Order sync rejected", "Thanks, it works.", answers=sent["Message-ID"]))
    installation.manage("poll_mail")
    for page in (ana, ben):
        expect(page.locator(".thread").get_by_text("Thanks, it works.")).to_be_visible()
    ana.goto("/w/shop/inbox/?view=open")
    expect(row(ana, "Order sync rejected")).to_have_count(1)


def test_a_reply_can_be_taken_back_before_it_leaves(
    installation: Installation,
    channel: None,
    mailbox: ImapServer,
    mail_server: SmtpServer,
    sign_in: Callable[..., Page],
) -> None:
    before = len(mail_server.mails)
    mailbox.deliver(mail("Second thoughts", "May I return it?"))
    installation.manage("poll_mail")
    page = sign_in("ana@shop.example")
    page.goto("/w/shop/inbox/?view=unassigned")
    row(page, "Second thoughts").click()
    page.get_by_label("Your reply").fill("No.")
    page.get_by_role("button", name="Send", exact=False).first.click()
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Your reply")).to_have_text("No.")
    page.wait_for_timeout(11_000)
    assert len(mail_server.mails) == before
