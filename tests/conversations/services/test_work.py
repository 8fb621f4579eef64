from datetime import timedelta

import pytest

from conversations.models import Entry, Label, Mention, Reaction, Seen
from conversations.services import counts, work
from conversations.services.notes import note
from conversations.services.reply import Draft, reply

from .conftest import NOW


@pytest.fixture
def conversation(write):
    return write("m1").conversation


def events() -> list[str]:
    return list(Entry.objects.filter(kind="event").order_by("id").values_list("event", flat=True))


def test_take_and_give_back(conversation, member):
    work.take(conversation=conversation, member=member)
    work.take(conversation=conversation, member=member)
    assert counts.totals()[f"mine:{member.pk}"] == 1
    work.assign(conversation=conversation, assignee=None, member=member)
    assert events() == ["assigned", "unassigned"]
    assert counts.differences() == {}


def test_a_snooze_ends_by_itself(conversation, member, clock):
    work.snooze(conversation=conversation, until=NOW + timedelta(hours=2), member=member)
    assert Reaction.objects.get(step="wake").due_at == NOW + timedelta(hours=2)
    assert work.wake(conversation=conversation).status == "snoozed"
    clock.shift(timedelta(hours=2))
    assert work.wake(conversation=conversation).status == "open"
    assert events() == ["snoozed", "woke"]
    assert counts.differences() == {}


def test_what_was_resolved_and_then_snoozed_is_not_resolved_any_more(conversation, member):
    work.resolve(conversation=conversation, member=member)
    work.snooze(conversation=conversation, until=NOW + timedelta(hours=2), member=member)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.resolved_at) == ("snoozed", None)


def test_a_snooze_into_the_past_is_refused(conversation, member):
    with pytest.raises(ValueError, match="future"):
        work.snooze(conversation=conversation, until=NOW, member=member)


def test_spam_is_put_aside_and_taken_back(conversation, member):
    work.mark_spam(conversation=conversation, member=member)
    assert counts.totals() == {"spam": 1}
    work.unmark_spam(conversation=conversation, member=member)
    assert counts.differences() == {}
    assert events() == ["spam", "not_spam"]


def test_labels_are_counted_while_the_matter_is_open(conversation, member):
    label = Label.objects.create(name="returns")
    work.add_label(conversation=conversation, label=label, member=member)
    work.add_label(conversation=conversation, label=label, member=member)
    assert counts.totals()[f"label:{label.pk}"] == 1
    work.resolve(conversation=conversation, member=member)
    assert f"label:{label.pk}" not in counts.totals()
    work.reopen(conversation=conversation, member=member)
    work.remove_label(conversation=conversation, label=label, member=member)
    assert events() == ["labelled", "resolved", "reopened", "unlabelled"]
    assert counts.differences() == {}


def test_priority_and_subject(conversation, member):
    work.set_priority(conversation=conversation, priority=4, member=member)
    renamed = work.rename(conversation=conversation, subject="  Order\nsync ", member=member)
    assert (renamed.priority, renamed.subject) == (4, "Order sync")
    with pytest.raises(ValueError, match="9"):
        work.set_priority(conversation=conversation, priority=9, member=member)


def test_a_due_date_is_set_moved_and_taken_off(conversation, member):
    tomorrow = NOW + timedelta(days=1)
    for due in (tomorrow, tomorrow, NOW, None, None):
        changed = work.set_due(conversation=conversation, due=due, member=member)
        assert changed.due_at == due
    assert events() == ["due", "due", "not_due"]


def test_waiting_on_the_customer(conversation, member):
    assert work.set_status(conversation=conversation, status="pending", member=member).status == "pending"
    assert work.set_status(conversation=conversation, status="resolved", member=member).status == "resolved"
    with pytest.raises(ValueError, match="by hand"):
        work.set_status(conversation=conversation, status="snoozed", member=member)


def test_reading_marks_the_mentions_too(conversation, member, admin):
    note(conversation=conversation, member=member, text="look", mentions=[admin])
    work.mark_seen(conversation=conversation, member=admin)
    work.mark_seen(conversation=conversation, member=admin)
    assert Seen.objects.get().at == NOW
    assert Mention.objects.get().read_at == NOW


def test_squashing_keeps_every_count(conversation, member):
    for _ in range(5):
        work.resolve(conversation=conversation, member=member)
        work.reopen(conversation=conversation, member=member)
    before = counts.totals()
    assert counts.squash() > 0
    assert counts.totals() == before
    assert counts.squash() == 0


def test_whoever_waited_waits_on_when_a_resolution_is_taken_back(write, clock, mail, member):
    conversation = write("m1").conversation
    since = conversation.waiting_since
    clock.shift(60)
    work.resolve(conversation=conversation, member=member)
    assert work.reopen(conversation=conversation, member=member).waiting_since == since
    reply(conversation=conversation, channel=mail, draft=Draft("Done"), member=member, then="resolved")
    assert work.reopen(conversation=conversation, member=member).waiting_since is None
