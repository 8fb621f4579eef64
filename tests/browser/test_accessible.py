"""axe finds nothing to complain of on any page, in light and in dark, wide and narrow."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

AXE = Path(__file__).with_name("axe.min.js")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    "inbox/?view=open",
    "inbox/1/",
    "inbox/1/sides/new/",
    "inbox/new/",
    "contacts/1/conversations/new/",
    "contacts/1/lines/title/",
    "contacts/1/notes/",
    "notices/",
    "inbox/?view=drafts",
    "inbox/bulk/labels/?number=1",
    "inbox/bulk/assignment/?number=1",
    "contacts/",
    "contacts/1/",
    "search/?q=look",
    "search/?q=is:open+nothingofthiskind",
    "accounts/",
    "views/",
    "views/new/",
    "settings/members/",
    "settings/teams/",
    "settings/attributes/",
    "settings/channels/",
    "settings/channels/new/email/",
    "settings/channels/new/email/?choice=mailgun",
    "settings/channels/new/sms/",
    "settings/channels/new/chat/",
    "settings/channels/1/",
    "settings/channels/1/setup/",
    "settings/channels/1/setup/?step=first",
    "settings/inbound/",
    "settings/brands/",
    "settings/brands/1/",
    "settings/audit/",
    "settings/canned-replies/",
    "settings/canned-replies/new/",
    "settings/macros/",
    "settings/macros/new/",
    "inbox/1/macros/",
    "inbox/1/canned-replies/",
    "settings/tokens/",
    "settings/profile/",
]


ALL: dict[str, object] = {"type": "tag", "values": WCAG}
COLOURS: dict[str, object] = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# Once wide and once narrow everything; what is left to the other two is their colours.
LOOKS = [(1440, "light", ALL), (1440, "dark", COLOURS), (390, "light", COLOURS), (390, "dark", ALL)]


@pytest.fixture(scope="module")
def conversation(installation: Installation) -> None:
    """A conversation is there to be looked at."""
    mail = "From: Dana <dana@northwind.example>\nMessage-ID: <axe@x>\nSubject: Look\n\nCan you read this?\n"
    installation.create_channel("shop", "email", "Look", address="look@shop.example")
    installation.manage("ingest_mail", "shop", "Look", "-", "--wait", stdin=mail)


@pytest.mark.parametrize("path", PAGES)
def test_axe_is_content(conversation, sign_in: Callable[..., Page], path: str):
    # axe itself styles inline; our own policy is watched by the other tests.
    page = sign_in("owner@shop.example", bypass_csp=True, reduced_motion="reduce")
    page.goto(f"/w/shop/{path}")
    found = []
    for width, scheme, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{width} {scheme}: {each}" for each in complaints(page, rules)]
    assert "\n".join(found) == ""


def test_the_gate_is_accessible(installation, chromium):
    page = chromium.new_page(base_url=installation.url)
    page.goto("/accounts/login/")
    assert complaints(page) == []
    page.close()


def complaints(page: Page, rules: dict[str, object] = ALL) -> list[str]:
    """What axe says of the page: rule and the first element that breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    result = page.evaluate("options => axe.run(document, options)", options)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in result["violations"]]
