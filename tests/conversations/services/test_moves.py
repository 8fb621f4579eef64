"""Moving what was said: everything arrives, nothing is lost, and it can be taken back row for row."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from contacts.services.people import add_identity
from contacts.types import Address, AddressKind, Proof
from conversations import kinds
from conversations.models import Channel, Conversation, Delivery, Entry, Mention, Participant, ThreadKey
from conversations.services import counts, entries, matter, moves, work
from conversations.services.moves import CannotMove
from conversations.services.notes import note
from conversations.services.reply import Draft, reply
from tests.senders import senders

from .conftest import NOW, person

BEN = "ben@cust.example"


@pytest.fixture(autouse=True)
def both_can_be_sent(monkeypatch):
    monkeypatch.setattr(kinds, "_senders", senders("email", "sms"))


@pytest.fixture
def answer(write):
    """`answer("m2", to="m1")`: a mail that answers another."""

    def answered(external_id: str, *, to: str = "m1", **fields: Any):
        return write(external_id, thread_keys=(to,), starts_thread=False, **fields)

    return answered


def fresh(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def texts(conversation: Conversation) -> list[str]:
    said = Entry.objects.filter(conversation=conversation, kind__in=moves.MOVABLE)
    return list(said.order_by("at", "id").values_list("preview", flat=True))


def snapshot(conversation: Conversation) -> dict[str, Any]:
    """All that a move may change, apart from the lines that it writes."""
    row = Conversation.objects.filter(pk=conversation.pk).values().get()
    people = Participant.objects.filter(conversation=conversation)
    return row | {
        "entries": list(
            Entry.objects.filter(conversation=conversation, kind__in=moves.MOVABLE)
            .order_by("pk")
            .values_list("pk", "rule", "data")
        ),
        "keys": sorted(ThreadKey.objects.filter(conversation=conversation).values_list("key", flat=True)),
        "people": sorted(people.values_list("identity_id", "role", "added_by")),
    }


def test_a_message_goes_to_another_conversation_with_its_key(write, answer, member):
    first, other = write("m1"), write("m0", subject="Other")
    second = answer("m2", text="And another thing")
    moved = moves.move(wanted=[second.entry], source=first.conversation, to=other.conversation, member=member)
    assert texts(moved.source) == ["It broke."]
    assert texts(moved.target) == ["It broke.", "And another thing"]
    entry = Entry.objects.get(pk=second.entry.pk)
    assert entry.rule == "manual"
    assert entry.data["moves"][0]["from"] == first.conversation.number
    assert entry.data["moves"][0]["rule"] == "thread"
    follows = answer("m3", to="m2")
    assert follows.conversation == other.conversation
    assert answer("m4", to="m1").conversation == first.conversation
    assert counts.differences() == {}


def test_both_sides_say_where_it_went(write, answer, member):
    first, other = write("m1"), write("m0", subject="Other")
    second = answer("m2")
    moved = moves.move(wanted=[second.entry], source=first.conversation, to=other.conversation, member=member)
    facts = {"to": other.conversation.number, "count": 1, "all": False}
    assert {name: moved.record.data[name] for name in facts} == facts
    arrived = Entry.objects.get(conversation=other.conversation, event="moved_in")
    assert arrived.data == {"from": first.conversation.number, "count": 1}


def test_a_conversation_that_all_has_left_is_resolved(write, member):
    first, other = write("m1"), write("m0", subject="Other")
    moved = moves.move(wanted=[first.entry], source=first.conversation, to=other.conversation, member=member)
    assert moved.record.data["all"] is True
    source = fresh(first.conversation)
    assert (source.status, source.waiting_since, source.preview) == ("resolved", None, "")
    assert counts.differences() == {}


def test_the_row_tells_what_is_left_and_what_has_come(write, answer, sms, member, clock):
    first, other = write("m1"), write("m0", subject="Other")
    clock.shift(60)
    text = write("s1", channel=sms, sender=person("+12065550142"), subject="", text="By text").entry
    assert text.conversation is not None
    moved = moves.move(wanted=[text], source=text.conversation, to=other.conversation, member=member)
    assert (moved.target.preview, moved.target.trail, moved.target.last_channel) == (
        "By text",
        ["email", "sms"],
        sms,
    )
    assert moved.target.last_inbound_at == NOW + timedelta(seconds=60)
    assert fresh(first.conversation).trail == ["email"]
    assert counts.differences() == {}


def test_who_waited_for_an_answer_to_it_waits_where_it_is_now(write, answer, mail, member, clock):
    first, other = write("m1"), write("m0", subject="Other")
    for conversation in (first.conversation, other.conversation):
        reply(conversation=conversation, channel=mail, draft=Draft("On it"), member=member)
    work.resolve(conversation=other.conversation, member=member)
    clock.shift(60)
    second = answer("m2")
    moved = moves.move(wanted=[second.entry], source=first.conversation, to=other.conversation, member=member)
    assert (moved.source.status, moved.source.waiting_since) == ("pending", None)
    assert (moved.target.status, moved.target.resolved_at) == ("open", None)
    assert moved.target.waiting_since == NOW + timedelta(seconds=60)
    assert counts.differences() == {}


def test_what_only_the_message_reopened_is_resolved_again(write, answer, member, clock):
    first = write("m1")
    work.resolve(conversation=first.conversation, member=member)
    clock.shift(60)
    second = answer("m2")
    moved = moves.not_same(entry=second.entry, source=first.conversation, member=member)
    assert (moved.source.status, moved.source.resolved_at) == ("resolved", NOW)
    assert (moved.target.status, moved.target.waiting_since) == ("open", NOW + timedelta(seconds=60))
    moves.undo(record=moved.record, member=member)
    assert fresh(first.conversation).status == "open"
    assert counts.differences() == {}


def test_who_was_called_back_does_not_wait_any_more(write, answer, member, clock):
    first = write("m1")
    matter.change(matter.lock(first.conversation), waiting_since=None, status="pending")
    call = {"kind": "call", "direction": "in", "channel": first.entry.channel, "contact": first.contact}
    entries.write(Entry(conversation=matter.lock(first.conversation), member=member, **call))
    clock.shift(60)
    second = answer("m2")
    moved = moves.not_same(entry=second.entry, source=first.conversation, member=member)
    assert moved.source.waiting_since is None


def test_splitting_takes_all_that_came_after(write, answer, mail, member, admin):
    first = write("m1", sender=person(name="Ana Lind"))
    work.take(conversation=first.conversation, member=admin)
    second = answer("m2", text="My other order is late, by the way", subject="Re: Help")
    reply(conversation=first.conversation, channel=mail, draft=Draft("Which?"), member=member)
    named = note(conversation=first.conversation, member=member, text="@Ada look", mentions=[admin])
    moved = moves.split(entry=second.entry, source=first.conversation, member=member)
    made = moved.target
    assert texts(first.conversation) == ["It broke."]
    assert texts(made) == ["My other order is late, by the way", "Which?", "@Ada look"]
    assert (made.subject, made.contact, made.assignee, made.linked_to, made.status) == (
        "My other order is late, by the way",
        first.contact,
        admin,
        first.conversation,
        "pending",
    )
    assert fresh(first.conversation).status == "open"
    assert Mention.objects.get(entry=named).conversation == made
    assert answer("m3", to="m2").conversation == made
    assert counts.differences() == {}


def test_a_subject_of_its_own_is_kept(write, answer, member):
    first = write("m1")
    second = answer("m2", subject="Fwd: The second order")
    moved = moves.split(entry=second.entry, source=first.conversation, member=member)
    assert moved.target.subject == "The second order"


def test_the_beginning_cannot_be_split_off(write, answer, member):
    first = write("m1")
    answer("m2")
    with pytest.raises(CannotMove, match="Nothing would stay behind"):
        moves.split(entry=first.entry, source=first.conversation, member=member)


def test_a_note_alone_is_no_conversation(write, member):
    first = write("m1")
    last = note(conversation=first.conversation, member=member, text="Hm")
    with pytest.raises(CannotMove, match="no message in it"):
        moves.split(entry=last, source=first.conversation, member=member)


def test_another_matter_takes_its_thread_along_and_what_follows(write, answer, sms, member, clock):
    texted = write("s1", channel=sms, sender=person("+12065550142"), subject="", text="One")
    clock.shift(60)
    mailed = matter_of_the_same_person(write, texted.contact)
    assert mailed.conversation == texted.conversation
    clock.shift(60)
    later = write("s2", channel=sms, sender=person("+12065550142"), subject="", text="Two")
    moved = moves.not_same(entry=mailed.entry, source=texted.conversation, member=member)
    assert texts(moved.source) == ["One", "Two"]
    assert texts(moved.target) == ["By mail"]
    assert answer("m2", to="m1").conversation == moved.target
    assert write("s3", channel=sms, sender=person("+12065550142")).conversation == moved.target
    assert later.conversation == texted.conversation


def matter_of_the_same_person(write: Any, contact: Any) -> Any:
    add_identity(contact=contact, kind=AddressKind.EMAIL, value="ana@cust.example")
    return write("m1", text="By mail")


def test_texts_that_were_moved_are_followed_by_the_next_ones(write, sms, member, clock):
    number = person("+12065550142")
    first = write("s1", channel=sms, sender=number, text="One")
    clock.shift(60)
    second = write("s2", channel=sms, sender=number, text="Two")
    moved = moves.not_same(entry=second.entry, source=first.conversation, member=member)
    clock.shift(60)
    note(conversation=first.conversation, member=member, text="Hm")
    matter.change(matter.lock(first.conversation), last_at=NOW + timedelta(hours=1))
    for name in ("s3", "s4"):
        follows = write(name, channel=sms, sender=number)
        assert (follows.conversation, follows.entry.data["why"]["key"]) == (moved.target, "moved")


def test_the_thread_of_a_chat_goes_with_its_newest_message(write, mail, member):
    site = Channel.objects.create(kind="chat", name="Shop", brand=mail.brand, started_at=NOW)
    visitor = Address(AddressKind.CHAT, "v1", proof=Proof.ATTESTED)
    chat = {"channel": site, "sender": visitor, "external_thread": "v1", "thread_keys": ("session",)}
    first, second = write("c1", **chat), write("c2", **chat)
    assert first.conversation == second.conversation
    moved = moves.not_same(entry=second.entry, source=first.conversation, member=member)
    assert write("c3", **chat).conversation == moved.target


@pytest.mark.parametrize("verb", ["move", "split", "not_same"])
def test_undo_restores_every_row(write, answer, mail, member, verb):
    first, other = write("m1", cc=(person(BEN),)), write("m0", subject="Other")
    second = answer("m2", sender=person(BEN), text="And mine?")
    reply(conversation=first.conversation, channel=mail, draft=Draft("Which?"), member=member, then="open")
    before = snapshot(first.conversation), snapshot(other.conversation)
    moved = {
        "move": lambda **how: moves.move(wanted=[second.entry], to=other.conversation, **how),
        "split": lambda **how: moves.split(entry=second.entry, **how),
        "not_same": lambda **how: moves.not_same(entry=second.entry, **how),
    }[verb](source=first.conversation, member=member)
    assert snapshot(first.conversation) != before[0]
    for _ in range(2):
        moves.undo(record=moved.record, member=member)
    assert (snapshot(first.conversation), snapshot(other.conversation)) == before
    told = Entry.objects.filter(conversation=first.conversation, kind="event").order_by("pk")
    assert [entry.event for entry in told][-1:] == ["moved_back_in"]
    if verb != "move":
        assert fresh(moved.target).status == "resolved"
    assert counts.differences() == {}


def test_undo_leaves_what_has_changed_since(write, answer, mail, member):
    first, other = write("m1"), write("m0", subject="Other")
    moved = moves.move(wanted=[first.entry], source=first.conversation, to=other.conversation, member=member)
    work.reopen(conversation=first.conversation, member=member)
    work.set_status(conversation=first.conversation, status="pending", member=member)
    moves.undo(record=moved.record, member=member)
    assert fresh(first.conversation).status == "pending"


def test_undo_is_refused_once_somebody_has_written_or_moved_it_on(write, answer, mail, member):
    first, other = write("m1"), write("m0", subject="Other")
    answer("m2")
    moved = moves.move(wanted=[first.entry], source=first.conversation, to=other.conversation, member=member)
    note(conversation=other.conversation, member=member, text="Hm")
    with pytest.raises(CannotMove, match="written in #2 since"):
        moves.undo(record=moved.record, member=member)
    moves.move(wanted=[first.entry], source=other.conversation, to=first.conversation, member=member)
    with pytest.raises(CannotMove, match="moved on from #2"):
        moves.undo(record=moved.record, member=member)


def test_undo_is_refused_while_a_later_move_stands_also_one_that_ended_where_it_began(write, answer, member):
    first, other, third = write("m1"), write("m0", subject="Other"), write("m3", subject="Third")
    answer("m2")
    path = [first.conversation, other.conversation, third.conversation, other.conversation]
    earliest, *_ = [
        moves.move(wanted=[first.entry], source=source, to=to, member=member) for source, to in pairwise(path)
    ]
    with pytest.raises(CannotMove, match="moved on from #2"):
        moves.undo(record=earliest.record, member=member)


def test_a_double_click_moves_once(write, answer, member):
    first, other = write("m1"), write("m0", subject="Other")
    second = answer("m2")
    one, two = (moves.split(entry=second.entry, source=first.conversation, member=member) for _ in range(2))
    assert one == two
    third = answer("m3")
    to_other = {"wanted": [third.entry], "source": first.conversation, "to": other.conversation}
    one, two = (moves.move(**to_other, member=member) for _ in range(2))
    assert one == two
    assert Conversation.objects.count() == 3


def test_the_slower_of_two_agents_is_told_where_it_is(write, answer, member, admin):
    first, other = write("m1"), write("m0", subject="Other")
    second = answer("m2")
    moves.split(entry=second.entry, source=first.conversation, member=member)
    with pytest.raises(CannotMove, match="It is in #3 now"):
        moves.move(wanted=[second.entry], source=first.conversation, to=other.conversation, member=admin)
    with pytest.raises(CannotMove, match="It is in #3 now"):
        moves.split(entry=second.entry, source=first.conversation, member=admin)


def test_side_conversations_are_left_alone(write, member):
    first = write("m1")
    side = matter.create(brand_id=first.conversation.brand_id, kind="side", parent=first.conversation)
    with pytest.raises(CannotMove, match="side conversation"):
        moves.move(wanted=[first.entry], source=first.conversation, to=side, member=member)
    with pytest.raises(CannotMove, match="side conversation"):
        moves.split(entry=first.entry, source=side, member=member)


def test_an_event_stays_where_it_happened(write, member):
    first, other = write("m1"), write("m0", subject="Other")
    work.take(conversation=first.conversation, member=member)
    event = Entry.objects.get(event="assigned")
    with pytest.raises(CannotMove, match="Look again"):
        moves.move(wanted=[event], source=first.conversation, to=other.conversation, member=member)
    with pytest.raises(CannotMove, match="already"):
        moves.move(wanted=[event], source=first.conversation, to=first.conversation, member=member)


def test_another_persons_matter_is_theirs_and_they_leave_the_first(write, answer, member):
    first = write("m1")
    stranger = write("m2", sender=person(BEN), subject="Mine")
    moves.move(wanted=[stranger.entry], source=stranger.conversation, to=first.conversation, member=member)
    assert people(first.conversation) == {"ana@cust.example": "requester", BEN: "cc"}
    again = moves.not_same(entry=stranger.entry, source=first.conversation, member=member)
    assert again.target.contact == stranger.contact
    assert people(first.conversation) == {"ana@cust.example": "requester"}
    assert people(again.target) == {BEN: "requester"}


def people(conversation: Conversation) -> dict[str, str]:
    taking_part = Participant.objects.filter(conversation=conversation)
    return dict(taking_part.values_list("identity__value", "role"))


def test_only_a_customers_word_is_another_matter(write, mail, member):
    first = write("m1")
    ours = reply(conversation=first.conversation, channel=mail, draft=Draft("Hm"), member=member)
    with pytest.raises(CannotMove, match="Only a message of a customer"):
        moves.not_same(entry=ours, source=first.conversation, member=member)


def test_a_held_reply_goes_along_and_leaves_from_there(write, answer, mail, member):
    first, other = write("m1"), write("m0", subject="Other")
    held = reply(conversation=first.conversation, channel=mail, draft=Draft("Hm"), member=member)
    moves.move(wanted=[held], source=first.conversation, to=other.conversation, member=member)
    assert Delivery.objects.get(entry=held).status == "held"
    assert answer("m3", to=held.external_id).conversation == other.conversation
    assert (fresh(first.conversation).status, fresh(first.conversation).waiting_since) == ("open", NOW)
