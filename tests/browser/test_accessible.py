"""axe finds nothing to complain of on any page, in light and in dark, wide and narrow."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from .conftest import IN_BROWSERS

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


@pytest.fixture
def owner(installation, sign_in: Callable[..., Page]) -> Callable[..., Page]:
    """`owner(width=…, color_scheme=…)`: the owner's page; a conversation is there to be looked at."""
    mail = b"From: Dana <dana@northwind.example>\nMessage-ID: <axe@x>\nSubject: Look\n\nCan you read this?\n"
    channels = installation.manage("shell", "--no-imports", "-c", _CHANNELS.format(slug="shop"))
    if "Look" not in channels:
        installation.create_channel("shop", "email", "Look", address="look@shop.example")
    installation.manage("ingest_mail", "shop", "Look", "-", "--wait", stdin=mail.decode())
    # axe itself styles inline; our own policy is watched by the other tests.
    return lambda **options: sign_in("owner@shop.example", bypass_csp=True, **options)


_CHANNELS = """
from conversations.models import Channel
from tenancy.models import Workspace
from tenancy.scope import scope
with scope(Workspace.objects.get(slug={slug!r}).pk):
    print(*Channel.objects.values_list("name", flat=True))
"""


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
)
def test_axe_is_content(owner, width, scheme):
    page = owner(viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = []
    for path in PAGES:
        page.goto(f"/w/shop/{path}")
        page.wait_for_load_state()
        found += complaints(page, path)
    assert "\n".join(found) == ""


def test_the_gate_is_accessible(installation, chromium):
    page = chromium.new_page(base_url=installation.url)
    page.goto("/accounts/login/")
    assert complaints(page, "login") == []
    page.close()


def complaints(page: Page, path: str) -> list[str]:
    """What axe says of the page: rule and the first element that breaks it."""
    page.evaluate(AXE.read_text())
    options = {"runOnly": {"type": "tag", "values": WCAG}}
    result = page.evaluate("options => axe.run(document, options)", options)
    return [f"{path}: {one['id']}: {one['nodes'][0]['html'][:160]}" for one in result["violations"]]
