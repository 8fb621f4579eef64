"""The list: several rows by keys, rows that come while somebody looks, rows that slide aside."""

import re
from collections.abc import Callable
from itertools import count
from time import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.providers.twilio import TwilioServer

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

_numbers = count(1)


@pytest.fixture
def customers(installation: Installation, twilio: TwilioServer) -> Callable[..., None]:
    """`customers("Ana", "Ben")`: each writes a text, of their name, to a number that is this test's alone."""
    ours = f"+1206556{next(_numbers):04}"
    account = {"account_sid": twilio.account_sid, "auth_token": twilio.auth_token}
    made = installation.create_channel("shop", "sms", f"List {ours}", number=ours, **account)
    twilio.add_number(ours, made["webhook_url"])

    def write(*texts: str) -> None:
        for text in texts:
            twilio.customer_writes(f"+1206557{next(_numbers):04}", text, to=ours)

    return write


def row(page: Page, text: str) -> Locator:
    return page.locator(".convo", has_text=text)


def place(found: Locator) -> float:
    box = found.bounding_box()
    assert box
    return box["y"]


def test_three_are_resolved_by_keys_and_brought_back(customers: Any, sign_in: Callable[..., Page]) -> None:
    customers("Key one", "Key two", "Key three")
    page = sign_in("ana@shop.example")
    page.goto("/w/shop/inbox/?view=open")
    for text in ("Key one", "Key two", "Key three"):
        expect(row(page, text)).to_be_visible()
    row(page, "Key three").locator(".convo-link").focus()
    for key in ("x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.locator("#bulk-title")).to_have_text("3 selected")
    page.keyboard.press("e")
    expect(page.locator(".toast")).to_contain_text("3 conversations resolved")
    expect(row(page, "Key three")).to_have_count(0)
    expect(page.locator("#bulk")).to_be_hidden()
    page.keyboard.press("z")
    expect(row(page, "Key three")).to_be_visible()
    expect(row(page, "Key one")).to_be_visible()


def test_nothing_moves_under_the_pointer(customers: Any, sign_in: Callable[..., Page]) -> None:
    customers("Stays one", "Stays two")
    page, colleague = sign_in("ana@shop.example"), sign_in("ben@shop.example")
    for each in (page, colleague):
        each.goto("/w/shop/inbox/?view=open")
        expect(row(each, "Stays two")).to_be_visible()
    row(page, "Stays one").hover()
    before = place(row(page, "Stays one"))
    customers("Comes now", "Comes too")
    expect(row(colleague, "Comes too")).to_be_visible()
    news = page.locator("#rows-new")
    expect(news).to_have_text("2 new")
    assert place(row(page, "Stays one")) == before
    row(colleague, "Stays two").click()
    expect(colleague.locator("#thread-lines")).to_contain_text("Stays two")
    expect(row(colleague, "Stays two")).not_to_have_attribute("data-unread", "")
    colleague.keyboard.press("e")
    expect(row(page, "Stays two")).to_have_attribute("data-gone", "")
    assert place(row(page, "Stays one")) == before
    page.mouse.move(900, 500)
    expect(row(page, "Stays two")).to_have_count(0)
    expect(row(page, "Comes too")).to_be_visible()
    expect(news).to_be_hidden()
    row(page, "Comes now").hover()
    customers("Comes last")
    expect(news).to_have_text("1 new")
    news.click()
    expect(row(page, "Comes last")).to_be_visible()
    expect(news).to_be_hidden()


def test_what_is_open_keeps_its_place_when_it_has_left(customers: Any, sign_in: Callable[..., Page]) -> None:
    customers("Stays after", "Open", "Before")
    page = sign_in("ana@shop.example")
    page.goto("/w/shop/inbox/?view=open")
    row(page, "Open").click()
    expect(page.locator("#thread-lines")).to_contain_text("Open")
    expect(row(page, "Open")).not_to_have_attribute("data-unread", "")
    page.keyboard.press("e")
    expect(row(page, "Open")).to_have_attribute("data-gone", "")
    page.keyboard.press("j")
    page.keyboard.press("Shift+U")
    expect(page.locator(".toast").last).to_contain_text("1 conversation marked as unread")
    expect(row(page, "Stays after").locator(".convo-link")).to_be_focused()


def swipe(page: Page, found: Locator, by: int) -> None:
    """A finger that moves over a row and rests before it leaves: after a fling the next tap would only end it."""
    box = found.bounding_box()
    assert box
    touch = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    begun = time()

    def send(kind: str, at: float, *points: dict[str, float]) -> None:
        event = {"type": kind, "touchPoints": list(points), "timestamp": begun + at}
        touch.send("Input.dispatchTouchEvent", event)

    send("touchStart", 0, {"x": x, "y": y})
    for step in range(1, 9):
        send("touchMove", step / 20, {"x": x + by * step / 8, "y": y})
    send("touchEnd", 1)


def test_a_row_slides_aside_on_a_phone(customers: Any, sign_in: Callable[..., Page]) -> None:
    customers("Slides right", "Slides left")
    page = sign_in("ana@shop.example", viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto("/w/shop/inbox/?view=open")
    expect(row(page, "Slides left")).to_be_visible()
    swipe(page, row(page, "Slides right"), 40)
    expect(row(page, "Slides right")).to_be_visible()
    swipe(page, row(page, "Slides right"), 150)
    expect(page.locator(".toast")).to_contain_text("1 conversation resolved")
    expect(row(page, "Slides right")).to_have_count(0)
    swipe(page, row(page, "Slides left"), -150)
    expect(page.locator(".toast").last).to_contain_text(re.compile("1 conversation snoozed until .+ 09:00"))
    expect(row(page, "Slides left")).to_have_count(0)
    page.locator(".toast").last.get_by_role("button", name="Undo").tap()
    expect(row(page, "Slides left")).to_be_visible()
