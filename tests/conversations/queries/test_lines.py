from datetime import timedelta
from typing import Any

from contacts.services.people import add_identity
from contacts.types import AddressKind
from conversations.models import Channel, Conversation
from conversations.queries.lines import Day, Events, Line, Said, Switch, lines
from conversations.queries.threads import entries_page
from conversations.services import work
from conversations.services.reply import Draft, reply, undo_send
from tests.conversations.queries.conftest import person


def kinds_of(conversation: Conversation, **how: Any) -> list[type[Line]]:
    return [type(line) for line in lines(entries_page(conversation.number, **how).read())]


def continued_by_sms(write: Any, sms: Channel, clock: Any) -> Conversation:
    conversation: Conversation = write("m1").conversation
    assert conversation.contact is not None
    clock.shift(timedelta(days=1))
    add_identity(contact=conversation.contact, kind=AddressKind.SMS, value="+1 206 555 0142")
    write("s1", channel=sms, sender=person("+12065550142"), subject="")
    return conversation


def test_a_day_and_a_switch_stand_above_what_they_mark(write, sms, clock):
    conversation = continued_by_sms(write, sms, clock)
    found = lines(entries_page(conversation.number).read())
    assert [type(line) for line in found] == [Day, Said, Day, Switch, Said]
    switch = found[3]
    assert isinstance(switch, Switch)
    assert (switch.before, switch.entry.channel, switch.gap) == ("email", sms, 86400.0)


def test_marks_at_the_seam_of_two_pages_are_not_lost(write, sms, clock):
    conversation = continued_by_sms(write, sms, clock)
    assert kinds_of(conversation, size=1) == [Day, Switch, Said]


def test_events_in_a_row_share_a_line_and_many_fold(write, member):
    conversation = write("m1").conversation
    for priority in (3, 4, 1):
        work.set_priority(conversation=conversation, priority=priority, member=member)
    found = lines(entries_page(conversation.number).read())
    assert [type(line) for line in found] == [Day, Said, Events]
    assert [(len(line.happened), line.folds) for line in found if isinstance(line, Events)] == [(3, False)]
    work.resolve(conversation=conversation, member=member)
    again = lines(entries_page(conversation.number).read())
    assert [line.folds for line in again if isinstance(line, Events)] == [True]


def test_what_was_never_sent_was_never_said(write, mail, member):
    conversation = write("m1").conversation
    entry = reply(conversation=conversation, channel=mail, draft=Draft("Hm"), member=member)
    undo_send(entry=entry, member=member)
    assert entry.pk not in [
        line.entry.pk for line in lines(entries_page(conversation.number).read()) if type(line) is Said
    ]


def test_only_what_came_in_since_is_new(write, mail, member, clock):
    conversation = write("m1").conversation
    work.mark_seen(conversation=conversation, member=member)
    clock.shift(60)
    reply(conversation=conversation, channel=mail, draft=Draft("Hm"), member=member)
    write("m2", thread_keys=("m1",), starts_thread=False)
    said = [
        line for line in lines(entries_page(conversation.number, member=member).read()) if type(line) is Said
    ]
    assert [line.is_new for line in said] == [False, False, True]
