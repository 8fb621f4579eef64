"""What failed on one channel, sent on another."""

import pytest

from contacts.models import Identity
from conversations.models import Attachment, Conversation, Delivery, Entry
from conversations.services import edits, files
from conversations.services.deliveries import CannotRetry
from conversations.services.elsewhere import send_elsewhere
from conversations.services.reply import Draft, reply
from conversations.types import IncomingFile


@pytest.fixture
def failed(write, mail, member):
    """A delivery of a reply with a file that has failed; the conversation has been resolved by it."""
    log = files.store(IncomingFile("log.txt", "text/plain", b"hello"), member=member)
    reply(
        conversation=write("m1").conversation,
        channel=mail,
        draft=Draft("On it", attachments=[log], cc=["ben@cust.example"]),
        member=member,
        then="resolved",
    )
    Delivery.objects.update(status="failed", state="failed")
    return Delivery.objects.earliest("pk")


@pytest.fixture
def phone(failed, sms):
    """The number of the person whom it did not reach."""
    return failed.entry.contact.identities.create(
        kind="phone", value="+12065550142", proof=Identity.Proof.CONFIRMED, holds=True
    )


def test_text_and_files_go_to_that_person_alone_and_the_matter_stays(failed, mail, member):
    home = failed.entry.contact.identities.create(
        kind="email", value="ana@home.example", proof=Identity.Proof.CONFIRMED, holds=True
    )
    sent = send_elsewhere(delivery=failed, channel=mail, to=home, member=member)
    assert list(sent.deliveries.values_list("identity__value", flat=True)) == ["ana@home.example"]
    assert [file.name for file in Attachment.objects.filter(entry=sent)] == ["log.txt"]
    assert Conversation.objects.get().status == "resolved"
    edits.erase(entry=failed.entry)
    with Attachment.objects.get(entry=sent).file.open() as kept:
        assert kept.read() == b"hello"


def test_what_the_other_channel_cannot_carry_is_refused_and_changes_nothing(failed, sms, phone, member):
    Attachment.objects.all().delete()
    entries = Entry.objects.count()
    sms.is_enabled = False
    sms.save()
    with pytest.raises(Exception, match="Text is switched off"):
        send_elsewhere(delivery=failed, channel=sms, to=phone, member=member)
    failed.entry.refresh_from_db()
    assert (Entry.objects.count(), failed.entry.data.get("sent_elsewhere")) == (entries, None)


def test_what_has_not_failed_stays_where_it_is(failed, sms, phone, member):
    Delivery.objects.update(status="uncertain")
    with pytest.raises(CannotRetry):
        send_elsewhere(delivery=failed, channel=sms, to=phone, member=member)
