from datetime import timedelta

import pytest

from contacts.services.identities import add_address
from contacts.services.people import add_identity
from contacts.types import Address, AddressKind, Proof
from conversations import kinds
from conversations.models import Channel, Conversation, Delivery, Entry
from conversations.services import counts
from conversations.services.files import store
from conversations.services.notes import note
from conversations.services.reply import CannotReply, Draft, TooLate, WroteMeanwhile, reply, undo_send
from conversations.types import Capabilities, IncomingFile
from tenancy.models import Member
from tests.senders import senders

from .conftest import NOW, person


@pytest.fixture(autouse=True)
def mail_can_be_sent(monkeypatch):
    monkeypatch.setattr(kinds, "_senders", senders("email"))


def test_a_reply_is_held_and_moves_the_matter_on(write, mail, member):
    conversation = write("m1").conversation
    entry = reply(conversation=conversation, channel=mail, draft=Draft("On it."), member=member)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.due_at) == ("held", NOW + timedelta(seconds=10))
    conversation.refresh_from_db()
    assert (conversation.status, conversation.assignee, conversation.waiting_since) == (
        "pending",
        member,
        None,
    )
    assert conversation.preview_is_ours
    assert entry.external_id.endswith("@acme.example")
    assert counts.differences() == {}


def test_the_answer_to_our_own_id_comes_back_threaded(write, mail, member):
    first = write("m1")
    entry = reply(conversation=first.conversation, channel=mail, draft=Draft("On it."), member=member)
    answer = write("m2", sender=person(verified=False), thread_keys=(entry.external_id,), starts_thread=False)
    assert (answer.rule, answer.conversation) == ("thread", first.conversation)


def test_undo_takes_the_reply_back(write, mail, member):
    conversation = write("m1", text="It broke.").conversation
    entry = reply(conversation=conversation, channel=mail, draft=Draft("On it."), member=member)
    assert undo_send(entry=entry, member=member).text == "On it."
    conversation.refresh_from_db()
    assert (conversation.preview, conversation.status) == ("It broke.", "open")
    assert Delivery.objects.get().status == "cancelled"
    with pytest.raises(TooLate):
        undo_send(entry=entry, member=member)


def test_undo_opens_a_matter_that_was_resolved_with_the_reply(write, mail, member):
    conversation = write("m1").conversation
    entry = reply(
        conversation=conversation, channel=mail, draft=Draft("Done."), member=member, then="resolved"
    )
    undo_send(entry=entry, member=member)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.resolved_at, conversation.waiting_since) == ("open", None, NOW)
    assert counts.differences() == {}


def test_nobody_waits_when_an_earlier_reply_stands(write, mail, member):
    conversation = write("m1").conversation
    first = reply(conversation=conversation, channel=mail, draft=Draft("On it."), member=member)
    second = reply(conversation=conversation, channel=mail, draft=Draft("Soon."), member=member)
    undo_send(entry=second, member=member)
    conversation.refresh_from_db()
    assert conversation.waiting_since is None
    undo_send(entry=first, member=member)
    conversation.refresh_from_db()
    assert conversation.waiting_since == NOW


def test_a_reply_that_has_left_cannot_be_undone(write, mail, member):
    conversation = write("m1").conversation
    entry = reply(conversation=conversation, channel=mail, draft=Draft("On it."), member=member)
    Delivery.objects.update(status="sending")
    with pytest.raises(TooLate):
        undo_send(entry=entry, member=member)


def test_what_came_meanwhile_is_shown_first(write, mail, member):
    first = write("m1")
    second = write("m2", thread_keys=("m1",), starts_thread=False)
    with pytest.raises(WroteMeanwhile) as held:
        reply(
            conversation=first.conversation,
            channel=mail,
            draft=Draft("On it."),
            member=member,
            seen_entry_id=first.entry.pk,
        )
    assert held.value.entries == [second.entry]
    assert Entry.objects.filter(direction="out").count() == 0


def test_two_colleagues_do_not_answer_beside_each_other(write, mail, member, admin):
    first = write("m1")
    seen = first.entry.pk
    answer = {"conversation": first.conversation, "channel": mail, "seen_entry_id": seen}
    mine = reply(draft=Draft("On it."), member=member, **answer)
    with pytest.raises(WroteMeanwhile) as held:
        reply(draft=Draft("Not on it."), member=admin, **answer)
    assert held.value.entries == [mine]
    reply(draft=Draft("And done."), member=member, **answer)
    undo_send(entry=mine, member=member)


@pytest.mark.parametrize("text", ["", "   \n"])
def test_nothing_is_not_sent(write, mail, member, text):
    with pytest.raises(CannotReply, match="Write something"):
        reply(conversation=write("m1").conversation, channel=mail, draft=Draft(text), member=member)


def test_a_channel_that_cannot_send_says_so(write, mail, sms, member):
    with pytest.raises(CannotReply, match="Nothing can be sent on Text"):
        reply(conversation=write("m1").conversation, channel=sms, draft=Draft("x"), member=member)


@pytest.mark.parametrize(
    ("limits", "refused"),
    [
        (Capabilities(text_limit=4), (0, "1 characters too long for Support, which carries 4")),
        (Capabilities(), (1, "Support carries no files")),
        (Capabilities(files=True, most_files=1), (2, "at most 1 files at once")),
        (Capabilities(files=True, file_limit=5), (2, "too large for Support: 6\xa0bytes")),
    ],
)
def test_more_than_the_channel_can_carry_is_refused(write, mail, monkeypatch, limits, refused):
    files, words = refused
    conversation, member = write("m1").conversation, Member.objects.first()
    monkeypatch.setattr(kinds, "_senders", senders("email", limits=limits))
    attached = [store(IncomingFile(f"{number}.txt", "", b"abc"), member=member) for number in range(files)]
    with pytest.raises(CannotReply, match=words):
        reply(
            conversation=conversation, channel=mail, draft=Draft("seven", attachments=attached), member=member
        )


def test_a_text_goes_to_the_phone_number_on_file(write, mail, sms, member, monkeypatch):
    monkeypatch.setattr(kinds, "_senders", senders("email", "sms"))
    first = write("m1")
    number = add_identity(contact=first.contact, kind=AddressKind.PHONE, value="+1 206 555 0142")
    reply(conversation=first.conversation, channel=sms, draft=Draft("Hi"), member=member)
    assert Delivery.objects.get().identity == number


def test_answers_on_every_channel_come_back_into_one_conversation(write, sms, member, monkeypatch, clock):
    """A mail is answered by text, the text by chat: what comes back joins, and mails find their thread."""
    monkeypatch.setattr(kinds, "_senders", senders("email", "sms", "chat"))
    first = write("m1")
    site = Channel.objects.create(kind="chat", name="Shop", brand=sms.brand, started_at=NOW)
    visitor = Address(AddressKind.CHAT, "v1", scope=str(site.pk), proof=Proof.ATTESTED)
    add_identity(contact=first.contact, kind=AddressKind.SMS, value="+12065550142")
    add_address(contact=first.contact, address=visitor, reason="signed in")
    by_mail = reply(
        conversation=first.conversation, channel=first.entry.channel, draft=Draft("a"), member=member
    )
    said = {"starts_thread": False}
    for channel, answer in (
        (sms, {"sender": person("+12065550142")}),
        (site, {"sender": visitor, "thread_keys": ("session",)}),
        (first.entry.channel, {"thread_keys": (by_mail.external_id,)}),
    ):
        clock.shift(60)
        reply(conversation=first.conversation, channel=channel, draft=Draft("Hi"), member=member)
        came = write(f"by {channel.kind}", channel=channel, **said | answer)
        assert came.conversation == first.conversation
    first.conversation.refresh_from_db()
    assert first.conversation.trail == ["email", "sms", "chat", "email"]


def test_copies_get_a_delivery_each_and_take_part(write, mail, member):
    conversation = write("m1").conversation
    draft = Draft("On it.", cc=["ben@cust.example", "ben@cust.example", "ana@cust.example"])
    reply(conversation=conversation, channel=mail, draft=draft, member=member)
    assert sorted(Delivery.objects.values_list("identity__value", flat=True)) == [
        "ana@cust.example",
        "ben@cust.example",
    ]
    answer = write("m2", sender=person("ben@cust.example"), thread_keys=("m1",), starts_thread=False)
    assert answer.conversation == conversation


def test_send_and_resolve(write, mail, member):
    conversation = write("m1").conversation
    reply(conversation=conversation, channel=mail, draft=Draft("Done."), member=member, then="resolved")
    conversation.refresh_from_db()
    assert conversation.status == Conversation.Status.RESOLVED


def test_a_note_reaches_colleagues_only(write, member, admin):
    conversation = write("m1").conversation
    entry = note(conversation=conversation, member=member, text="@Ada look", mentions=[admin])
    assert (entry.kind, entry.direction) == ("note", "none")
    assert Delivery.objects.count() == 0
    assert entry.mentions.get().member == admin
    conversation.refresh_from_db()
    assert conversation.preview == "It broke."


def test_where_one_call_reaches_all_a_hidden_copy_goes_by_a_call_of_its_own(write, mail, member, monkeypatch):
    together = Capabilities(html=True, cc=True, together=True)
    monkeypatch.setattr(kinds, "_senders", senders("email", limits=together))
    conversation = write("m1").conversation
    draft = Draft("Hi", cc=["ben@cust.example"], bcc=["eva@cust.example"])
    reply(conversation=conversation, channel=mail, draft=draft, member=member)
    ana, ben, eva = Delivery.objects.order_by("id")
    assert (ana.order_key, ana.is_hidden) == (ben.order_key, ben.is_hidden) == (f"{conversation.pk}:", False)
    assert (eva.order_key, eva.is_hidden) == (f"{conversation.pk}:{eva.identity_id}", True)


def test_whoever_was_left_out_of_the_last_copy_stays_out_until_they_write(write, mail, member, clock):
    conversation = write("m1", cc=(person("ben@cust.example"), person("eva@cust.example"))).conversation
    clock.shift(60)
    reply(conversation=conversation, channel=mail, draft=Draft("Hi", cc=["eva@cust.example"]), member=member)
    clock.shift(60)
    entry = reply(conversation=conversation, channel=mail, draft=Draft("And"), member=member)
    assert entry.data["cc"] == ["eva@cust.example"]
