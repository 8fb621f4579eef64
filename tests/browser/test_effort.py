"""Effort as a browser counts it: attention, not presence."""

import json
from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Page, Request, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

about = partial(pytest.approx, abs=1)  # seconds: a report comes within the second that is being counted


class Watched:
    """A page at a conversation, and what it reports: (path, seconds, id). Its clock stands still unless told."""

    def __init__(self, page: Page, path: str) -> None:
        self.page = page
        self.reports: list[tuple[str, int, str]] = []
        page.clock.install(time=0)
        page.goto(path)
        page.clock.pause_at(3_600_000)
        self.attend(0)
        page.on("request", self._note)

    def attend(self, seconds: int) -> None:
        """Move the mouse, and let time go by."""
        self.page.mouse.move(300, 300)
        self.page.mouse.move(310, 300)
        self.rest(seconds)

    def rest(self, seconds: int) -> None:
        """Let time go by, with room for what is answered meanwhile."""
        for tick in range(0, seconds, 5):
            self.page.clock.run_for(min(5, seconds - tick) * 1000)
            self.page.evaluate("1")

    @property
    def told(self) -> list[tuple[str, int]]:
        """How many seconds were reported, by path."""
        by_id = {report: (path, seconds) for path, seconds, report in self.reports}
        return list(by_id.values())

    def _note(self, request: Request) -> None:
        if request.url.endswith("/effort/"):
            body = dict(parse_qsl(request.post_data or ""))
            self.reports.append((request.url.rsplit("/shop", 1)[1], int(body["seconds"]), body["report"]))


@pytest.fixture(scope="module")
def mails(installation: Installation) -> list[str]:
    """The paths of two conversations."""
    installation.create_channel("shop", "email", "Effort", address="effort@shop.example")
    paths = []
    for name in ("one", "two"):
        mail = f"From: Eva <eva-{name}@cust.example>\nMessage-ID: <{name}@e>\nSubject: Effort {name}\n\nHi.\n"
        told = json.loads(installation.manage("ingest_mail", "shop", "Effort", "-", "--wait", stdin=mail))
        paths.append(f"/inbox/{told['conversation']}/")
    return paths


@pytest.fixture
def watched(mails: list[str], sign_in: Callable[..., Page]) -> Watched:
    return Watched(sign_in("ana@shop.example"), f"/w/shop{mails[0]}")


def test_attention_is_reported_every_half_minute_and_shown(watched, mails):
    with watched.page.expect_response("**/effort/") as answer:
        watched.attend(35)
    assert answer.value.status == 204
    assert watched.told == [(f"{mails[0]}effort/", about(30))]
    watched.page.reload()
    watched.page.get_by_title("Time we spent on it").click()
    expect(watched.page.locator("[data-effort] dl")).to_contain_text("Ana Agent")


def test_who_does_nothing_for_a_minute_is_away(watched):
    watched.rest(300)
    assert sum(seconds for _, seconds in watched.told) == about(60)


def test_a_machine_that_sleeps_counts_nothing(watched):
    watched.page.clock.fast_forward("08:00:00")
    watched.attend(40)
    assert [seconds for _, seconds in watched.told] == [about(30)]


def test_a_glance_is_no_effort_and_each_conversation_has_its_own(watched, mails):
    page = watched.page
    watched.attend(2)
    show(page, mails[1])
    watched.attend(12)
    with page.expect_response("**/effort/"):
        show(page, mails[0])
    assert watched.told == [(f"{mails[1]}effort/", about(12))]


def test_who_leaves_reports_the_rest(watched, mails, installation):
    before = counted(installation, mails[0])
    watched.attend(12)
    watched.page.goto("/w/shop/contacts/")
    watched.page.wait_for_load_state("networkidle")
    assert counted(installation, mails[0]) - before == about(12)


def test_a_report_whose_answer_was_lost_comes_again_and_counts_once(watched, mails, installation):
    before = counted(installation, mails[0])
    watched.page.evaluate(ANSWER_LOST)
    for _ in range(2):
        with watched.page.expect_response("**/effort/"):
            watched.attend(35)
    (_, _, first), (_, _, second), *_ = watched.reports
    assert first == second
    assert counted(installation, mails[0]) == before + sum(seconds for _, seconds in watched.told)


ANSWER_LOST = """() => {
    const real = window.fetch;
    window.fetch = async (...call) => { window.fetch = real; await real(...call); throw new TypeError("lost"); };
}"""
COUNTED = """
from conversations.models import Effort
from django.db.models import Sum
from tenancy.models import Workspace
from tenancy.scope import scope
with scope(Workspace.objects.get(slug="shop").pk):
    print(Effort.objects.filter(conversation__number={}).aggregate(sum=Sum("seconds"))["sum"] or 0)
"""


def counted(installation: Installation, path: str) -> int:
    """The seconds that the server keeps of a conversation."""
    number = path.strip("/").rpartition("/")[2]
    return int(installation.manage("shell", "--no-imports", "-c", COUNTED.format(number)))


def show(page: Page, path: str) -> None:
    """Open a conversation from the list, without a page load; the swap needs a moment of the page's clock."""
    with page.expect_response(lambda response: path in response.url and "effort" not in response.url):
        page.locator(f".convo-link[href*='{path}']").click()
    while path not in (page.locator("[data-effort]").get_attribute("data-effort") or ""):
        page.clock.run_for(20)
    page.clock.run_for(1_000)
