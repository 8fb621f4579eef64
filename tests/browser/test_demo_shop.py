"""The demo's own shop, as people try the chat there."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from .conftest import IN_BROWSERS
from .installation import Installation
from .test_accessible import complaints

pytestmark = IN_BROWSERS


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    running = Installation(tmp_path_factory.mktemp("demo"), number=20 + worker, demo=True)
    running.start()
    yield running
    running.stop()


def test_its_chat_works_under_our_own_policy(demo: Installation, chromium: Browser):
    page = chromium.new_page(base_url=demo.url)
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.goto("/demo/widget/")
    page.get_by_role("link", name="Sign in as Rosa").click()
    page.get_by_role("button", name="Chat with Acme Shop").click()
    expect(page.locator(".chat")).to_contain_text("You are signed in as Rosa Almeida.")
    page.get_by_label("Write a message").fill("May I return the throw?")
    page.get_by_label("Write a message").press("Enter")
    expect(page.locator(".say[data-me] .meta")).to_contain_text("Sent")
    assert troubles == []
    page.close()


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
)
def test_axe_is_content_with_it(demo: Installation, chromium: Browser, width: int, scheme: str):
    page = chromium.new_page(
        base_url=demo.url,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,
    )
    page.goto("/demo/widget/?as=rosa")
    expect(page.get_by_role("button", name="Chat with Acme Shop")).to_be_visible()
    assert complaints(page) == []
    page.close()
