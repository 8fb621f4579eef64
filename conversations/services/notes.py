"""Notes: what members tell each other beside the customer's words."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from conversations.models import Attachment, Conversation, Entry, Mention
from conversations.services import entries, files, matter
from conversations.services.entries import Body
from conversations.services.reply import CannotReply
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id


@transaction.atomic
def note(
    *,
    conversation: Conversation,
    member: Member | None,
    text: str,
    mentions: Sequence[Member] = (),
    attachments: Sequence[Attachment] = (),
) -> Entry:
    """Write a note, which never reaches the customer; those whom it mentions are told.

    Raises CannotReply when it is empty.
    """
    if not text.strip() and not attachments:
        raise CannotReply(_("Write something first."))
    conversation = matter.lock(conversation)
    entry = Entry(
        conversation=conversation,
        kind=Entry.Kind.NOTE,
        member=member,
        contact=None,
        file_count=len(attachments),
        data={"mentions": [{"id": person.pk, "name": person.name} for person in mentions]}
        if mentions
        else {},
    )
    entries.write(entry, body=Body(text=text), on=[conversation.contact] if conversation.contact else [])
    if attachments:
        files.attach(attachments, entry)
    Mention.objects.bulk_create(
        Mention(entry=entry, conversation=conversation, member=person, at=entry.at) for person in mentions
    )
    for person in mentions:
        push(current_workspace_id(), f"member:{person.pk}", [conversation.pk])
    matter.announce(conversation)
    return entry
