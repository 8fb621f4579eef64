"""A thread of ten thousand entries, in a browser."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

MANY = 10_000
FILLED = """
from datetime import timedelta
from conversations.models import Conversation, Entry, EntryBody
from tenancy.models import Workspace
from tenancy.scope import scope
with scope(Workspace.objects.get(slug="shop").pk):
    of = Conversation.objects.get(number={number})
    first = of.entries.get(kind="message")
    made = Entry.objects.bulk_create(
        Entry(conversation=of, kind="message", direction="in", channel=first.channel, contact=of.contact,
              identity=first.identity, rule="thread", at=first.at - timedelta(minutes={many} - place))
        for place in range({many})
    )
    EntryBody.objects.bulk_create(
        EntryBody(entry=entry, text=f"This is message {{place}}.") for place, entry in enumerate(made)
    )
    print(made[4_000].pk)
"""
PLACE = "row => document.getElementById(row).getBoundingClientRect().top"


def mail(installation: Installation, name: str, text: str, answers: str = "") -> str:
    """The path of the conversation that a mail comes to."""
    head = "Authentication-Results: mx.shop.example; dmarc=pass header.from=cust.example\n"
    head += f"From: Lou <lou@cust.example>\nMessage-ID: <{name}@long>\nSubject: A long story\n"
    head += f"In-Reply-To: <{answers}@long>\n" if answers else ""
    ingested = installation.manage("ingest_mail", "shop", "Long", "-", "--wait", stdin=f"{head}\n{text}\n")
    return f"/w/shop/inbox/{json.loads(ingested)['conversation']}/"


@pytest.fixture(scope="module")
def thread(installation: Installation) -> tuple[str, int]:
    """The path of a conversation of ten thousand and one messages, and the id of the one that says 4000."""
    installation.create_channel(
        "shop", "email", "Long", address="long@shop.example", authserv_ids="mx.shop.example"
    )
    path = mail(installation, "first", "This is the end.")
    number = int(path.rstrip("/").rpartition("/")[2])
    filled = FILLED.format(number=number, many=MANY)
    return path, int(installation.manage("shell", "--no-imports", "-c", filled))


@pytest.fixture
def reader(sign_in, thread) -> Page:
    """A browser with the thread open, whose member has read it."""
    page: Page = sign_in("ana@shop.example")
    with page.expect_response("**/seen/"):
        page.goto(thread[0])
    page.reload()
    return page


def said(page: Page) -> list[int]:
    """The numbers of the messages that the page holds, from its top, in sight or not."""
    text = page.locator("#messages").text_content() or ""
    return [int(found) for found in re.findall(r"This is message (\d+)\.", text)]


def read_up(page: Page, pages: int) -> None:
    """Scroll up until so many pages stand above the newest."""
    body = page.locator(".pane-thread .pane-body")
    for many in range(1, pages + 1):
        body.evaluate("body => body.scrollTo({ top: 0 })")
        expect(page.locator(".thread-page")).to_have_count(many)


def test_it_opens_at_its_end_and_grows_as_one_reads_up(reader):
    expect(reader.locator("#entries").get_by_text("This is the end.")).to_be_in_viewport()
    assert len(said(reader)) == 39
    read_up(reader, 5)
    assert said(reader) == list(range(MANY - 39 - 5 * 40, MANY))


def test_what_is_read_stays_where_it_is_while_more_comes(reader, installation):
    read_up(reader, 2)
    reader.locator(".pane-thread .pane-body").evaluate("body => body.scrollBy({ top: 200 })")
    row = reader.evaluate(
        "[...document.querySelectorAll('#messages [data-row]')].find(e => e.getBoundingClientRect().top > 200).id"
    )
    before = reader.evaluate(PLACE, row)
    mail(installation, "more", "And it goes on.", answers="first")
    newest = reader.locator("#entries").get_by_text("And it goes on.")
    expect(newest).to_be_attached()
    assert reader.evaluate(PLACE, row) == pytest.approx(before, abs=1)
    expect(reader.locator(".thread-page")).to_have_count(2)
    reader.get_by_role("button", name="Latest").click()
    expect(newest).to_be_in_viewport()


def test_a_link_to_a_message_far_up_shows_it_among_its_neighbours(sign_in, thread):
    _, entry = thread
    page = sign_in("ana@shop.example")
    page.goto(f"/w/shop/entries/{entry}/")
    expect(page.locator(f"#entry-{entry}")).to_be_in_viewport()
    shown = said(page)
    assert shown[:4] == [3_997, 3_998, 3_999, 4_000]
    assert MANY - 1 in shown
