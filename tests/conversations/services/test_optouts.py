"""STOP and START: the last word counts, whatever order they come in and however often."""

from datetime import timedelta

import pytest

from contacts.services.people import add_identity
from contacts.types import AddressKind
from conversations import kinds
from conversations.models import Delivery, Entry, OptOut
from conversations.queries.words import event_words
from conversations.services import deliveries, optouts
from conversations.services.reply import CannotReply, Draft, reply
from conversations.types import Capabilities
from tests.conversations.services.conftest import NOW, person

PHONE = "+12065550177"
STOP, START, LATER = NOW, NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)


@pytest.fixture(autouse=True)
def sends(monkeypatch):
    monkeypatch.setitem(kinds._senders, "sms", lambda _: Capabilities())


@pytest.fixture
def texted(write, sms):
    """`texted.conversation`: somebody has sent a text message."""
    return write("t1", channel=sms, sender=person(PHONE, name="Ana Lind"))


@pytest.fixture
def identity(texted):
    return texted.entry.identity


def events() -> list[str]:
    return list(Entry.objects.filter(kind="event").order_by("id").values_list("event", flat=True))


def test_a_stop_is_told_in_the_thread_and_stops_replies(texted, identity, sms, member):
    entry = optouts.opt_out(channel=sms, identity=identity, reason="wrote STOP", at=STOP)
    assert entry is not None
    assert (entry.conversation, entry.at, entry.data) == (
        texted.conversation,
        STOP,
        {"channel": "Text", "reason": "wrote STOP"},
    )
    assert event_words(entry) == "<b>Ana Lind</b> wants no more messages from <b>Text</b>"
    with pytest.raises(CannotReply) as refused:
        reply(conversation=texted.conversation, channel=sms, draft=Draft("Hi"), member=member)
    assert str(refused.value) == "Ana Lind has opted out of messages from Text. They must write START first."
    assert Delivery.objects.count() == 0


def test_a_start_takes_it_back(texted, identity, sms, member):
    optouts.opt_out(channel=sms, identity=identity, at=STOP)
    entry = optouts.opt_in(channel=sms, identity=identity, at=START)
    assert entry is not None
    assert event_words(entry) == "<b>Ana Lind</b> wants messages from <b>Text</b> again"
    assert not optouts.opted_out(sms, identity)
    assert reply(conversation=texted.conversation, channel=sms, draft=Draft("Hi"), member=member)


@pytest.mark.parametrize(
    ("words", "out", "told"),
    [
        ([("out", STOP), ("out", STOP), ("out", START)], True, ["opted_out"]),
        ([("in", START), ("out", STOP)], False, []),
        ([("out", STOP), ("in", START)] * 2, False, ["opted_out", "opted_in"]),
        ([("out", STOP), ("out", LATER), ("in", START)], True, ["opted_out"]),
        ([("in", START), ("out", LATER), ("in", START)], True, ["opted_out"]),
        ([("in", START), ("in", LATER)], False, []),
    ],
)
def test_the_last_word_counts_in_any_order_and_is_told_once(identity, sms, words, out, told):
    say = {"out": optouts.opt_out, "in": optouts.opt_in}
    for word, at in words:
        say[word](channel=sms, identity=identity, at=at)
    assert (optouts.opted_out(sms, identity), events()) == (out, told)
    assert OptOut.objects.count() == 1


def test_the_same_number_kept_as_a_phone_is_stopped_too_and_others_are_not(identity, sms, mail):
    optouts.opt_out(channel=sms, identity=identity)
    phone = add_identity(contact=identity.contact, kind=AddressKind.PHONE, value=PHONE)
    other = add_identity(contact=identity.contact, kind=AddressKind.SMS, value="+12065550178")
    assert optouts.opted_out(sms, phone)
    assert not optouts.opted_out(sms, other)
    assert not optouts.opted_out(mail, identity)


def test_without_a_conversation_it_stands_on_the_contacts_timeline_alone(identity, sms):
    Entry.objects.filter(identity=identity).update(identity=None)
    entry = optouts.opt_out(channel=sms, identity=identity)
    assert entry is not None
    assert (entry.conversation, entry.refs.get().contact) == (None, identity.contact)


def test_who_has_opted_out_at_the_provider_has_done_so_here(texted, identity, sms, member):
    reply(conversation=texted.conversation, channel=sms, draft=Draft("Hi"), member=member)
    for _ in range(2):
        deliveries.apply_receipt(
            delivery=Delivery.objects.get(),
            status="failed",
            code="opted_out",
            detail="The recipient has sent STOP.",
        )
    assert optouts.opted_out(sms, identity)
    assert events() == ["assigned", "opted_out"]
    assert Entry.objects.get(event="opted_out").data["reason"] == "The recipient has sent STOP."


def test_a_failed_message_is_not_sent_again_to_somebody_who_has_opted_out(texted, identity, sms, member):
    reply(conversation=texted.conversation, channel=sms, draft=Draft("Hi"), member=member)
    delivery = Delivery.objects.get()
    deliveries.apply_receipt(delivery=delivery, status="failed")
    optouts.opt_out(channel=sms, identity=identity)
    with pytest.raises(deliveries.CannotRetry):
        deliveries.retry(delivery=delivery, member=member)


def test_a_start_takes_back_what_was_said_of_the_same_number_on_file(identity, sms):
    phone = add_identity(contact=identity.contact, kind=AddressKind.PHONE, value=PHONE)
    optouts.opt_out(channel=sms, identity=phone, at=STOP)
    entry = optouts.opt_in(channel=sms, identity=identity, at=START)
    assert entry is not None
    assert not optouts.opted_out(sms, identity)
    assert not optouts.opted_out(sms, phone)


def test_an_older_stop_to_the_number_on_file_changes_nothing(identity, sms):
    phone = add_identity(contact=identity.contact, kind=AddressKind.PHONE, value=PHONE)
    optouts.opt_in(channel=sms, identity=phone, at=START)
    assert optouts.opt_out(channel=sms, identity=identity, at=STOP) is None
    assert not optouts.opted_out(sms, identity)
