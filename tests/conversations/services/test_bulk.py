"""One thing done to many conversations, and all of it taken back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contacts.services.people import create_account
from conversations import kinds
from conversations.models import Bulk, BulkItem, Conversation, Entry, Macro, Mention, Seen
from conversations.queries.bulk import Progress, progress
from conversations.services import counts, tools, work
from conversations.services.bulk import acting
from conversations.services.bulk.acting import begin, undo
from conversations.services.bulk.deeds import DEEDS
from conversations.services.labels import label_named
from conversations.services.macros.keeping import keep_macro
from conversations.services.notes import note
from conversations.services.retelling import state_of
from tenancy import lanes
from tenancy.models import Member, Role
from tests.conversations.services.conftest import NOW, person
from tests.people import new_member
from tests.senders import senders

LATER = NOW + timedelta(days=1)


@pytest.fixture
def three(write: Callable[..., Any]) -> list[Conversation]:
    """Three conversations: open, waiting for the customer, resolved."""
    made = [write(f"m{n}", sender=person(f"c{n}@cust.example")).conversation for n in range(3)]
    member = Member.objects.filter(role=Role.OWNER).get()
    work.set_status(conversation=made[1], status="pending", member=member)
    work.resolve(conversation=made[2], member=member)
    return made


def act(noun: str, conversations: list[Conversation], by: Member, /, **facts: Any) -> Bulk:
    ids = [conversation.pk for conversation in conversations]
    return begin(noun=noun, conversations=ids, member=by, facts=facts)


def told(bulk: Bulk) -> Progress:
    found = progress(bulk.pk).read()
    assert found
    return found


def values(field: str) -> list[Any]:
    return list(Conversation.objects.order_by("pk").values_list(field, flat=True))


def test_what_is_resolved_together_stands_as_it_did_after_the_undo(three, member):
    before = [state_of(conversation) for conversation in Conversation.objects.order_by("pk")]
    bulk = act("resolution", three, member)
    assert values("status") == ["resolved"] * 3
    found = told(bulk)
    assert (found.done, found.changed, found.is_over) == (3, 2, True)
    assert found.words == "3 conversations resolved"
    undoing = undo(bulk=bulk, member=member)
    assert [state_of(conversation) for conversation in Conversation.objects.order_by("pk")] == before
    assert told(undoing).words == "2 conversations are as they were"
    assert counts.differences() == {}


@pytest.mark.parametrize(
    ("noun", "facts", "change"),
    [
        ("reopening", {}, ("status", ["open", "pending", "resolved"], ["open", "open", "open"])),
        ("pending", {}, ("status", ["open", "pending", "resolved"], ["pending", "pending", "pending"])),
        ("snooze", {"until": LATER.isoformat()}, ("snoozed_until", [None] * 3, [LATER] * 3)),
        ("priority", {"priority": 4}, ("priority", [2] * 3, [4] * 3)),
        ("spam", {}, ("is_spam", [False] * 3, [True] * 3)),
    ],
)
def test_each_deed_and_its_undo(three, member, noun, facts, change):
    field, before, after = change
    assert values(field) == before
    bulk = act(noun, three, member, **facts)
    assert values(field) == after
    undo(bulk=bulk, member=member)
    assert values(field) == before
    assert counts.differences() == {}


def test_each_gets_back_whom_it_had(three, member, owner):
    work.assign(conversation=three[0], assignee=owner, member=owner)
    bulk = act("assignment", three, member, member=member.pk, name=member.name)
    assert values("assignee_id") == [member.pk] * 3
    assert told(bulk).words == "3 conversations assigned to Aki Agent"
    undo(bulk=bulk, member=member)
    assert values("assignee_id") == [owner.pk, None, None]


def test_a_label_comes_off_only_where_it_was_put_on(three, member):
    vip = label_named(name="vip")
    work.add_label(conversation=three[0], label=vip, member=member)
    bulk = act("label", three, member, label=vip.pk, name="vip")
    assert [counts.labels_of(one) for one in three] == [{vip.pk}] * 3
    undo(bulk=bulk, member=member)
    assert [counts.labels_of(one) for one in three] == [{vip.pk}, set(), set()]
    undo(bulk=act("unlabel", three, member, label=vip.pk, name="vip"), member=member)
    assert [counts.labels_of(one) for one in three] == [{vip.pk}, set(), set()]


def test_spam_is_taken_back_together(three, member):
    act("spam", three[:2], member)
    undo(bulk=act("not_spam", three, member), member=member)
    assert values("is_spam") == [True, True, False]


def test_read_and_unread_are_a_members_own(three, member, owner, clock):
    note(conversation=three[0], member=owner, text="@Aki", mentions=[member])
    bulk = act("seen", three, member)
    assert Seen.objects.filter(member=member).count() == 3
    undo(bulk=bulk, member=owner)
    assert Seen.objects.count() == 0
    assert Mention.objects.get().read_at is None
    clock.shift(60)
    act("seen", three[:1], member)
    undo(bulk=act("unseen", three, member), member=member)
    assert Seen.objects.get().at == NOW + timedelta(seconds=60)


def test_what_a_colleague_changed_since_stays_and_is_told(three, member, owner, clock):
    bulk = act("priority", three, member, priority=4)
    clock.shift(60)
    work.set_priority(conversation=three[1], priority=1, member=owner)
    found = told(undo(bulk=bulk, member=member))
    assert values("priority") == [2, 1, 2]
    assert (found.done, found.skipped) == (2, 1)
    assert [(one.number, one.words) for one in found.troubles] == [
        (three[1].number, "Olga Owner changed it since")
    ]


def test_what_a_customer_opened_since_stays_open(three, member, write, clock):
    bulk = act("resolution", three[:2], member)
    clock.shift(60)
    write("again", sender=person("c1@cust.example"), thread_keys=("m1",), starts_thread=False)
    undo(bulk=bulk, member=member)
    assert values("status") == ["open", "open", "resolved"]


def test_it_is_taken_back_once_and_an_undoing_never(three, member):
    bulk = act("resolution", three, member)
    undoing = undo(bulk=bulk, member=member)
    for one in (bulk, undoing):
        with pytest.raises(acting.CannotUndo):
            undo(bulk=one, member=member)


def test_one_that_cannot_be_done_takes_no_other_along(three, member, monkeypatch):
    deed = DEEDS["resolution"]

    def resolve(conversation: Conversation, facts: Any, who: Member) -> object:
        if conversation.pk == three[1].pk:
            raise OSError("disk")
        return deed.act(conversation, facts, who)

    monkeypatch.setitem(DEEDS, "resolution", replace(deed, act=resolve))
    found = told(act("resolution", three, member))
    assert values("status") == ["resolved", "pending", "resolved"]
    assert (found.done, found.failed, found.is_over) == (2, 1, True)
    assert [(one.number, one.words) for one in found.troubles] == [
        (three[1].number, "It could not be changed")
    ]


def test_whoever_has_left_gets_nothing(three, member, workspace):
    gone = new_member(workspace, Role.AGENT, name="Olli", email="olli@acme.example")
    Member.objects.filter(pk=gone.pk).update(archived_at=NOW)
    found = told(act("assignment", three, member, member=gone.pk, name="Olli"))
    assert (found.failed, {one.words for one in found.troubles}) == (
        3,
        {"This person is no longer a member"},
    )
    assert values("assignee_id") == [None] * 3


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are many, and a batch has two."""
    monkeypatch.setattr(acting, "AT_ONCE", 1)


def test_many_are_worked_on_by_a_lane_and_so_is_their_undoing(three, member, few):
    bulk = act("resolution", three, member)
    assert (values("status"), told(bulk).worked_on) == (["open", "pending", "resolved"], 0)
    assert lanes.drain("bulk") == 3
    assert (values("status"), told(bulk).is_over) == (["resolved"] * 3, True)
    undoing = undo(bulk=bulk, member=member)
    assert told(undoing).worked_on == 0
    lanes.drain("bulk")
    assert (values("status"), told(undoing).done) == (["open", "pending", "resolved"], 2)


def test_one_that_runs_is_stopped_by_its_undo(three, member, few):
    bulk = act("resolution", three, member)
    first = BulkItem.objects.earliest("pk")
    acting.work_on([first])
    BulkItem.objects.filter(pk=first.pk).update(state="done", was=first.was, now=first.now)
    undo(bulk=bulk, member=member)
    lanes.drain("bulk")
    assert values("status") == ["open", "pending", "resolved"]
    assert {one.words for one in told(bulk).troubles} == {"Stopped before its turn"}


def test_each_is_an_event_of_its_own(three, member):
    act("priority", three, member, priority=3)
    rows = Entry.objects.filter(event="priority").order_by("conversation_id")
    assert [row.conversation_id for row in rows] == [one.pk for one in three]
    assert {row.member_id for row in rows} == {member.pk}


def test_a_macro_is_run_in_each_and_taken_back_in_each(three, member):
    actions = [{"do": "priority", "priority": "urgent"}, {"do": "status", "status": "resolved"}]
    macro = keep_macro(macro=Macro(name="Close"), actions=actions, shared=False, by=member)
    before = [(state_of(one), one.priority) for one in Conversation.objects.order_by("pk")]
    bulk = act("macro", three, member, macro=macro.pk, name="Close")
    assert (values("status"), values("priority")) == (["resolved"] * 3, [4] * 3)
    assert (told(bulk).changed, told(bulk).words) == (3, "Ran “Close” in 3 conversations")
    work.set_priority(conversation=three[0], priority=1, member=member)
    undo(bulk=bulk, member=member)
    assert values("priority") == [1, 2, 2]
    assert [state_of(one) for one in Conversation.objects.order_by("pk")] == [state for state, _ in before]
    assert counts.differences() == {}


def test_where_a_macro_cannot_be_run_it_says_why_and_the_others_are_done(three, member, monkeypatch):
    monkeypatch.setattr(kinds, "_senders", senders("email"))
    actions = [{"do": "note", "text": "Look"}, {"do": "reply", "text": "For {{account.name}}"}]
    macro = keep_macro(macro=Macro(name="Ask"), actions=actions, shared=False, by=member)
    account = create_account(name="Northwind")
    Conversation.objects.filter(pk=three[0].pk).update(account=account)
    bulk = act("macro", three, member, macro=macro.pk, name="Ask")
    found = told(bulk)
    assert (found.done, found.failed) == (1, 2)
    assert {one.words for one in found.troubles} == {
        "The reply needs what is not known here: the customer's company."
    }
    assert Entry.objects.filter(kind="note").count() == 1
    tools.archive(tool=macro, by=member)
    gone = told(act("macro", three, member, macro=macro.pk, name="Ask"))
    assert {one.words for one in gone.troubles} == {"The macro is no longer there"}
