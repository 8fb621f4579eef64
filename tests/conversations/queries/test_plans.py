"""Lists are read from an index, in its order: nothing is sorted, and nothing above a page is touched."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts import queries as people
from contacts.models import Account, Contact
from conversations.models import Conversation, Entry
from conversations.queries import lists, saved, sorts, threads, timelines, walks
from conversations.queries.fields import all_fields
from conversations.queries.filters import Condition, Filter
from conversations.queries.sorts import NEWEST, Place
from tenancy.keyset import Cursor
from tenancy.models import Brand, Member, Team
from tests.conversations.queries.conftest import NOW

BEFORE = Cursor(NOW - timedelta(days=1), 7)
BELOW = Place(NEWEST, (BEFORE.at,), BEFORE.id)


# What is put in order for each row that is shown, or among the few that are: never the list itself.
OF_A_ROW = {"((SubPlan))", "row.at DESC, row.id DESC"}


def sorted_by(plan: str) -> set[str]:
    """What a plan sorts by."""
    keys = re.findall(r"Sort Key: (.+)", re.sub(r"SubPlan \d+", "SubPlan", plan))
    return {key for key in keys if "entry_id" not in key}


@pytest.fixture
def crowd(in_scope: Any, member: Member) -> None:
    """Enough rows that indexes differ in what they cost: one conversation in fifty is the member's, and each has
    a fiftieth of the entries."""
    brand, when = Brand.objects.get(), [NOW - timedelta(minutes=number) for number in range(2000)]
    made = Conversation.objects.bulk_create(
        Conversation(number=number, brand=brand, last_at=at, assignee=None if number % 50 else member)
        for number, at in enumerate(when, start=1)
    )
    Entry.objects.bulk_create(
        Entry(conversation=made[number % 50], kind="note", at=at) for number, at in enumerate(when)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_conversation, conversations_entry")


@pytest.fixture
def plan(crowd: None) -> Callable[[Callable[[], object]], str]:
    """`plan(read)`: how the database reads the first page of it, were it to avoid sorting at any price."""

    def explained(read: Callable[[], object]) -> str:
        with CaptureQueriesContext(connection) as captured:
            read()
        return explain(captured[0]["sql"])

    return explained


def explain(sql: str, how: str = "") -> str:
    """The database's plan for a statement."""
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {how} {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("before", [None, BELOW], ids=["first", "later"])
@pytest.mark.parametrize(
    ("key", "index"),
    [
        ("mine", "conversation_assignee"),
        ("unassigned", "conversation_unassigned"),
        ("snoozed", "conversation_snoozed"),
        ("open", "conversation_active"),
        ("resolved", "conversation_resolved"),
        ("spam", "conversation_spam"),
        ("mentions", "mention_newest"),
    ],
)
def test_each_view_is_read_from_its_index(plan, member, key, index, before):
    view = lists.find_view(key, member)
    found = plan(lists.page(view, member, before=before).read)
    assert f"using {index} " in found
    assert sorted_by(found) <= OF_A_ROW


def test_a_channels_view_is_read_from_its_index(plan, member, mail):
    view = lists.channel_view(mail)
    found = plan(lists.page(view, member, before=BELOW).read)
    assert "using conversation_channel " in found
    assert sorted_by(found) <= OF_A_ROW


@pytest.mark.parametrize(
    ("view_of", "model", "index"),
    [(lists.team_view, Team, "conversation_team"), (lists.brand_view, Brand, "conversation_brand")],
    ids=["team", "brand"],
)
def test_teams_and_brands_views_are_read_from_theirs(plan, member, view_of, model, index):
    found = plan(lists.page(view_of(model(pk=7)), member, before=BELOW).read)
    assert f"using {index} " in found
    assert sorted_by(found) <= OF_A_ROW


@pytest.mark.parametrize(
    ("read", "index"),
    [
        (
            lambda: timelines.contact_page(people.whom(Contact(pk=7)), before=BEFORE).read(),
            "timelineref_contact",
        ),
        (lambda: timelines.account_page(Account(pk=7), before=BEFORE).read(), "timelineref_account"),
        (lambda: people.contacts_page(before=BEFORE), "contact_newest"),
        (lambda: people.accounts_page(after=("Kestrel", 7)), "account_by_name"),
    ],
    ids=["contact", "account", "contacts", "accounts"],
)
def test_timelines_and_people_are_read_from_theirs(plan, read, index):
    found = plan(read)
    assert f"using {index} " in found
    assert sorted_by(found) <= OF_A_ROW


def test_a_thread_is_read_from_its_index(plan):
    conversation = Conversation.objects.earliest("id")
    found = plan(threads.entries_page(conversation.number, within=threads.Stretch(upto=BEFORE)).read)
    assert "using entry_thread " in found
    assert sorted_by(found) <= OF_A_ROW


def test_what_is_unread_is_looked_for_in_the_index_of_the_thread(plan, member):
    conversation = Conversation.objects.earliest("id")
    found = plan(threads.entries_page(conversation.number, member=member).read)
    assert found.count("using entry_thread ") >= 2
    assert sorted_by(found) <= OF_A_ROW


def test_a_cursor_bounds_the_index_on_both_sides(plan, member):
    view = lists.find_view("open", member)
    found = plan(
        lists.page(view, member, before=Place(NEWEST, (datetime(2026, 1, 1, tzinfo=NOW.tzinfo),), 1)).read
    )
    assert re.search(r"Index Cond: .*ROW\(last_at, id\) <", found)


# Of each further order the index of work, that of what nobody has, and the places at which a page may begin.
ORDERS: dict[sorts.Sort, tuple[str, str, list[tuple[Any, ...]]]] = {
    sorts.OLDEST: ("conversation_active", "conversation_unassigned", [(BEFORE.at,)]),
    sorts.WAITING: ("conversation_active_waiting", "conversation_free_waiting", [(BEFORE.at,), (None,)]),
    sorts.PRIORITY: ("conversation_active_priority", "conversation_free_priority", [(3, BEFORE.at)]),
    sorts.DUE: ("conversation_active_due", "conversation_free_due", [(BEFORE.at,), (None,)]),
}
# Two pages that are sorted already become one, where it goes on among the rows that lack what it is sorted by.
MERGED = re.compile(r"Merge Append .+\n +Sort Key: .+")


def check(found: str, index: str) -> None:
    """That a plan reads an index in its order, and no other of conversations."""
    assert set(re.findall(r"using (conversation_\w+) ", found)) == {index}
    assert sorted_by(MERGED.sub("", found)) <= OF_A_ROW


def test_work_is_read_in_every_order_from_an_index(plan, member):
    every, free = lists.find_view("open", member), lists.find_view("unassigned", member)
    for sort, (index, index_of_free, places) in ORDERS.items():
        for before in (None, *(Place(sort, values, 7) for values in places)):
            check(plan(lists.page(every, member, sort=sort, before=before).read), index)
            check(plan(lists.page(free, member, sort=sort, before=before).read), index_of_free)


def test_the_snoozed_are_read_by_when_they_come_back(plan, member):
    view, sort = lists.find_view("snoozed", member), sorts.WAKING
    for before in (None, Place(sort, (NOW,), 7), Place(sort, (None,), 7)):
        check(plan(lists.page(view, member, sort=sort, before=before).read), "conversation_waking")


def of_view(*conditions: Condition) -> lists.View:
    return saved.view_of_filter(Filter("all", conditions), all_fields([]))


WALKED = [
    (("subject", "has", "lamp"), "conversation_newest"),
    (("spam", "is", True), "conversation_spam"),
    (("status", "is", ["open", "pending"]), "conversation_active"),
    (("status", "is", ["snoozed"]), "conversation_snoozed"),
    (("status", "is", ["resolved"]), "conversation_resolved"),
    (("contact", "is", 7), "conversation_contact"),
    (("account", "is", 7), "conversation_account"),
]
OF_WORK = [
    (("assignee", "is", ["me"]), "conversation_assignee"),
    (("assignee", "is", [7]), "conversation_assignee"),
    (("assignee", "is", ["none"]), "conversation_unassigned"),
    (("team", "is", [7]), "conversation_team"),
    (("channel", "is", [7]), "conversation_channel"),
    (("brand", "is", [7]), "conversation_brand"),
]
ACTIVE = Condition("status", "is", ["open"])


@pytest.mark.parametrize("before", [None, BELOW], ids=["first", "later"])
@pytest.mark.parametrize(("said", "index"), WALKED)
def test_a_saved_view_walks_along_the_narrowest_index(plan, member, said, index, before):
    found = plan(lists.page(of_view(Condition(*said)), member, before=before).read)
    assert f"using {index} " in found
    assert sorted_by(found) <= OF_A_ROW


@pytest.mark.parametrize(("said", "index"), OF_WORK)
def test_among_what_is_open_it_walks_along_one_column_more(plan, member, said, index):
    found = plan(lists.page(of_view(ACTIVE, Condition(*said)), member, before=BELOW).read)
    assert f"using {index} " in found
    assert sorted_by(found) <= OF_A_ROW


def test_a_walk_and_its_count_look_at_a_window_and_no_more(crowd, member, monkeypatch):
    monkeypatch.setattr(walks, "WINDOW", 100)
    monkeypatch.setattr(walks, "COUNTED", 50)
    view = of_view(Condition("subject", "has", "lamp"))
    assert view.filter
    assert examined(lists.page(view, member).read) == 100
    assert examined(saved.count(view.filter, member).read) == 50


def examined(read: Callable[[], object]) -> int:
    """The most conversations that a part of a read looks at."""
    with CaptureQueriesContext(connection) as captured:
        read()
    plan = explain(captured[0]["sql"], "(ANALYZE, TIMING OFF, SUMMARY OFF, COSTS OFF)")
    return max(int(rows) for rows in re.findall(r"Index.* on conversations_conversation.*rows=(\d+)", plan))
