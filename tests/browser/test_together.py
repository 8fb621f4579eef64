"""Two agents at the same conversation."""

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

_subjects = count(1)

# A tab that has not the focus, and what it speaks of.
SPOKEN = """
document.hasFocus = () => false;
window.spoken = [];
window.Notification = class extends Notification {
  constructor(title, facts) { super(title, facts); spoken.push(`${title} | ${facts.body}`); }
};
"""


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


def mention_ana(ben: Page, text: str) -> None:
    """Write a note that names her."""
    ben.get_by_role("link", name="Note").first.click()
    ben.get_by_label("Your note").fill(f"@Ana Agent {text}")
    ben.get_by_role("button", name="Add note").click()
    expect(ben.locator("#thread-lines")).to_contain_text(text)


def test_a_mention_arrives_in_the_bell_and_one_tab_speaks_of_it(
    both: tuple[Page, Page], subject: str
) -> None:
    ana, ben = both
    ana.context.grant_permissions(["notifications"])
    ana.context.add_init_script(SPOKEN)
    tabs = [ana, ana.context.new_page()]
    for tab in tabs:
        tab.goto("/w/shop/notices/")
    if tabs[0].get_by_role("button", name="Mark all as read").is_enabled():
        tabs[0].get_by_role("button", name="Mark all as read").click()
    for tab in tabs:
        expect(tab.locator("#bell [data-newest]")).to_have_attribute("data-unread", "")
    mention_ana(ben, "who knows this?")
    for tab in tabs:
        expect(tab.locator("#bell")).to_contain_text("Notices, 1 unread")
        expect(tab).to_have_title("(1) Notices · Corner Shop · Omnidesk")
        expect(tab.locator("#notices")).to_contain_text("Ben Agent mentioned you")
    tabs[1].wait_for_timeout(300)  # for a second one that must not come
    spoken = [words for tab in tabs for words in tab.evaluate("spoken")]
    assert spoken == [f"Ben Agent mentioned you | {subject}: @Ana Agent who knows this?"]
    tabs[0].get_by_role("link", name="Ben Agent mentioned you").first.click()
    expect(tabs[0].locator("#thread-lines")).to_contain_text("who knows this?")
    expect(tabs[1].locator("#bell [data-newest]")).to_have_attribute("data-unread", "")


def test_the_bell_misses_nothing_while_the_line_is_down(both: tuple[Page, Page]) -> None:
    ana, ben = both
    lines: list[WebSocketRoute] = []
    is_down = False

    def connect(line: WebSocketRoute) -> None:
        lines.append(line)
        if is_down:
            line.close()
        else:
            line.connect_to_server()

    ana.route_web_socket("**/ws/w/shop/", connect)
    ana.goto("/w/shop/notices/")
    bell = ana.locator("#bell [data-newest]")
    expect(bell).to_have_attribute("data-unread", "")
    is_down = True
    lines[-1].close()
    mention_ana(ben, "are you there?")
    while len(lines) < 3:
        ana.evaluate("new Promise(requestAnimationFrame)")
    expect(bell).to_have_attribute("data-unread", "")
    is_down = False
    expect(bell).to_have_attribute("data-unread", "1")
    expect(ana.locator("#notices")).to_contain_text("are you there?")


def test_who_resolves_goes_on_to_the_next(both: tuple[Page, Page]) -> None:
    ana, _ = both
    ana.goto("/w/shop/settings/profile/")
    ana.get_by_label("After resolving, go to").select_option("next")
    ana.locator("#wishes").get_by_role("button", name="Save").click()
    ana.goto("/w/shop/inbox/?view=open")
    rows = ana.locator(".convo-link")
    rows.first.click()
    second = str(rows.nth(1).get_attribute("href"))
    ana.get_by_role("button", name="Resolve").first.click()
    ana.wait_for_url(f"**{second}")
    expect(ana.locator("#toasts")).to_contain_text("Resolved")
