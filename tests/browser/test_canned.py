"""A canned reply by keys alone, and a macro looked at, run and taken back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

MAIL = """From: Rosa Lind <rosa@canned.example>
Message-ID: <canned-1@canned.example>
Subject: Torn sail
Authentication-Results: mx.shop.example; dmarc=pass header.from=canned.example

It tore.
"""
KEEP = """
from conversations.models import CannedReply, Macro
from conversations.services.macros.keeping import keep_macro
from conversations.services.tools import keep
from tenancy.models import Member, Workspace
from tenancy.scope import scope
with scope(Workspace.objects.get(slug="shop").pk):
    by = Member.objects.get(user__email="owner@shop.example")
    for name, shortcut, text in (
        ("Parcel", "par", "Hi {{contact.first_name}}, it is on its way."),
        ("Other", "oth", "Something of {{account.name}}."),
    ):
        keep(tool=CannedReply(name=name, shortcut=shortcut, text=text), shared=True, by=by)
    actions = [
        {"do": "reply", "text": "Solved, {{contact.first_name}}."},
        {"do": "assign", "assignee": "me"},
        {"do": "status", "status": "resolved"},
    ]
    keep_macro(macro=Macro(name="Close it"), actions=actions, shared=True, by=by)
"""


@pytest.fixture(scope="module")
def address(installation: Installation) -> str:
    """The page of a conversation with Rosa, in a workspace with canned replies and a macro."""
    installation.create_channel(
        "shop", "email", "Sails", address="sails@shop.example", authserv_ids="mx.shop.example"
    )
    installation.manage("ingest_mail", "shop", "Sails", "-", "--wait", stdin=MAIL)
    installation.manage("shell", "--no-imports", "-c", KEEP)
    return "/w/shop/inbox/?view=open"


@pytest.fixture
def page(address: str, sign_in: Callable[..., Page]) -> Page:
    signed_in = sign_in("ana@shop.example", viewport={"width": 1440, "height": 900})
    signed_in.goto(address)
    signed_in.locator(".convo").filter(has_text="Torn sail").first.click()
    expect(signed_in.locator("#thread-title")).to_have_text("Torn sail")
    return signed_in


def test_a_slash_lists_narrows_and_puts_in_what_is_filled(page: Page) -> None:
    field, options = (
        page.locator("#reply [contenteditable]"),
        page.locator("#canned-reply [role=option]"),
    )
    field.click()
    page.keyboard.type("Hello. /")
    expect(options.locator("visible=true")).to_have_count(2)
    page.keyboard.type("par")
    expect(options.locator("visible=true")).to_have_count(1)
    expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_have_js_property("value", "Hello. Hi Rosa, it is on its way.")
    expect(page.locator("#canned-reply")).to_be_hidden()
    page.keyboard.type(" /o")
    expect(options.locator("visible=true")).not_to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#canned-reply")).to_be_hidden()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")


def test_what_is_not_known_is_told_and_stays_to_be_filled_in(page: Page) -> None:
    page.locator("#reply [data-canned]").click()
    page.locator("#canned-reply [role=option]").filter(has_text="Other").click()
    expect(page.locator("#reply [data-missing]")).to_contain_text("the customer's company")
    expect(page.locator("#reply-text")).to_have_js_property("value", "Something of {{account.name}}.")


def test_a_macro_is_looked_at_run_and_taken_back_by_keys(page: Page) -> None:
    page.locator("#thread-title").click()
    page.keyboard.press("m")
    expect(page.locator("#find-macro")).to_be_focused()
    page.keyboard.type("close")
    page.keyboard.press("Enter")
    expect(page.locator(".plan")).to_contain_text("Solved, Rosa.")
    expect(page.locator("[data-plan] [type=submit]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".status-word")).to_contain_text("Resolved", timeout=15_000)
    page.keyboard.press("z")
    expect(page.locator(".status-word")).to_contain_text("Open", timeout=15_000)
    expect(page.locator("#reply-text")).to_have_value(re.compile(r"^Solved, Rosa\."))
