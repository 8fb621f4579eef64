"""Two agents at the same conversation."""

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

_subjects = count(1)


@pytest.fixture
def subject(installation: Installation) -> str:
    """The subject of a mail that has just come in."""
    number = next(_subjects)
    if number == 1:
        installation.create_channel("shop", "email", "Both", address="both@shop.example")
    subject = f"For both {number}"
    mail = f"From: Dana <dana@both.example>\nMessage-ID: <both-{number}@x>\nSubject: {subject}\n\nWho?\n"
    installation.manage("ingest_mail", "shop", "Both", "-", "--wait", stdin=mail)
    return subject


@pytest.fixture
def both(subject: str, sign_in: Callable[..., Page]) -> tuple[Page, Page]:
    """Ana and Ben, with the conversation open."""
    pages = sign_in("ana@shop.example"), sign_in("ben@shop.example")
    for page in pages:
        page.goto("/w/shop/inbox/?view=open")
        page.locator(".convo", has_text=subject).click()
        expect(page.get_by_label("Your reply")).to_be_visible()
    return pages


def test_they_see_each_other_look_and_write_and_leave(both: tuple[Page, Page]) -> None:
    ana, ben = both
    expect(ana.locator(".viewers")).to_contain_text("Ben Agent is also viewing")
    expect(ben.locator(".viewers")).to_contain_text("Ana Agent is also viewing")
    ben.get_by_label("Your reply").fill("I have")
    expect(ana.locator("#beside")).to_have_text("BA Ben Agent is writing a reply…")
    ben.get_by_label("Your reply").fill("")
    expect(ana.locator("#beside")).to_have_text("")
    second = ben.context.new_page()
    second.goto(ben.url)
    expect(second.locator(".viewers")).to_contain_text("Ana Agent is also viewing")
    ben.close()
    expect(ana.locator(".viewers")).to_contain_text("Ben Agent is also viewing")
    second.goto("/w/shop/contacts/")
    expect(ana.locator(".viewers")).to_have_text("")


def test_the_second_to_write_is_warned_and_can_take_over(both: tuple[Page, Page]) -> None:
    ana, ben = both
    ben.get_by_label("Your reply").fill("Let me see")
    expect(ana.locator("#beside")).to_contain_text("Ben Agent is writing a reply…")
    ana.get_by_label("Your reply").fill("I know")
    warning = ana.locator("#beside .banner")
    expect(warning).to_contain_text("Ben Agent is on this. Take over?")
    expect(ben.locator("#beside")).to_contain_text("Ana Agent is writing a reply…")
    expect(ben.locator("#beside .banner")).to_have_count(0)
    warning.get_by_role("button", name="Take over").click()
    expect(warning).to_have_count(0)
    expect(ben.locator("#beside .banner")).to_contain_text("Ana Agent is on this. Take over?")
    ben.get_by_role("button", name="Reply anyway").click()
    expect(ben.locator("#beside .banner")).to_have_count(0)
    ben.get_by_role("button", name="Send", exact=False).first.click()
    expect(ben.locator("#thread-lines")).to_contain_text("Let me see")
