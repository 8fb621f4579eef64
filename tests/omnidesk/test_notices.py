"""Of what members are told when something happens in a conversation."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact
from conversations.models import Conversation, Entry, Follower, Notice, Reaction
from conversations.services import entries, following, matter, notices, work
from conversations.services.notes import note
from omnidesk import flow
from tenancy import lanes
from tenancy.models import Brand, Member, Workspace
from tenancy.preferences import Happening, Preferences

NOW = "2026-11-19 10:00:00Z"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """A clock that goes on, so that what comes later is later."""
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


@pytest.fixture
def conversation(in_scope: Workspace) -> Conversation:
    contact = Contact.objects.create(name="Dana")
    return matter.create(brand=Brand.objects.get(), subject="Printer", contact=contact)


@pytest.fixture
def people(admin: Member, owner: Member, member: Member) -> list[Member]:
    return [admin, owner, member]


def says(conversation: Conversation, **fields: Any) -> Entry:
    """A message from the customer, unless `fields` say otherwise."""
    usual = {"kind": Entry.Kind.MESSAGE, "direction": Entry.Direction.IN, "contact": conversation.contact}
    return entries.write(Entry(conversation=matter.lock(conversation), **usual | fields))


def told() -> list[tuple[str, str]]:
    """Who was told of what, oldest first."""
    lanes.drain("reactions")
    rows = Notice.objects.select_related("member").order_by("entry_id", "member__name")
    return [(row.member.name.split()[0], row.kind) for row in rows]


def wishes(member: Member, **changed: Any) -> None:
    member.preferences = Preferences(**changed).stored()
    member.save()


def test_the_assignee_and_followers_are_told_of_what_the_customer_says(conversation, admin, owner, member):
    work.assign(conversation=conversation, assignee=admin, member=None)
    following.follow(conversation=conversation, member=owner)
    says(conversation)
    assert told() == [("Ada", "assigned"), ("Ada", "customer"), ("Olga", "customer")]


def test_nobody_is_told_of_machines_and_spam(conversation, admin):
    following.follow(conversation=conversation, member=admin)
    says(conversation, automatic="reply")
    work.mark_spam(conversation=conversation, member=None)
    says(conversation)
    assert told() == []


def test_whom_a_note_names_is_told_once_and_others_of_the_note(conversation, admin, owner, member):
    following.follow(conversation=conversation, member=owner)
    work.take(conversation=conversation, member=admin)
    note(conversation=conversation, member=member, text="@Ada", mentions=[admin, member])
    assert told() == [("Olga", "status"), ("Ada", "mentioned"), ("Olga", "colleague")]


def test_who_loses_a_conversation_hears_of_it(conversation, admin, member):
    work.assign(conversation=conversation, assignee=admin, member=admin)
    work.take(conversation=conversation, member=member)
    assert told() == [("Ada", "assigned")]


def test_statuses_set_by_people_are_told_and_those_that_follow_from_a_message_are_not(
    conversation, admin, member
):
    following.follow(conversation=conversation, member=admin)
    work.resolve(conversation=conversation, member=member)
    work.reopen(conversation=conversation, member=None)
    work.set_status(conversation=conversation, status="pending", member=member)
    assert told() == [("Ada", "status"), ("Ada", "status")]


def test_the_end_of_a_snooze_is_told(conversation, admin, clock):
    work.take(conversation=conversation, member=admin)
    until = conversation.created_at.replace(hour=12)
    work.snooze(conversation=conversation, until=until, member=admin)
    clock.move_to(until)
    assert told() == [("Ada", "woke")]


def test_who_wrote_what_could_not_be_delivered_is_told(conversation, admin, member):
    entry = says(conversation, direction=Entry.Direction.OUT, member=member)
    for _ in range(2):
        Reaction.objects.bulk_create([Reaction(entry=entry, step="failed")], ignore_conflicts=True)
        assert told() == [("Aki", "failed")]


def test_nothing_is_told_of_what_was_taken_back(conversation, admin, owner, member):
    following.follow(conversation=conversation, member=admin)
    entry = says(conversation, direction=Entry.Direction.OUT, member=member)
    assert told() == [("Ada", "colleague")]
    notices.forget(entry)
    assert told() == []
    entry = says(conversation, direction=Entry.Direction.OUT, member=member)
    Entry.objects.filter(pk=entry.pk).update(deleted_at=entry.at)
    assert told() == []


def test_who_writes_is_named_or_is_given_it_follows(conversation, admin, owner, member):
    note(conversation=conversation, member=member, text="@Ada", mentions=[admin])
    work.assign(conversation=conversation, assignee=owner, member=member)
    told()
    assert sorted(Follower.objects.values_list("member__name", flat=True)) == [
        "Ada Admin",
        "Aki Agent",
        "Olga Owner",
    ]


def test_who_wants_to_follow_nothing_by_itself_does_not(conversation, member):
    wishes(member, follows=False)
    note(conversation=conversation, member=member, text="hm")
    told()
    assert not Follower.objects.exists()


def test_who_has_ceased_to_follow_does_not_begin_again(conversation, admin, member):
    following.unfollow(conversation=conversation, member=member)
    note(conversation=conversation, member=member, text="hm")
    note(conversation=conversation, member=admin, text="hm")
    assert told() == []
    following.follow(conversation=conversation, member=member)
    note(conversation=conversation, member=admin, text="hm")
    assert told() == [("Aki", "colleague")]


def test_who_follows_hears_of_nothing_from_before(conversation, admin, member, clock):
    note(conversation=conversation, member=admin, text="first")
    clock.shift(1)
    note(conversation=conversation, member=member, text="second")
    assert told() == [("Ada", "colleague")]


def test_each_happening_can_be_left_out(conversation, admin):
    following.follow(conversation=conversation, member=admin)
    wishes(admin, told={Happening.CUSTOMER: frozenset()})
    says(conversation)
    assert told() == []


def test_bots_and_who_has_left_are_not_told(conversation, admin, owner):
    for member in (admin, owner):
        following.follow(conversation=conversation, member=member)
    Member.objects.filter(pk=admin.pk).update(is_bot=True)
    Member.objects.filter(pk=owner.pk).update(archived_at="2026-11-19T09:00Z")
    says(conversation)
    assert told() == []


def test_what_was_read_in_the_thread_before_is_no_news(conversation, admin, owner):
    for member in (admin, owner):
        following.follow(conversation=conversation, member=member)
    says(conversation)
    work.mark_seen(conversation=conversation, member=admin)
    lanes.drain("reactions")
    assert list(Notice.objects.filter(read_at=None).values_list("member__name", flat=True)) == ["Olga Owner"]


def test_reading_a_conversation_reads_its_notices_wherever_an_entry_was_moved(conversation, admin, member):
    other = matter.create(brand=conversation.brand, subject="Other", contact=conversation.contact)
    following.follow(conversation=conversation, member=admin)
    entry, moved = says(conversation), says(conversation)
    told()
    Entry.objects.filter(pk=moved.pk).update(conversation=other)
    work.mark_seen(conversation=conversation, member=admin)
    assert list(Notice.objects.filter(read_at=None).values_list("entry", flat=True)) == [moved.pk]
    assert entry.pk != moved.pk
    work.mark_seen(conversation=other, member=admin)
    assert not Notice.objects.filter(read_at=None).exists()


def test_telling_of_many_costs_what_telling_of_one_does(conversation, admin, owner, member):
    for each in (admin, owner):
        following.follow(conversation=conversation, member=each)

    def cost(count: int) -> int:
        batch = [
            note(conversation=conversation, member=member, text="x", mentions=[admin]) for _ in range(count)
        ]
        with CaptureQueriesContext(connection) as captured:
            notices.tell(batch)
        return len(captured)

    assert cost(1) == cost(3)


def test_old_notices_are_dropped(conversation, admin, clock):
    following.follow(conversation=conversation, member=admin)
    says(conversation)
    told()
    clock.shift(notices.READ_KEPT.total_seconds() + 1)
    notices.prune()
    assert Notice.objects.count() == 1
    notices.read(member=admin)
    notices.prune()
    assert Notice.objects.count() == 0


ACTS = ("note", "mention", "assign", "take", "resolve", "reopen", "customer", "follow", "unfollow", "seen")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 2)), max_size=12),
    st.integers(1, 12),
)
def test_whatever_happens_nobody_hears_of_their_own_acts_or_twice(
    conversation: Conversation, people: list[Member], history: list[Any], size: int
):
    """However the lane takes the entries, and however often."""
    before = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for act, one, other in history:
        _do(act, conversation, people[one], people[other])
    rows = list(Reaction.objects.filter(entry__gt=before, step="written").order_by("pk"))
    for _ in range(2):
        for start in range(0, len(rows), size):
            flow.react(rows[start : start + size])
    found = list(Notice.objects.filter(entry__gt=before).select_related("entry"))
    assert [row for row in found if row.entry.member_id == row.member_id] == []
    assert len({(row.member_id, row.entry_id) for row in found}) == len(found)
    Reaction.objects.all().delete()


def _do(act: str, conversation: Conversation, who: Member, whom: Member) -> None:
    deeds: dict[str, Callable[[], Any]] = {
        "note": lambda: note(conversation=conversation, member=who, text="x"),
        "mention": lambda: note(conversation=conversation, member=who, text="x", mentions=[whom, who]),
        "assign": lambda: work.assign(conversation=conversation, assignee=whom, member=who),
        "take": lambda: work.take(conversation=conversation, member=who),
        "resolve": lambda: work.resolve(conversation=conversation, member=who),
        "reopen": lambda: work.reopen(conversation=conversation, member=who),
        "customer": lambda: says(conversation),
        "follow": lambda: following.follow(conversation=conversation, member=who),
        "unfollow": lambda: following.unfollow(conversation=conversation, member=who),
        "seen": lambda: work.mark_seen(conversation=conversation, member=who),
    }
    deeds[act]()
