"""A failed integration, told on real parts: by chat, which breaks off, by text message, then by e-mail.

One person, one conversation, one timeline, the same agent; and the answer by e-mail is answered in its thread.
"""

import hmac
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.utils import make_msgid

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.providers import imap, smtp
from tests.providers.background import Background
from tests.providers.imap import ImapServer
from tests.providers.smtp import SmtpServer
from tests.providers.twilio import TwilioServer

from .conftest import IN_BROWSERS
from .installation import Installation
from .site import Site, serve

pytestmark = IN_BROWSERS

SECRET = "what only the shop's server knows"
TESS, MAILBOX = "Tess Okoye", "tess.okoye@northpeak.example"
PHONE, NUMBER = "+12065550142", "+12065550199"
LOG = "09:12:04 push order 30418 → 402 Payment Required\n09:12:05 push order 30419 → 402 Payment Required"


@pytest.fixture(scope="module")
def post(background: Background) -> tuple[ImapServer, SmtpServer]:
    return imap.serve(background), smtp.serve(background)


@pytest.fixture(scope="module")
def channels(installation: Installation, twilio: TwilioServer, post: tuple[ImapServer, SmtpServer]) -> str:
    """A chat, a number and a mailbox; the token of the chat."""
    installation.connect_mail("shop", "Help desk", "help@shop.example", *post)
    account = {"account_sid": twilio.account_sid, "auth_token": twilio.auth_token}
    texts = installation.create_channel("shop", "sms", "Texts", number=NUMBER, **account)
    twilio.add_number(NUMBER, texts["webhook_url"])
    chat = installation.create_channel("shop", "chat", "Help chat", form="off", identity_secret=SECRET)
    return str(chat["token"])


@pytest.fixture
def shop_page(installation: Installation, channels: str, chromium: Browser) -> Iterator[Page]:
    """The shop's page, with Tess signed in on it and the chat open."""
    site = Site(installation.url, channels)
    texts = {"hash": "t-77", "email-hash": f"t-77\n{MAILBOX}"}
    signed = {
        name: hmac.new(SECRET.encode(), text.encode(), "sha256").hexdigest() for name, text in texts.items()
    }
    site.user = {"id": "t-77", "email": MAILBOX, "name": TESS} | signed
    context = chromium.new_context()
    with serve(site):
        page = context.new_page()
        page.goto(site.url)
        page.locator("#omnidesk-chat .launcher").click()
        yield page
    context.close()


def test_chat_text_and_mail_are_one_conversation(
    installation: Installation,
    twilio: TwilioServer,
    post: tuple[ImapServer, SmtpServer],
    shop_page: Page,
    sign_in: Callable[..., Page],
) -> None:
    incoming, outgoing = post
    wide = {"viewport": {"width": 1440, "height": 900}}
    ana, ben = sign_in("ana@shop.example", **wide), sign_in("ben@shop.example", **wide)
    for agent in (ana, ben):
        agent.goto("/w/shop/inbox/?view=open")

    write = shop_page.get_by_label("Write a message")
    write.fill("Our order sync stopped this morning.")
    write.press("Enter")
    write.fill(LOG)
    write.press("Enter")
    for agent in (ana, ben):
        row(agent).click()
        expect(entry(agent, "09:12:05 push order 30419")).to_be_visible()
    expect(shop_page.locator("#omnidesk-chat header [role=status]")).to_have_text("Somebody is here for you")
    answer(ana, "Your payment method was retired: I have renewed it.")
    expect(shop_page.locator("[role=log] .bubble").last).to_have_text(
        "Your payment method was retired: I have renewed it."
    )
    expect(entry(ben, "I have renewed it")).to_be_visible()
    shop_page.close()

    know_number(ana)
    twilio.customer_writes(PHONE, "My train went into a tunnel. Is it fixed?", to=NUMBER)
    for agent in (ana, ben):
        expect(entry(agent, "My train went into a tunnel")).to_be_visible()
        expect(agent.locator(".switch-marker")).to_contain_text("Continued by SMS")

    asked = mail("Written confirmation", "Please confirm it in writing.")
    incoming.deliver(asked.as_bytes())
    installation.manage("poll_mail")
    for agent in (ana, ben):
        expect(entry(agent, "Please confirm it in writing")).to_be_visible()
    expect(ana.locator(".entry .attachment", has_text="orders.csv")).to_be_visible()

    answer(ana, "Confirmed: all 1,900 orders went through.")
    sent = outgoing.wait_for(1, seconds=40)[-1].parsed
    assert (sent["To"].addresses[0].addr_spec, sent["Subject"]) == (MAILBOX, "Re: Written confirmation")
    assert sent["In-Reply-To"] == asked["Message-ID"]

    incoming.deliver(mail("Re: Written confirmation", "Thank you.", answers=sent["Message-ID"]).as_bytes())
    installation.manage("poll_mail")
    expect(entry(ben, "Thank you.")).to_be_visible()

    expect(ben.locator(".thread-head")).to_contain_text("Ana Agent")
    ana.goto("/w/shop/inbox/?view=open")
    expect(row(ana)).to_have_count(1)
    expect(row(ana).locator(".trail .channel")).to_have_count(3)


def row(agent: Page):
    return agent.locator(".convo", has_text=TESS)


def entry(agent: Page, text: str):
    return agent.locator(".thread .entry", has_text=text).last


def answer(agent: Page, text: str) -> None:
    agent.get_by_label("Your reply").fill(text)
    agent.get_by_label("Your reply").press("Control+Enter")
    expect(agent.locator(".entry[data-from=us]", has_text=text)).to_be_visible()


def know_number(agent: Page) -> None:
    """The agent takes down the number that Tess gave: from now on it is known to be hers."""
    agent.locator(".contact-top").get_by_role("link", name=TESS).click()
    agent.get_by_role("link", name="Add an address").click()
    agent.get_by_label("Kind").select_option("sms")
    agent.get_by_label("Address or number").fill(PHONE)
    agent.get_by_role("button", name="Add", exact=True).click()
    expect(agent.get_by_text(PHONE, exact=True)).to_be_visible()
    agent.goto("/w/shop/inbox/?view=open")
    row(agent).click()


def mail(subject: str, text: str, *, answers: str = "") -> EmailMessage:
    """A mail of Tess's as the shop's mail server, which vouches for it, stores it; the first has a file."""
    message = EmailMessage()
    message["Authentication-Results"] = "mx.shop.example; dmarc=pass header.from=northpeak.example"
    message["From"], message["To"], message["Subject"] = f"{TESS} <{MAILBOX}>", "help@shop.example", subject
    message["Message-ID"] = make_msgid(domain="northpeak.example")
    if answers:
        message["In-Reply-To"] = message["References"] = answers
    message.set_content(text)
    if not answers:
        message.add_attachment(b"30418,402\n30419,402\n", "text", "csv", filename="orders.csv")
    return message
