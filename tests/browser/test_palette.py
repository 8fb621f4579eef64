"""Searching and doing by keys alone, and the focus that is never lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

MAIL = (
    "From: Nora North <nora@north.example>\nMessage-ID: <pal@x>\nSubject: Gate keys\n\nThe gate is stuck.\n"
)


@pytest.fixture(scope="module")
def thread(installation: Installation) -> str:
    installation.create_channel("shop", "email", "Gate", address="gate@shop.example")
    installation.manage("ingest_mail", "shop", "Gate", "-", "--wait", stdin=MAIL)
    return "Gate keys"


@pytest.fixture
def page(thread: str, sign_in: Callable[..., Page]) -> Page:
    signed_in = sign_in("ana@shop.example")
    signed_in.goto("/w/shop/inbox/?view=open")
    return signed_in


def test_the_palette_finds_people_and_goes_there(page: Page) -> None:
    page.locator("#rows").focus()
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Search or run a command")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#rows")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("nora")
    option = page.get_by_role("option").filter(has_text="Nora North").first
    expect(option).to_be_visible()
    while option.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "?")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/w/shop/(contacts|inbox)/\d+/"))


def test_the_palette_does_what_the_page_can_do(page: Page, thread: str) -> None:
    page.locator(".convo").filter(has_text=thread).first.click()
    expect(page.locator("#thread-title")).to_have_text(thread)
    page.keyboard.press("Control+k")
    page.keyboard.type("resol")
    option = page.get_by_role("option").filter(has_text="Resolve").first
    expect(option.locator("kbd")).to_have_text("E")
    page.keyboard.press("Enter")
    expect(page.locator("#thread").get_by_role("button", name="Reopen")).to_be_visible()
    # What was pressed has gone with the swap; what stands in its place has the focus.
    assert page.evaluate("document.activeElement !== document.body")


def test_search_answers_while_typing_and_goes_on_by_keys(page: Page, thread: str) -> None:
    page.goto("/w/shop/search/")
    page.get_by_role("searchbox", name="Search").press_sequentially("stuck")
    hit = page.locator(".hit").filter(has_text="The gate is stuck").first
    expect(hit.locator("mark")).to_have_text("stuck")
    expect(page).to_have_url("/w/shop/search/?q=stuck")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".hit a").first).to_be_focused()
    page.keyboard.press("F6")
    assert page.evaluate("document.activeElement.closest('.rail') !== null")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
