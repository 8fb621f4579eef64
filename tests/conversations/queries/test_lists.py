from datetime import timedelta
from typing import Any

import pytest

from conversations.models import Conversation
from conversations.queries import lists, sorts
from conversations.services import drafts, work
from conversations.services.drafts import Written
from conversations.services.labels import label_named
from conversations.services.notes import note
from tenancy.models import Member, Role
from tests.conversations.queries.conftest import NOW, person
from tests.people import new_member


def shown(key: str, member: Member, **how: Any) -> list[int]:
    return [row.number for row in lists.page(lists.find_view(key, member), member, **how).read().rows]


def mentions(member: Member) -> int | None:
    own = lists.sidebar(member).read().own
    return next(item.count for item in own if item.view.key == "mentions")


def three(write: Any, clock: Any) -> list[Conversation]:
    made = []
    for name in ("ana", "ben", "eva"):
        clock.shift(60)
        made.append(write(f"m-{name}", sender=person(f"{name}@cust.example", name=name.title())).conversation)
    return made


def test_each_view_holds_its_own(write, clock, member, mail):
    one, two, spam = three(write, clock)
    work.take(conversation=one, member=member)
    work.mark_spam(conversation=spam, member=member)
    assert shown("mine", member) == [one.number]
    assert shown("unassigned", member) == [two.number]
    assert shown("open", member) == [two.number, one.number]
    assert shown("spam", member) == [spam.number]
    assert shown(f"channel:{mail.pk}", member) == [two.number, one.number]
    work.snooze(conversation=one, until=NOW + timedelta(days=1), member=member)
    work.resolve(conversation=two, member=member)
    assert shown("snoozed", member) == [one.number]
    assert shown("resolved", member) == [two.number]
    assert shown("open", member) == []


def test_the_sidebar_counts_what_the_views_hold(write, clock, member, mail):
    one, _two, spam = three(write, clock)
    work.take(conversation=one, member=member)
    work.mark_spam(conversation=spam, member=member)
    work.add_label(conversation=one, label=label_named(name="vip"), member=member)
    sidebar = lists.sidebar(member).read()
    counts = {item.view.key: item.count for item in [*sidebar.own, *sidebar.all]}
    assert counts == {
        "mine": 1,
        "mentions": 0,
        "drafts": 0,
        "unassigned": 1,
        "snoozed": 0,
        "open": 2,
        "resolved": 0,
        "spam": 1,
    }
    assert [(item.view.label, item.count) for item in sidebar.channels] == [("Support", 2)]
    assert [(item.view.label, item.count) for item in sidebar.labels] == [("vip", 1)]


def test_pages_go_through_all_rows_once_even_at_one_moment(write, member):
    for number in range(5):
        write(f"m{number}", sender=person(f"c{number}@cust.example"))
    view, seen, before = lists.find_view("open", member), [], None
    while True:
        page = lists.page(view, member, before=before, size=2).read()
        seen += [row.id for row in page.rows]
        before = page.older
        if before is None:
            break
    assert seen == list(Conversation.objects.order_by("-last_at", "-id").values_list("pk", flat=True))


def walk(view: lists.View, member: Member, sort: sorts.Sort) -> list[int]:
    """All numbers of a view, in pages of two, whose places go through an address."""
    seen, before = [], None
    while True:
        page = lists.page(view, member, sort=sort, before=before, size=2).read()
        seen += [row.number for row in page.rows]
        if page.older is None:
            return seen
        before = sorts.Place.parse(str(page.older))
        assert before == page.older


def test_each_order_goes_through_all_rows_once_those_that_lack_it_last(write, clock, member):
    made = []
    for number in range(7):
        clock.shift(60)
        made.append(write(f"m{number}", sender=person(f"c{number}@cust.example")).conversation)
    numbers = [conversation.number for conversation in made]
    Conversation.objects.filter(pk__in=[made[1].pk, made[4].pk]).update(priority=4)
    Conversation.objects.filter(pk__in=[made[0].pk, made[5].pk, made[6].pk]).update(waiting_since=None)
    for place, hours in ((2, 5), (3, 1), (6, 3)):
        due = NOW + timedelta(hours=hours)
        work.set_due(conversation=made[place], due=due, member=member)
    view = lists.find_view("open", member)
    found = {sort.key: [numbers.index(one) for one in walk(view, member, sort)] for sort in view.sorts}
    assert found == {
        "newest": [6, 5, 4, 3, 2, 1, 0],
        "oldest": [0, 1, 2, 3, 4, 5, 6],
        "waiting": [1, 2, 3, 4, 0, 5, 6],
        "priority": [4, 1, 6, 5, 3, 2, 0],
        "due": [3, 6, 2, 0, 1, 4, 5],
    }


def test_the_snoozed_come_in_the_order_in_which_they_come_back(write, clock, member):
    for conversation, hours in zip(three(write, clock), (3, 1, 2), strict=True):
        work.snooze(conversation=conversation, until=NOW + timedelta(hours=hours), member=member)
    view = lists.find_view("snoozed", member)
    first, second, third = Conversation.objects.order_by("snoozed_until").values_list("number", flat=True)
    assert walk(view, member, sorts.WAKING) == [first, second, third]


@pytest.mark.parametrize(
    "text",
    ["", "170-1", "newest_1", "newest_x_1", "newest__1", "priority_4_1", "due_1_-1", "due_1_" + "9" * 30],
)
def test_a_garbled_place_is_none(text):
    assert sorts.Place.parse(text) is None


def test_what_is_done_is_read_by_time_alone(member, in_scope):
    for key in ("resolved", "spam", "mentions"):
        view = lists.find_view(key, member)
        assert (view.sort("due"), view.sort("oldest")) == (sorts.NEWEST, sorts.OLDEST)


def test_a_row_is_unread_until_seen_and_again_when_the_customer_writes(write, clock, member):
    conversation = write("m1").conversation

    def is_unread() -> bool:
        return lists.page(lists.find_view("open", member), member).read().rows[0].is_unread

    assert is_unread()
    clock.shift(60)
    work.mark_seen(conversation=conversation, member=member)
    assert not is_unread()
    clock.shift(60)
    write("m2", thread_keys=("m1",), starts_thread=False)
    assert is_unread()


def test_mentions_are_listed_newest_first_each_conversation_once(write, clock, member, owner):
    one, two, _ = three(write, clock)
    for conversation in (one, two, one):
        clock.shift(60)
        note(conversation=conversation, member=owner, text="@Aki", mentions=[member])
    assert shown("mentions", member) == [one.number, two.number]
    assert mentions(member) == 3
    work.mark_seen(conversation=one, member=member)
    assert mentions(member) == 1


@pytest.mark.parametrize(
    "key", ["", "all", "channel:0", "channel:x", "label:9", "label:" + "9" * 30, "mine:1"]
)
def test_there_are_no_other_views(key, member, in_scope):
    with pytest.raises(lists.UnknownView):
        lists.find_view(key, member)


def test_a_page_takes_as_many_queries_for_three_rows_as_for_one(write, clock, member, queries):
    label = label_named(name="vip")
    first, *_ = three(write, clock)
    work.add_label(conversation=first, label=label, member=member)
    view = lists.find_view("open", member)
    assert queries(lists.page(view, member, size=1).read) == queries(lists.page(view, member).read) == 1


def test_the_sidebar_takes_as_many_queries_whatever_it_counts(write, clock, member, queries):
    before = queries(lists.sidebar(member).read)
    three(write, clock)
    assert queries(lists.sidebar(member).read) == before == 1


def test_nobody_sees_anothers_mine(write, workspace, member):
    other = new_member(workspace, Role.AGENT, name="Olli", email="olli@acme.example")
    work.take(conversation=write("m1").conversation, member=other)
    assert shown("mine", member) == []


def test_drafts_are_listed_with_their_first_words_the_newest_first_and_to_nobody_else(
    write, clock, member, admin
):
    one, two, _ = three(write, clock)
    for conversation, text in ((two, "Two"), (one, "One")):
        clock.shift(60)
        written = Written(text)
        drafts.keep(conversation=conversation, member=member, mode="reply", written=written, revision=0)
    view = lists.find_view("drafts", member)
    page = lists.page(view, member).read()
    assert [(row.number, row.draft) for row in page.rows] == [(one.number, "One"), (two.number, "Two")]
    assert lists.page(view, admin).read().rows == []
    own = {item.view.key: item.count for item in lists.sidebar(member).read().own}
    assert own["drafts"] == 2
    everything = lists.page(lists.find_view("open", admin), admin).read()
    assert {row.draft for row in everything.rows} == {None}
