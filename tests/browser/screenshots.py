"""Pictures of the main screens: light and dark, wide and narrow, under screenshots/.

`make screenshots` takes them of an installation of its own with the demo data; BASE_URL names a running one
with the same sign-ins.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from .installation import Installation

FOLDER = Path(settings.BASE_DIR) / "screenshots"
WORKSPACE, PERSON, PASSWORD = "acme", "admin@acme.example", "omnidesk-demo"
SIZES = {1440: 900, 390: 844}
OVER_CHANNELS = ".convo-link:has(.trail > .icon)"  # an arrow between two of them
SETTINGS = [
    "attributes",
    "audit",
    "brands",
    "canned-replies",
    "channels",
    "inbound",
    "macros",
    "members",
    "profile",
    "teams",
    "tokens",
]
SETTLED = 1_200  # ms; frames of HTML mail have grown, live parts have been fetched


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the demo data can be looked at."""
    if running := os.environ.get("BASE_URL"):
        yield running
        return
    demo = Installation(tmp_path_factory.mktemp("demo"), number=3, demo=True)
    demo.start()
    yield demo.url
    demo.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_take(chromium: Browser, url: str, width: int, scheme: str) -> None:
    narrow = width < 500
    page = chromium.new_page(
        base_url=url,
        viewport={"width": width, "height": SIZES[width]},
        color_scheme=scheme,  # type: ignore[arg-type]
        is_mobile=narrow,
        has_touch=narrow,
    )
    page.goto("/accounts/login/")
    _take(page, f"signin-{scheme}-{width}")
    sign_in(page)
    for name, path in screens(page):
        page.goto(path)
        _take(page, f"{name}-{scheme}-{width}")
    page.close()


def sign_in(page: Page) -> None:
    """Sign in as the demo's admin."""
    page.get_by_label("E-mail").fill(PERSON)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/inbox/**")


def screens(page: Page) -> Iterator[tuple[str, str]]:
    """Names and addresses of the screens; of conversations and people, those that the lists show first."""
    root = f"/w/{WORKSPACE}/"
    yield "inbox", f"{root}inbox/?view=open"
    thread = _first(page, f"{root}inbox/?view=open", OVER_CHANNELS)
    yield "thread", thread
    yield "note", f"{thread}&compose=note"
    yield "contact", _first(page, thread, "#contact h2 a")
    yield "aside", f"{thread.partition('?')[0]}sides/new/"
    yield "begin", f"{root}inbox/new/"
    yield "drafts", f"{root}inbox/?view=drafts"
    yield "search", f"{root}search/?q=order"
    yield "views", f"{root}views/"
    yield "view", f"{root}views/new/"
    yield "notices", f"{root}notices/"
    yield "contacts", f"{root}contacts/"
    yield "account", _first(page, f"{root}accounts/", "#found a")
    yield "accounts", f"{root}accounts/"
    for name in SETTINGS:
        yield f"settings-{name}", f"{root}settings/{name}/"


def _first(page: Page, path: str, selector: str) -> str:
    page.goto(path)
    address = page.locator(selector).first.get_attribute("href")
    assert address, f"{path} shows no {selector}"
    return address


def _take(page: Page, name: str) -> None:
    page.wait_for_load_state()
    page.wait_for_timeout(SETTLED)
    FOLDER.mkdir(exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png")
