"""A channel is connected by clicking through the steps; the page itself says when the first message is there."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

MAIL = "From: Gus <gus@cust.example>\nMessage-ID: <first@e>\nSubject: Is this on?\n\nHello.\n"


def test_from_the_list_of_kinds_to_the_first_message(
    installation: Installation, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("owner@shop.example")
    page.goto("/w/shop/settings/channels/")
    page.get_by_role("link", name="Add channel").click()
    page.get_by_role("link", name="E-mail An address like").click()
    page.get_by_role("link", name="Postmark").click()
    expect(page.get_by_label("Webhook secret")).to_be_visible()
    expect(page.get_by_label("IMAP server")).to_be_hidden()
    page.get_by_label("Name", exact=True).fill("Steps")
    page.get_by_label("E-mail address").fill("steps@shop.example")
    page.get_by_role("button", name="Connect", exact=True).click()

    expect(page.locator("#checks .steps li").first).to_be_visible()  # it is tried without being asked
    page.get_by_role("link", name="Continue").click()
    expect(page.locator("#webhook-url")).to_contain_text("/hooks/postmark/")
    page.get_by_role("link", name="Continue").click()
    expect(page.get_by_text("Waiting for the first message.")).to_be_visible()

    installation.manage("ingest_mail", "shop", "Steps", "-", "--wait", stdin=MAIL)
    expect(page.get_by_text("The first message is here")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Open conversation").click()
    expect(page.get_by_role("heading", name="Is this on?")).to_be_visible()
