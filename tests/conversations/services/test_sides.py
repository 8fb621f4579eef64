from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from contacts.models import Identity
from contacts.services.people import add_identity
from contacts.types import AddressKind
from conversations import kinds
from conversations.models import (
    Conversation,
    Delivery,
    Entry,
    Mention,
    Notice,
    Participant,
    TimelineRef,
)
from conversations.services import counts, entries, notices, work
from conversations.services.notes import note
from conversations.services.reply import CannotReply, Draft, reply, undo_send
from conversations.services.sides import ask_colleagues, ask_outside
from tests.senders import senders

from .conftest import NOW, person

DHL = "claims@dhl.example"


@pytest.fixture(autouse=True)
def both_can_be_sent(monkeypatch):
    monkeypatch.setattr(kinds, "_senders", senders("email", "sms"))


@pytest.fixture
def parent(write, member):
    conversation = write("m1", text="Where is my parcel?").conversation
    return work.take(conversation=conversation, member=member)


@pytest.fixture
def ask(parent, mail, member):
    """`ask()`: the first message of a side conversation with the carrier."""

    def asked(address=DHL, text="Where is 00340?", **fields):
        usual = {"subject": "Parcel 00340", "channel": mail, "member": member}
        return ask_outside(parent=parent, address=address, draft=Draft(text), **usual | fields)

    return asked


@pytest.fixture
def ask_them(parent, member):
    """`ask_them(colleague, …)`: the first note of an aside."""

    def asked(*colleagues):
        return ask_colleagues(
            parent=parent, colleagues=colleagues, subject="Refund?", text="May I?", member=member
        )

    return asked


def events(conversation):
    return [
        (each.event, each.data.get("side"))
        for each in conversation.entries.filter(kind="event").order_by("pk")
    ]


def test_a_third_party_is_asked_by_mail_and_the_matter_says_so(ask, parent, member):
    entry = ask()
    side = entry.conversation
    assert (side.kind, side.parent, side.subject, side.assignee) == ("side", parent, "Parcel 00340", member)
    assert side.contact.identities.get().value == DHL
    assert [(row.identity.value, row.role) for row in side.participants.all()] == [(DHL, "third_party")]
    assert [row.identity.value for row in Delivery.objects.all()] == [DHL]
    assert events(parent)[-1] == ("side_opened", side.number)
    assert parent.entries.latest("pk").data["with"] == DHL


def test_it_stands_on_the_third_partys_timeline_and_not_on_the_customers(ask, parent):
    entry = ask()
    refs = TimelineRef.objects.filter(entry=entry)
    assert [ref.contact for ref in refs] == [entry.conversation.contact]
    assert entry.conversation.contact != parent.contact


def test_it_is_in_no_view(ask):
    before = counts.totals()
    ask()
    assert (counts.totals(), counts.differences()) == (before, {})


def test_the_answer_comes_into_it_and_the_matter_hears_of_it(ask, parent, write, member):
    entry = ask()
    answer = write("d1", sender=person(DHL), thread_keys=(entry.external_id,), text="Tomorrow.")
    side = answer.conversation
    assert (side, answer.rule) == (entry.conversation, "thread")
    assert (side.preview, side.preview_is_ours, side.status) == ("Tomorrow.", False, "open")
    told = parent.entries.latest("pk")
    assert (told.event, told.contact, told.data["entry"]) == ("side_answered", side.contact, answer.entry.pk)
    assert parent.entries.filter(kind="message").count() == 1


def test_an_unverified_answer_from_the_very_address_to_our_own_id_comes_into_it(ask, write):
    entry = ask()
    answer = write("d1", sender=person(DHL, verified=False), thread_keys=(entry.external_id,))
    assert answer.conversation == entry.conversation


def test_a_strangers_answer_opens_a_linked_conversation_of_its_own(ask, parent, write):
    entry = ask()
    forged = write("d1", sender=person("eve@evil.example"), thread_keys=(entry.external_id,))
    assert forged.conversation not in {entry.conversation, parent}
    assert (forged.conversation.kind, forged.conversation.linked_to) == ("customer", entry.conversation)
    assert ("side_answered", entry.conversation.number) not in events(parent)


def test_the_customer_does_not_get_into_it_by_its_id(ask, write):
    entry = ask()
    theirs = write("d1", thread_keys=(entry.external_id,), starts_thread=False)
    assert theirs.conversation.kind == "customer"
    assert entry.conversation.entries.filter(direction="in").count() == 0


def test_a_customer_whom_the_third_party_copies_in_takes_no_part(ask, parent, write):
    entry = ask()
    ana = person()
    answer = write("d1", sender=person(DHL), cc=(ana,), thread_keys=(entry.external_id,))
    assert answer.conversation == entry.conversation
    assert not answer.conversation.participants.filter(contact=parent.contact).exists()
    assert not TimelineRef.objects.filter(entry=answer.entry, contact=parent.contact).exists()


def test_it_answers_the_address_that_was_last_written_from(ask, write, mail, member):
    entry = ask()
    side = entry.conversation
    add_identity(contact=side.contact, kind=AddressKind.EMAIL, value="desk@dhl.example")
    write("d1", sender=person("desk@dhl.example"), thread_keys=(entry.external_id,), starts_thread=False)
    answer = reply(conversation=side, channel=mail, draft=Draft("Thanks."), member=member)
    assert [row.identity.value for row in answer.deliveries.all()] == ["desk@dhl.example"]
    assert set(side.participants.values_list("role", flat=True)) == {"third_party"}


def test_nobody_who_takes_part_is_asked(ask, parent, write, mail, member):
    write("m2", cc=(person("ben@cust.example"),), thread_keys=("m1",), starts_thread=False)
    add_identity(contact=parent.contact, kind=AddressKind.EMAIL, value="ana@home.example")
    for address in ("ana@cust.example", "ANA@home.example", "ben@cust.example"):
        with pytest.raises(CannotReply, match="takes part in #"):
            ask(address)
    assert not Conversation.objects.filter(kind="side").exists()


def test_nor_is_an_address_that_the_customer_merely_claims(ask, parent):
    Identity.objects.create(contact=parent.contact, kind="email", value=DHL, proof="claimed")
    with pytest.raises(CannotReply, match="takes part in #"):
        ask()


def test_who_came_to_take_part_is_answered_there_from_then_on(ask, write, mail, member):
    side = ask().conversation
    write("m2", cc=(person(DHL),), thread_keys=("m1",), starts_thread=False)
    with pytest.raises(CannotReply, match="answer them there"):
        reply(conversation=side, channel=mail, draft=Draft("And?"), member=member)


@pytest.mark.parametrize("address", ["support@acme.example", "admin@acme.example"])
def test_ourselves_are_not_third_parties(ask, address):
    with pytest.raises(CannotReply, match="ask a colleague"):
        ask(address)


def test_what_is_missing_is_said(ask, sms):
    with pytest.raises(CannotReply, match="Give it a subject"):
        ask(subject="  ")
    with pytest.raises(CannotReply, match="Write something"):
        ask(text="")
    with pytest.raises(CannotReply, match="goes by e-mail"):
        ask(channel=sms)
    with pytest.raises(ValidationError):
        ask("dhl")
    assert not Conversation.objects.filter(kind="side").exists()


def test_no_copies_leave_it(ask, write, mail, member):
    entry = ask()
    write("d1", sender=person(DHL), cc=(person("eve@evil.example"),), thread_keys=(entry.external_id,))
    answer = reply(conversation=entry.conversation, channel=mail, draft=Draft("Thanks."), member=member)
    assert [row.identity.value for row in answer.deliveries.all()] == [DHL]
    for draft in (Draft("x", cc=["a@b.example"]), Draft("x", bcc=["a@b.example"])):
        with pytest.raises(CannotReply, match="take the copies out"):
            reply(conversation=entry.conversation, channel=mail, draft=draft, member=member)


def test_no_other_address_is_written_to(ask, parent, mail, member):
    side, ana = ask().conversation, parent.contact.identities.get()
    with pytest.raises(CannotReply, match="no third party"):
        reply(conversation=side, channel=mail, draft=Draft("x", to=ana), member=member)


def test_a_third_party_who_is_a_customer_too_keeps_the_two_apart(ask, parent, write, clock):
    own = write("c1", sender=person(DHL), subject="Our own invoice").conversation
    entry = ask()
    side = entry.conversation
    assert (side.contact, side.pk) == (own.contact, side.pk)
    clock.shift(timedelta(minutes=5))
    assert write("d1", sender=person(DHL), thread_keys=(entry.external_id,)).conversation == side
    assert write("c2", sender=person(DHL), thread_keys=("c1",)).conversation == own
    assert write("c3", sender=person(DHL)).conversation.kind == "customer"


def test_a_side_conversation_has_none_of_its_own(ask, mail, member):
    with pytest.raises(CannotReply, match="side conversation itself"):
        ask_outside(
            parent=ask().conversation,
            channel=mail,
            address="a@b.example",
            subject="x",
            draft=Draft("x"),
            member=member,
        )


def test_taken_back_before_it_left_nothing_was_said(ask, member):
    entry = ask()
    assert undo_send(entry=entry, member=member).text == "Where is 00340?"
    entry.conversation.refresh_from_db()
    assert entry.conversation.preview == ""


def test_colleagues_are_asked_and_told(ask_them, parent, member, admin):
    entry = ask_them(admin, member)
    side = entry.conversation
    assert (side.kind, side.contact, side.preview, entry.kind) == ("side", None, "May I?", "note")
    assert [row.member for row in Mention.objects.all()] == [admin]
    assert events(parent)[-1] == ("side_opened", side.number)
    assert not TimelineRef.objects.filter(entry=entry).exists()
    assert not Participant.objects.filter(conversation=side).exists()


def test_a_colleagues_answer_is_to_all_and_the_matter_hears_of_it(ask_them, parent, member, admin, owner):
    side = ask_them(admin, owner).conversation
    work.resolve(conversation=side, member=member)
    answer = note(conversation=side, member=admin, text="Yes.")
    assert {row.member for row in Mention.objects.filter(entry=answer)} == {member, owner}
    assert events(parent)[-1] == ("side_answered", side.number)
    side.refresh_from_db()
    assert side.status == "open"
    note(conversation=side, member=admin, text="But only half.")
    assert events(parent).count(("side_answered", side.number)) == 1


def test_nothing_is_sent_from_an_aside_of_colleagues(ask_them, mail, member, admin):
    side = ask_them(admin).conversation
    with pytest.raises(CannotReply, match="write them a note"):
        reply(conversation=side, channel=mail, draft=Draft("x"), member=member)
    with pytest.raises(CannotReply, match="Choose a colleague"):
        ask_them(member)


def test_what_is_kept_of_an_aside_is_what_its_entries_tell(parent, ask, ask_them, admin):
    asides = [ask().conversation, ask_them(admin).conversation]
    for side in asides:
        side.refresh_from_db()
        kept = {name: getattr(side, name) for name in entries.derived(side)}
        assert kept == entries.derived(side)
    assert {side.last_at for side in asides} == {NOW}
    assert Entry.objects.filter(conversation=parent, kind="message").count() == 1


def test_who_works_on_the_matter_hears_of_an_answer_once(ask, parent, write, member, admin):
    entry = ask()
    work.assign(conversation=parent, assignee=admin, member=member)
    write("d1", sender=person(DHL), thread_keys=(entry.external_id,), text="Tomorrow.")
    said = Entry.objects.filter(pk__gt=entry.pk)
    notices.tell(list(said))
    heard = Notice.objects.exclude(kind="assigned").values_list("member", "entry__conversation__kind")
    assert set(heard) == {(member.pk, "side"), (admin.pk, "customer")}
