"""Real browsers on a real installation."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.providers import twilio as made_up
from tests.providers.background import Background
from tests.providers.twilio import TwilioServer

from .installation import PASSWORD, Installation

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


# Marks of every browser test. Without chromium they are skipped, except in CI, where its absence is a failure.
IN_BROWSERS = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="chromium is not installed"),
]


@pytest.fixture(scope="session")
def twilio() -> Iterator[TwilioServer]:
    """Where the installation finds Twilio."""
    with made_up.serve() as server:
        yield server


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    """Where mail servers run: as long as the installation, whose channels go on asking them."""
    with Background() as background:
        yield background


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory, twilio: TwilioServer) -> Iterator[Installation]:
    """Workspace `shop` with an owner and two agents, all signing in with PASSWORD."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    folder = tmp_path_factory.mktemp("installation")
    running = Installation(folder, number=int(worker), providers={"twilio": twilio.url})
    running.start()
    try:
        owner = ("create_workspace", "shop", "--name", "Corner Shop", "--admin", "owner@shop.example")
        running.manage(*owner, "--password-stdin", stdin=f"{PASSWORD}\n")
        running.add_member("shop", email="ana@shop.example", name="Ana Agent")
        running.add_member("shop", email="ben@shop.example", name="Ben Agent")
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    assert CHROMIUM, "chromium is not installed"
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        quiet = [
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def signed_in_before() -> dict[str, list[Any]]:
    """The cookies of those who have signed in: each does it once, by the form."""
    return {}


@pytest.fixture
def sign_in(
    request: pytest.FixtureRequest,
    chromium: Browser,
    installation: Installation,
    signed_in_before: dict[str, list[Any]],
) -> Iterator[Callable[..., Page]]:
    """`sign_in("ana@shop.example")`: a page of a browser of their own, signed in, at the inbox.

    The test fails when any page logged an error, or asked for something that is not there, unless it is marked as
    one that makes `trouble`.
    """
    troubles: list[str] = []
    contexts = []
    known = signed_in_before

    def signed_in(email: str, **context_options: object) -> Page:
        options: dict[str, object] = {"locale": "en-GB", **context_options}
        context = chromium.new_context(base_url=installation.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda m: troubles.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("response", lambda r: troubles.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        context.add_cookies(known.get(email, []))
        page.goto("/accounts/login/")
        if "/accounts/login/" in page.url:
            page.get_by_label("E-mail").fill(email)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/inbox/**")
        known[email] = context.cookies()
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert troubles == [] or request.node.get_closest_marker("trouble")
