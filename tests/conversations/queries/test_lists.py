from datetime import timedelta
from typing import Any

import pytest

from conversations.models import Conversation
from conversations.queries import lists
from conversations.services import work
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
        "unassigned": 1,
        "snoozed": 0,
        "open": 2,
        "resolved": None,
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
