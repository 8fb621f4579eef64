"""What a page does when it hears of a change: static/js/live.js, by a clock that only tests move."""

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.providers.twilio import TwilioServer

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

CUSTOMER = "+12065550177"
_numbers = count(1)

# Keeps the page's sockets at hand, and notes which parts would fetch themselves. Once `alone`, the page hears what
# a test says and nothing else, and fetches nothing.
WATCH = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...facts) { super(...facts); sockets.push(this); }
  addEventListener(type, heed) {
    super.addEventListener(type, (event) => { if (!(window.alone && event.isTrusted)) heed(event); });
  }
};
window.fetches = [];
document.addEventListener("live", (event) => {
  fetches.push(event.target.id);
  if (window.alone) event.stopPropagation();
}, true);
"""
PUSH = """([topic, among]) => sockets.at(-1).dispatchEvent(
  new MessageEvent("message", { data: JSON.stringify({ topic, ids: [1], among }) }))"""
ANSWER = """(status) => document.body.dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true, detail: {
  elt: document.getElementById("entries"), requestConfig: { verb: "get" },
  successful: status < 400, xhr: { status } } }))"""
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def number(installation: Installation, twilio: TwilioServer) -> str:
    """A number of ours that customers write to."""
    ours = f"+1206555{next(_numbers):04}"
    account = {"account_sid": twilio.account_sid, "auth_token": twilio.auth_token}
    made = installation.create_channel("shop", "sms", f"Live {ours}", number=ours, **account)
    twilio.add_number(ours, made["webhook_url"])
    return ours


@pytest.fixture
def agent(number: str, twilio: TwilioServer, sign_in: Callable[..., Page]) -> Page:
    """A page with a conversation open that has heard of everything, and its clock stopped."""
    page = sign_in("ana@shop.example")
    page.add_init_script(WATCH)
    page.clock.install()  # before anything is planned by another clock
    page.goto("/w/shop/inbox/?view=open")
    twilio.customer_writes(CUSTOMER, f"To {number}", to=number)
    page.locator(".convo", has_text=f"To {number}").click()
    expect(page.locator("#thread-lines")).to_contain_text(f"To {number}")
    page.wait_for_load_state("networkidle")
    page.clock.pause_at(page.evaluate("Date.now()") + 60_000)
    page.evaluate("alone = true; Math.random = () => 0.5")
    page.clock.run_for(90_000)
    page.evaluate(FORGET)
    fetches(page)
    return page


# What fetches took on this machine, and when they were.
FORGET = "for (const part of document.querySelectorAll('[data-live]')) part.state = undefined"


def fetches(page: Page) -> list[str]:
    """Ids of the parts that have fetched themselves since last asked."""
    found: list[str] = page.evaluate("fetches.splice(0)")
    return found


def push(page: Page, among: int = 1, *, times: int = 1) -> None:
    """Let the page hear that its conversation changed."""
    topic = page.locator("#entries").get_attribute("data-live")
    for _ in range(times):
        page.evaluate(PUSH, [topic, among])


def test_a_burst_is_one_fetch_and_the_next_comes_later(agent: Page) -> None:
    push(agent, times=30)
    assert fetches(agent) == []
    agent.clock.run_for(20)
    assert fetches(agent) == ["entries"]
    push(agent, times=2)
    agent.clock.run_for(299)
    assert fetches(agent) == []
    agent.clock.run_for(1)
    assert fetches(agent) == ["entries"]


def test_a_crowd_takes_turns(agent: Page) -> None:
    push(agent, among=101)
    agent.clock.run_for(1999)
    assert fetches(agent) == []
    push(agent, among=101)
    agent.clock.run_for(1)
    assert fetches(agent) == ["entries"]
    push(agent, among=101)
    agent.clock.run_for(3999)
    assert fetches(agent) == []
    agent.clock.run_for(1)
    assert fetches(agent) == ["entries"]


def test_a_crowd_goes_as_slowly_as_the_server_answers_of_late(agent: Page) -> None:
    push(agent)
    agent.clock.run_for(20)
    for answered, spread in ((90, 18_000), (10, 9_000), (600, 20_000)):
        assert fetches(agent) == ["entries"]
        agent.clock.run_for(answered)
        agent.evaluate(ANSWER, 200)
        push(agent, among=101)
        agent.clock.run_for(spread - answered - 1)
        assert fetches(agent) == []
        agent.clock.run_for(1)


def test_what_only_this_page_shows_does_not_wait_for_a_crowd(agent: Page) -> None:
    push(agent, among=101)
    push(agent)
    agent.clock.run_for(20)
    assert fetches(agent) == ["entries"]
    agent.clock.run_for(5000)
    assert fetches(agent) == []


def test_hidden_it_fetches_nothing_and_shown_again_everything(agent: Page) -> None:
    push(agent, among=101)
    agent.evaluate(HIDE, True)
    push(agent, times=5)
    agent.clock.run_for(5000)
    assert fetches(agent) == []
    agent.evaluate(HIDE, False)
    agent.clock.run_for(20)
    everything = agent.locator("[data-live]").evaluate_all("(parts) => parts.map(({ id }) => id)")
    assert sorted(fetches(agent)) == sorted(everything)


def test_what_could_not_be_fetched_is_asked_for_again_ever_later(agent: Page) -> None:
    push(agent)
    agent.clock.run_for(20)
    assert fetches(agent) == ["entries"]
    for wait in (2000, 4000, 8000, 16_000, 20_000, 20_000):
        agent.evaluate(ANSWER, 503)
        agent.clock.run_for(wait - 1)
        assert fetches(agent) == []
        agent.clock.run_for(1)
        assert fetches(agent) == ["entries"]


def test_an_answer_that_says_no_is_not_asked_for_again(agent: Page) -> None:
    agent.evaluate(ANSWER, 404)
    agent.clock.run_for(60_000)
    assert fetches(agent) == []


def test_a_browser_that_reconnects_has_missed_nothing(
    number: str, twilio: TwilioServer, sign_in: Callable[..., Page]
) -> None:
    lines: list[WebSocketRoute] = []
    is_down = False

    def connect(line: WebSocketRoute) -> None:
        lines.append(line)
        if is_down:
            line.close()
        else:
            line.connect_to_server()

    page = sign_in("ben@shop.example")
    page.route_web_socket("**/ws/w/shop/", connect)
    page.goto("/w/shop/inbox/?view=open")
    twilio.customer_writes(CUSTOMER, f"First to {number}", to=number)
    page.locator(".convo", has_text=f"First to {number}").click()
    thread, row = page.locator("#thread-lines"), page.locator(".convo[data-row]").first
    expect(thread).to_contain_text(f"First to {number}")
    is_down = True
    lines[-1].close()
    twilio.customer_writes(CUSTOMER, f"Missed by {number}", to=number)
    while len(lines) < 3:
        page.evaluate("new Promise(requestAnimationFrame)")
    expect(thread).not_to_contain_text(f"Missed by {number}")
    is_down = False
    expect(thread).to_contain_text(f"Missed by {number}")
    expect(row).to_contain_text(f"Missed by {number}")
