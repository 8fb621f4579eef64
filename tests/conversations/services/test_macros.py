"""Macros: looked at, run as a whole or not at all, and taken back without touching what came after."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from conversations import kinds
from conversations.models import CannedReply, Conversation, Delivery, Entry, KeptDraft, Label, Macro, Mention
from conversations.services import counts, tools, work
from conversations.services.macros.keeping import keep_macro
from conversations.services.macros.planning import plan
from conversations.services.macros.running import CannotRun, run
from conversations.services.macros.undoing import CannotUndo, undo
from conversations.services.reply import WroteMeanwhile
from tenancy.models import Member
from tenancy.services import teams
from tests.senders import senders

from .conftest import NOW, person

CLOSE = [
    {"do": "status", "status": "resolved"},
    {"do": "reply", "text": "Hi {{contact.first_name}}, done."},
    {"do": "note", "text": "Closed for {{contact.name}}, @Ada Admin"},
    {"do": "assign", "assignee": "me"},
    {"do": "priority", "priority": "high"},
]


@pytest.fixture(autouse=True)
def mail_can_be_sent(monkeypatch):
    monkeypatch.setattr(kinds, "_senders", senders("email"))


@pytest.fixture
def conversation(write):
    return write("m1", sender=person(name="Ana Lind")).conversation


@pytest.fixture
def macro(in_scope, member):
    """`macro(*actions)`: one of the member's own."""
    return lambda *actions, shared=False, by=member: keep_macro(
        macro=Macro(name="Close"), actions=list(actions), shared=shared, by=by
    )


def events(conversation: Conversation) -> list[str]:
    rows = Entry.objects.filter(conversation=conversation, kind="event").order_by("id")
    return list(rows.values_list("event", flat=True))


def facts(conversation: Conversation) -> dict[str, object]:
    conversation.refresh_from_db()
    names = ("status", "assignee_id", "priority", "is_spam", "snoozed_until", "waiting_since")
    labels = sorted(
        Label.objects.filter(pk__in=counts.labels_of(conversation)).values_list("name", flat=True)
    )
    return {name: getattr(conversation, name) for name in names} | {"labels": labels}


def test_a_plan_says_in_words_what_would_be_done_and_does_nothing(conversation, member, macro):
    label = Label.objects.create(name="returns")
    made = macro(*CLOSE, {"do": "label", "label": label.pk}, {"do": "spam"})
    before = facts(conversation)
    planned = plan(macro=made, conversation=conversation, member=member)
    assert [(step.words, step.filled.text) for step in planned.steps] == [
        ("Resolve", ""),
        ("Reply by Support to ana@cust.example", "Hi Ana, done."),
        ("Add a note", "Closed for Ana Lind, @Ada Admin"),
        ("Assign to you", ""),
        ("Set the priority to high", ""),
        ("Add the label returns", ""),
        ("Mark as spam", ""),
    ]
    assert (planned.troubles, planned.composed) == ([], None)
    assert (facts(conversation), events(conversation)) == (before, [])


def test_a_run_does_all_of_it_and_names_the_macro(conversation, member, macro, admin):
    ran = run(macro=macro(*CLOSE), conversation=conversation, member=member)
    assert facts(conversation) == {
        "status": "resolved",
        "assignee_id": member.pk,
        "priority": 3,
        "is_spam": False,
        "snoozed_until": None,
        "waiting_since": None,
        "labels": [],
    }
    assert events(conversation) == ["assigned", "resolved", "priority", "macro"]
    assert (ran.record.data["name"], ran.record.member) == ("Close", member)
    assert ran.reply
    assert ran.reply.bodies.get().text == "Hi Ana, done."
    assert Delivery.objects.get().status == "held"
    assert Mention.objects.get().member == admin
    assert Macro.objects.get().uses == 1
    assert counts.differences() == {}


def test_one_undo_takes_all_of_it_back(conversation, member, macro):
    before = facts(conversation)
    ran = run(macro=macro(*CLOSE), conversation=conversation, member=member)
    assert undo(record=ran.record, member=member) == "Hi Ana, done."
    assert facts(conversation) == before
    assert Delivery.objects.get().status == "cancelled"
    assert Entry.objects.get(kind="note").deleted_at == NOW
    assert events(conversation)[-2:] == ["send_undone", "macro_undone"]
    assert counts.differences() == {}
    with pytest.raises(CannotUndo):
        undo(record=ran.record, member=member)


def test_an_undo_leaves_what_was_changed_since(conversation, member, admin, macro):
    kept, gone = Label.objects.create(name="kept"), Label.objects.create(name="gone")
    work.add_label(conversation=conversation, label=gone, member=member)
    actions = [
        {"do": "assign", "assignee": "me"},
        {"do": "priority", "priority": "urgent"},
        {"do": "status", "status": "snoozed", "hours": 3},
        {"do": "label", "label": kept.pk},
        {"do": "unlabel", "label": gone.pk},
    ]
    ran = run(macro=macro(*actions), conversation=conversation, member=member)
    assert facts(conversation)["snoozed_until"] == NOW + timedelta(hours=3)
    work.assign(conversation=conversation, assignee=admin, member=admin)
    work.remove_label(conversation=conversation, label=kept, member=admin)
    undo(record=ran.record, member=member)
    now = facts(conversation)
    assert (now["assignee_id"], now["priority"], now["status"]) == (admin.pk, 2, "open")
    assert (now["labels"], now["waiting_since"]) == (["gone"], NOW)
    assert counts.differences() == {}


def test_a_reply_that_has_left_stays_and_nobody_waits(conversation, member, macro):
    ran = run(macro=macro(*CLOSE), conversation=conversation, member=member)
    Delivery.objects.update(status="sent")
    assert undo(record=ran.record, member=member) == ""
    now = facts(conversation)
    assert (now["status"], now["waiting_since"], now["priority"]) == ("open", None, 2)
    assert ran.reply
    ran.reply.refresh_from_db()
    assert ran.reply.deleted_at is None


def test_a_status_said_before_the_reply_holds(conversation, member, macro):
    for status in ("open", "pending", "resolved"):
        made = macro({"do": "status", "status": status}, {"do": "reply", "text": "Hello"})
        run(macro=made, conversation=conversation, member=member)
        assert facts(conversation)["status"] == status
    made = macro({"do": "status", "status": "snoozed"}, {"do": "reply", "text": "Hello"})
    run(macro=made, conversation=conversation, member=member)
    assert facts(conversation)["snoozed_until"] == (NOW + timedelta(days=1)).replace(hour=9)


def test_a_reply_alone_waits_for_the_customer(conversation, member, macro):
    run(macro=macro({"do": "reply", "text": "Hello"}), conversation=conversation, member=member)
    assert facts(conversation)["status"] == "pending"


def test_where_one_action_cannot_be_done_none_is(write, member, macro):
    conversation = write("m1", sender=person(name="")).conversation
    before = facts(conversation)
    with pytest.raises(CannotRun) as refused:
        run(macro=macro(*CLOSE), conversation=conversation, member=member)
    assert refused.value.troubles == ["The reply needs what is not known here: the customer's first name."]
    assert (facts(conversation), events(conversation)) == (before, [])


def test_what_only_the_html_lacks_is_missed_too(write, member, macro):
    conversation = write("m1", sender=person(name="")).conversation
    canned = CannedReply(name="Hi", text="Hello", html="<p>Hi <b>{{contact.first_name}}</b></p>")
    tools.keep(tool=canned, shared=False, by=member)
    made = macro({"do": "reply", "canned": canned.pk})
    assert plan(macro=made, conversation=conversation, member=member).troubles == [
        "The reply needs what is not known here: the customer's first name."
    ]


def test_what_is_gone_since_is_said(conversation, member, admin, macro):
    canned = tools.keep(tool=CannedReply(name="Bye", text="Bye"), shared=False, by=member)
    label = Label.objects.create(name="returns")
    made = macro(
        {"do": "reply", "canned": canned.pk},
        {"do": "label", "label": label.pk},
        {"do": "assign", "assignee": str(admin.pk)},
    )
    tools.archive(tool=canned, by=member)
    Label.objects.update(archived_at=NOW)
    Member.objects.filter(pk=admin.pk).update(archived_at=NOW)
    assert plan(macro=made, conversation=conversation, member=member).troubles == [
        "The canned reply that it uses is not there any more.",
        "The label that it uses is not there any more.",
        "The person that it assigns to is no longer a member.",
    ]


def test_nothing_is_answered_that_was_not_seen(conversation, member, macro, write):
    seen = Entry.objects.latest("pk").pk
    write("m2", text="One more thing", thread_keys=("m1",), starts_thread=False)
    with pytest.raises(WroteMeanwhile):
        run(macro=macro(*CLOSE), conversation=conversation, member=member, seen_entry_id=seen)
    assert events(conversation) == []


def test_a_text_for_the_composer_is_filled_and_not_sent(conversation, member, macro):
    canned = CannedReply(
        name="Hi", text="Hi {{contact.first_name}}", html="<p>Hi <b>{{contact.name}}</b></p>"
    )
    tools.keep(tool=canned, shared=False, by=member)
    made = macro({"do": "reply", "canned": canned.pk, "send": False})
    ran = run(macro=made, conversation=conversation, member=member)
    composed = ran.plan.composed
    assert composed
    assert (composed.filled.text, composed.html) == ("Hi Ana", "<p>Hi <b>Ana Lind</b></p>")
    assert (ran.reply, Delivery.objects.count()) == (None, 0)
    draft = KeptDraft.objects.get()
    assert (draft.member, draft.text, draft.html) == (member, composed.filled.text, composed.html)


def test_a_plan_costs_the_same_however_long_it_is(conversation, member, macro, django_assert_num_queries):
    labels = [Label.objects.create(name=name) for name in "abc"]
    short = macro({"do": "label", "label": labels[0].pk}, {"do": "reply", "text": "Hi"})
    long = macro(*({"do": "label", "label": each.pk} for each in labels), {"do": "reply", "text": "Hi"})
    for made in (short, long):
        with django_assert_num_queries(4):
            plan(macro=made, conversation=conversation, member=member)


@pytest.mark.parametrize(
    ("actions", "why"),
    [
        ([], "A macro needs an action."),
        ({"do": "spam"}, "A macro needs an action."),
        ([{"do": "spam"}] * 21, "A macro has at most 20 actions."),
        ([{"do": "reply", "text": "a"}, {"do": "reply", "text": "b"}], "A macro replies once."),
        ([{"do": "dance"}], "Action 1: Say what to do: "),
        (["spam"], "Action 1: Say what to do: "),
        ([{"do": "spam"}, {"do": "reply", "text": " "}], "Action 2: Write the text."),
        ([{"do": "note", "text": "{{shoe}}"}], "Action 1: There is no variable {{shoe}}."),
        ([{"do": "note", "text": "x" * 20_001}], "Action 1: The text is longer than"),
        ([{"do": "note", "text": 5}], "Action 1: “text” is not what it should be."),
        ([{"do": "reply", "canned": True}], "Action 1: “canned” is not what it should be."),
        ([{"do": "spam", "label": 1}], "Action 1: “label” has no meaning here."),
        ([{"do": "assign", "assignee": "everybody"}], "Action 1: Choose whom to assign to."),
        ([{"do": "status", "status": "lost"}], "Action 1: Choose a status."),
        ([{"do": "status", "status": "open", "hours": 2}], "Action 1: A snooze lasts"),
        ([{"do": "priority", "priority": "2"}], "Action 1: Choose a priority."),
        ([{"do": "label"}], "Action 1: Choose a label."),
        ([{"do": "label", "label": 999}], "Choose a label that is there."),
        ([{"do": "reply", "canned": 999}], "Choose a canned reply that is there."),
        ([{"do": "team", "team": 999}], "There is no such team any more."),
        ([{"do": "assign", "assignee": "999"}], "This person is no longer a member."),
    ],
)
def test_actions_that_could_not_be_done_are_refused(in_scope, member, macro, actions, why):
    with pytest.raises(ValidationError) as refused:
        keep_macro(macro=Macro(name="X"), actions=actions, shared=False, by=member)
    assert refused.value.messages[0].startswith(why)


def test_a_shared_macro_uses_nobodys_own_reply(in_scope, member, admin, macro):
    mine = tools.keep(tool=CannedReply(name="Bye", text="Bye"), shared=False, by=admin)
    with pytest.raises(ValidationError) as refused:
        macro({"do": "reply", "canned": mine.pk}, shared=True, by=admin)
    assert refused.value.messages == [
        "A shared macro can only use canned replies that are shared with the same people."
    ]
    with pytest.raises(PermissionDenied):
        macro({"do": "spam"}, shared=True, by=member)


def test_a_macro_gives_to_a_team_and_its_undo_takes_it_back(conversation, member, macro):
    team = teams.make(name="Returns", by=None, members=[member])
    made = macro({"do": "team", "team": team.pk}, {"do": "assign", "assignee": "me"})
    assert (
        plan(macro=made, conversation=conversation, member=member).steps[0].words
        == "Give to the team Returns"
    )
    ran = run(macro=made, conversation=conversation, member=member)
    conversation.refresh_from_db()
    assert (conversation.team, conversation.assignee) == (team, member)
    undo(record=ran.record, member=member)
    conversation.refresh_from_db()
    assert (conversation.team, conversation.assignee) == (None, None)
    assert counts.differences() == {}
    teams.archive(team=team, by=None)
    assert plan(macro=made, conversation=conversation, member=member).troubles == [
        "The team that it gives to is not there any more."
    ]


def test_a_macro_of_a_team_uses_what_the_team_has(in_scope, admin, member):
    ours, theirs = (teams.make(name=name, by=None, members=[member]) for name in ("Ours", "Theirs"))
    bye = tools.keep(tool=CannedReply(name="Bye", text="Bye"), shared=True, team=ours, by=admin)
    actions = [{"do": "reply", "canned": bye.pk}]
    kept = keep_macro(macro=Macro(name="A"), actions=actions, shared=True, team=ours, by=admin)
    assert kept.team == ours
    for team in (theirs, None):
        with pytest.raises(ValidationError):
            keep_macro(macro=Macro(name="B"), actions=actions, shared=True, team=team, by=admin)
