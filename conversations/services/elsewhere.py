"""What failed on one channel, sent on another."""

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import Identity
from conversations.models import Attachment, Channel, Delivery, Entry, EntryBody
from conversations.services import files, matter
from conversations.services.deliveries import CannotRetry
from conversations.services.reply import Draft, reply
from conversations.types import IncomingFile
from tenancy.models import Member

MARK = "sent_elsewhere"  # among an entry's facts: delivery → the entry that went instead of it


@transaction.atomic
def send_elsewhere(*, delivery: Delivery, channel: Channel, to: Identity, member: Member) -> Entry:
    """Send a failed message's text and files to the same person by another way, and say so where it failed.

    The conversation stays as it is. Raises CannotRetry for one that has not failed or went elsewhere already, and
    CannotReply.
    """
    failed = delivery.entry
    assert failed.conversation is not None
    conversation = matter.lock(failed.conversation)
    failed.refresh_from_db(from_queryset=Entry.objects.select_for_update(no_key=True))
    delivery.refresh_from_db()
    is_same = to.contact_id == delivery.identity.contact_id and not delivery.is_hidden
    if delivery.status != Delivery.Status.FAILED or went_elsewhere(delivery, failed) or not is_same:
        raise CannotRetry(_("Only a failed message can be sent another way, and once."))
    body = EntryBody.objects.filter(entry=failed, erased_at=None).order_by("-version").first()
    draft = Draft(
        text=body.text if body else "",
        html=body.html if body else "",
        to=to,
        cc=(),
        attachments=[_again(file, member) for file in Attachment.objects.filter(entry=failed).order_by("pk")],
    )
    sent = reply(
        conversation=conversation, channel=channel, draft=draft, member=member, then=conversation.status
    )
    failed.data[MARK] = failed.data.get(MARK, {}) | {str(delivery.pk): sent.pk}
    failed.save(update_fields=["data"])
    return sent


def went_elsewhere(delivery: Delivery, entry: Entry) -> int | None:
    """The entry that went instead of a failed sending of this entry."""
    found: int | None = entry.data.get(MARK, {}).get(str(delivery.pk))
    return found


def _again(file: Attachment, member: Member) -> Attachment:
    """A file of its own: erasing one message leaves the other's alone."""
    with file.file.open("rb") as opened:
        return files.store(IncomingFile(file.name, file.content_type, opened.read()), member=member)
