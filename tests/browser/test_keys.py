"""Where the focus is, and what keys do while something else is under way."""

from collections.abc import Callable
from email.message import EmailMessage
from email.utils import make_msgid

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

PANE = "document.activeElement.closest('.rail, .sidebar, .pane').className"


@pytest.fixture(scope="module")
def channel(installation: Installation) -> int:
    return int(
        installation.create_channel(
            "shop", "email", "Keys", address="keys@shop.example", authserv_ids="mx.shop.example"
        )["id"]
    )


@pytest.fixture
def write(installation: Installation, channel: int) -> Callable[[str], None]:
    """A mail of a customer, who goes on in the conversation of the same subject."""

    def written(subject: str, text: str = "Hello") -> None:
        first, again = f"<{subject.replace(' ', '-')}@keys>", text.startswith("Again")
        mail = EmailMessage()
        mail["Authentication-Results"] = "mx.shop.example; dmarc=pass header.from=keys.example"
        mail["From"], mail["To"], mail["Subject"] = "guest@keys.example", "keys@shop.example", subject
        mail["Message-ID"] = make_msgid() if again else first
        if again:
            mail["In-Reply-To"] = first
        mail.set_content(text)
        installation.manage("ingest_mail", "shop", "Keys", "-", "--wait", stdin=mail.as_string())

    return written


@pytest.fixture
def page(sign_in: Callable[..., Page], channel: int) -> Page:
    return sign_in("ana@shop.example", viewport={"width": 1440, "height": 900})


def open_by_keys(page: Page, channel: int, subject: str) -> None:
    page.goto(f"/w/shop/inbox/?view=channel:{channel}")
    page.locator(".convo-link", has_text=subject).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#thread-title")).to_have_text(subject)


def by_palette(page: Page, typed: str, name: str) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type(typed)
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text(name)
    page.keyboard.press("Enter")


def test_f6_goes_round_all_panes_and_back(page, channel, write):
    write("Round")
    open_by_keys(page, channel, "Round")
    seen = []
    for _ in range(5):
        page.keyboard.press("F6")
        seen.append(page.evaluate(PANE))
    assert len(set(seen)) == 5, seen
    page.keyboard.press("Shift+F6")
    assert page.evaluate(PANE) == seen[3]


def test_keys_meant_for_what_is_on_its_way_wait_for_it(page, channel, write):
    write("Slow one")
    page.goto(f"/w/shop/inbox/?view=channel:{channel}")

    def hold(route: Route) -> None:
        page.wait_for_timeout(700)
        route.continue_()

    page.route("**/inbox/*/?view=channel*", hold)
    page.locator(".convo-link", has_text="Slow one").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("r")
    page.keyboard.type("hello there, e")
    expect(page.locator("#thread-title")).to_have_text("Slow one")
    expect(page.get_by_label("Your reply")).to_have_text("hello there, e")
    expect(page.get_by_label("Your reply")).to_be_focused()


def test_a_kept_draft_is_gone_on_with_at_its_end(page, channel, write):
    write("Kept")
    open_by_keys(page, channel, "Kept")
    page.keyboard.press("r")
    page.keyboard.type("Dear customer,")
    expect(page.locator("#saver-reply")).to_contain_text("Draft saved")
    open_by_keys(page, channel, "Kept")
    page.keyboard.press("r")
    page.keyboard.type(" more")
    expect(page.get_by_label("Your reply")).to_have_text("Dear customer, more")


def test_esc_leads_from_the_text_to_the_thread_and_on_to_the_list(page, channel, write):
    write("Out")
    open_by_keys(page, channel, "Out")
    page.keyboard.press("r")
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Messages")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".convo-link[aria-current]")).to_be_focused()


def test_letters_in_an_open_menu_do_nothing_below_it(page, channel, write):
    write("Menu")
    open_by_keys(page, channel, "Menu")
    page.keyboard.press("Shift+R")
    expect(page.locator("[data-ways] input:checked")).to_be_focused()
    page.keyboard.press("e")
    page.keyboard.press("Escape")
    expect(page.locator(".toast")).to_have_count(0)


def test_the_button_and_the_palette_show_the_keys(page):
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    by_palette(page, "shortcuts", "Shortcuts")
    expect(page.locator("#keys")).to_be_visible()


def test_who_asks_aside_by_keys_is_in_the_form(page, channel, write):
    write("Aside")
    open_by_keys(page, channel, "Aside")
    by_palette(page, "ask aside", "Ask aside")
    expect(page.locator("#side input[name=whom]").first).to_be_focused()


def test_a_contact_to_write_to_is_reached_with_an_arrow(page, channel, write):
    write("Reach")
    page.goto("/w/shop/inbox/new/")
    page.keyboard.type("guest")
    expect(page.locator("[data-step]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/conversations/new/")


@pytest.mark.trouble
def test_what_came_since_an_answer_was_begun_is_read_first(page, channel, write):
    write("Crossed")
    open_by_keys(page, channel, "Crossed")
    page.keyboard.press("r")
    page.keyboard.type("It is on its way.")
    write("Crossed", "Again: cancel it!")
    expect(page.locator("#messages")).to_contain_text("cancel it!")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#trouble-reply")).to_contain_text("Held: somebody wrote while you were answering")
    expect(page.locator("[aria-busy]")).to_have_count(0)
    page.get_by_role("button", name="Read first").click()
    expect(page.locator("#trouble-reply")).to_have_text("")
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("is on its way")


@pytest.mark.trouble
def test_who_signed_in_again_elsewhere_goes_on(page, channel, write):
    write("Twice")
    open_by_keys(page, channel, "Twice")
    # What signing in does in another window of the same browser: forms are checked against another secret.
    page.context.add_cookies(
        [{"name": "omnidesk_csrf", "value": "a" * 32, "domain": "127.0.0.1", "path": "/"}]
    )
    page.keyboard.press("r")
    page.keyboard.type("Still here.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast[data-trouble]")).to_contain_text("signed in again meanwhile")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Still here.")


def test_a_draft_is_its_writers_alone(page, channel, write, sign_in):
    write("Secret")
    open_by_keys(page, channel, "Secret")
    page.keyboard.press("r")
    page.keyboard.type("Between us")
    (store,) = [key for key in page.evaluate("Object.keys(localStorage)") if key.startswith("draft:")]
    other = sign_in("ben@shop.example")
    other.evaluate("([key, text]) => { localStorage[key] = text; }", [store, '{"text": "Between us"}'])
    open_by_keys(other, channel, "Secret")
    expect(other.get_by_label("Your reply")).to_have_text("")
