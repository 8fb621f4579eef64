"""What a page says when the server is slow, fails or is away, and who is signed out; nothing typed is lost."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

MAIL = "From: Sol <sol@cust.example>\nMessage-ID: <{0}@states>\nSubject: State {0}\n\nHello.\n"


@pytest.fixture(scope="module")
def paths(installation: Installation) -> list[str]:
    """The paths of two conversations."""
    installation.create_channel("shop", "email", "States", address="states@shop.example")
    found = []
    for name in ("one", "two"):
        mail = MAIL.format(name)
        told = json.loads(installation.manage("ingest_mail", "shop", "States", "-", "--wait", stdin=mail))
        found.append(f"/w/shop/inbox/{told['conversation']}/")
    return found


@pytest.fixture
def page(sign_in: Callable[..., Page], paths: list[str]) -> Page:
    """A page at the first conversation, its browser's complaints about lines that a test cuts left aside."""
    found = sign_in("ana@shop.example")
    found.goto(paths[0])
    return found


def open_second(page: Page, paths: list[str]) -> None:
    page.locator(f".convo-link[href*='{paths[1]}']").click()


def test_what_is_slow_keeps_what_is_there_and_says_so(page, paths):
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**{paths[1]}**", hold)
    open_second(page, paths)
    expect(page.locator("#thread")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#slow")).to_be_visible()
    expect(page.locator("#thread-title")).to_have_text("State one")
    held[0].continue_()
    expect(page.locator("#thread-title")).to_have_text("State two")
    expect(page.locator("#slow")).to_be_hidden()
    expect(page.locator("[aria-busy]")).to_have_count(0)


@pytest.mark.trouble
@pytest.mark.parametrize(
    ("status", "words"),
    [(500, "That did not work"), (404, "no longer here"), (403, "Your role does not allow this")],
)
def test_what_fails_says_so_and_leaves_the_page(page, paths, status, words):
    page.route(f"**{paths[1]}**", lambda route: route.fulfill(status=status))
    open_second(page, paths)
    expect(page.locator(".toast")).to_contain_text(words)
    expect(page.locator("#thread-title")).to_have_text("State one")


@pytest.mark.trouble
def test_what_is_sent_offline_goes_once_the_line_is_back(page):
    page.locator("#reply").get_by_role("textbox", name="Your reply").fill("Written in a tunnel")
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#trouble-reply")).to_contain_text("goes by itself")
    page.context.set_offline(False)
    expect(page.locator("#messages").get_by_text("Written in a tunnel")).to_have_count(1)
    expect(page.locator("#reply").get_by_role("textbox", name="Your reply")).to_have_text("")


@pytest.mark.trouble
def test_an_answer_whose_receipt_was_lost_is_sent_once(page):
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/reply/", lose, times=1)
    page.locator("#reply").get_by_role("textbox", name="Your reply").fill("Once is enough")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#reply").get_by_role("textbox", name="Your reply")).to_have_text("")
    expect(page.locator("#messages").get_by_text("Once is enough")).to_have_count(1)


@pytest.mark.trouble
def test_a_file_that_could_not_go_up_goes_with_the_answer(page):
    page.route("**/uploads/", lambda route: route.abort(), times=1)
    file = {"name": "map.txt", "mimeType": "text/plain", "buffer": b"Here"}
    page.locator("#reply [type=file]").set_input_files([file])
    expect(page.locator(".toast")).to_contain_text("Nothing is lost")
    page.locator("#reply").get_by_role("textbox", name="Your reply").fill("With a map.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#messages").get_by_text("map.txt").first).to_be_visible()


@pytest.mark.trouble
def test_who_is_signed_out_meanwhile_keeps_what_they_wrote(page, paths):
    text = page.locator("#reply").get_by_role("textbox", name="Your reply")
    text.fill("Half a thought")
    page.context.clear_cookies()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("You are signed out. What you typed is kept.")
    expect(text).to_have_text("Half a thought")


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 720, "height": 450}},  # 1440 wide at 200 %
        {"viewport": {"width": 320, "height": 640}},  # WCAG 2.2, 1.4.10
    ],
    ids=["zoomed", "narrowest"],
)
def test_nothing_is_cut_off_when_there_is_little_room(sign_in, paths, options):
    page = sign_in("ana@shop.example", **options)
    for path in (paths[0], "/w/shop/inbox/", "/w/shop/settings/profile/", "/w/shop/search/?q=state"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_from_right_to_left_everything_mirrors(page, paths):
    page.goto(paths[0])
    page.evaluate("document.documentElement.dir = 'rtl'")
    left = "element => element.getBoundingClientRect().left"
    places = [page.locator(name).evaluate(left) for name in (".rail", ".pane-list", ".pane-thread")]
    assert places == sorted(places, reverse=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_wants_no_motion_and_their_own_colours_has_them(sign_in, paths):
    page = sign_in("ana@shop.example", reduced_motion="reduce", forced_colors="active")
    page.goto(paths[0])
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--calm').trim()") in {
        "0s",
        "0ms",
    }
    page.keyboard.press("j")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


SHIFTS = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((each) => { sum += each.value; }))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 1_000);
})"""


def test_nothing_shifts_while_a_page_is_painted_first(sign_in, paths):
    page = sign_in("ana@shop.example")
    for path in (paths[0], "/w/shop/inbox/", "/w/shop/contacts/", "/w/shop/settings/profile/"):
        page.goto(path)
        assert page.evaluate(SHIFTS) < 0.01, path
