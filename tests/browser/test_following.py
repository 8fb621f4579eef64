"""The way that an answer goes follows what the customer wants, while nobody has begun to write it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.providers.twilio import TwilioServer

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

NUMBER, OTHER, CUSTOMER = "+12065550188", "+12065550189", "+12065550143"


def test_stop_closes_the_way_on_the_screen_and_start_opens_it(
    installation: Installation, twilio: TwilioServer, sign_in: Callable[..., Page]
) -> None:
    account = {"account_sid": twilio.account_sid, "auth_token": twilio.auth_token}
    for name, number in (("Follows", NUMBER), ("Stays", OTHER)):
        made = installation.create_channel("shop", "sms", name, number=number, **account)
        twilio.add_number(number, made["webhook_url"])
    agent = sign_in("ana@shop.example")
    agent.goto("/w/shop/inbox/?view=open")
    twilio.customer_writes(CUSTOMER, "Is it on its way?", to=NUMBER)
    agent.locator(".convo", has_text="Is it on its way?").click()
    way, reply = agent.locator("[data-way=name]"), agent.get_by_label("Your reply")
    expect(way).to_have_text("Follows")

    twilio.customer_writes(CUSTOMER, "STOP", to=NUMBER)
    expect(way).to_have_text("Stays")
    twilio.customer_writes(CUSTOMER, "START", to=NUMBER)
    expect(way).to_have_text("Follows")

    reply.fill("It is.")
    twilio.customer_writes(CUSTOMER, "STOP", to=NUMBER)
    expect(agent.locator("#thread-lines [data-event=opted_out]")).to_have_count(2)
    expect(way).to_have_text("Follows")
    expect(reply).to_have_value("It is.")
