"""What the author does to a message at the provider, and what erasure leaves of it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from conversations.models import Attachment, Channel, Conversation, Entry, EntryBody
from conversations.services import entries, matter
from conversations.services.entries import Body
from tenancy.live import push
from tenancy.scope import current_workspace_id


def find(*, channel: Channel, external_id: str, external_thread: str = "") -> Entry | None:
    """The entry that a provider speaks of."""
    return Entry.objects.filter(
        channel=channel, external_thread=external_thread, external_id=external_id
    ).first()


@transaction.atomic
def edit(*, entry: Entry, text: str, html: str = "", at: datetime | None = None) -> Entry:
    """Add a version of the text; the earlier ones stay. A deleted or erased entry stays as it is."""
    if entry.deleted_at or EntryBody.objects.filter(entry=entry, erased_at__isnull=False).exists():
        return entry
    entries.add_body(entry, Body(text=text, html=html))
    entry.preview = entries.preview(text)
    entry.data = entry.data | {"edited_at": (at or timezone.now()).isoformat()}
    entry.save(update_fields=["preview", "data"])
    _refresh(entry)
    return entry


@transaction.atomic
def delete(*, entry: Entry, at: datetime | None = None, erase_body: bool = False) -> Entry:
    """Mark that the author took the message back; erase its text where the provider's policy demands it."""
    entry.deleted_at = at or timezone.now()
    entry.save(update_fields=["deleted_at"])
    if erase_body:
        erase(entry=entry)
    else:
        _refresh(entry)
    return entry


@transaction.atomic
def erase(*, entry: Entry) -> Entry:
    """Empty every version of an entry's text and drop its files. The row stays, as a tombstone."""
    EntryBody.objects.filter(entry=entry).update(
        text="", quoted="", html="", is_rich=False, remote_images=0, erased_at=timezone.now()
    )
    for attachment in Attachment.objects.filter(entry=entry):
        storage, name = attachment.file.storage, attachment.file.name
        transaction.on_commit(lambda storage=storage, name=name: storage.delete(name), robust=True)  # type: ignore[misc]
    Attachment.objects.filter(entry=entry).delete()
    entry.preview, entry.file_count = "", 0
    entry.data = {name: value for name, value in entry.data.items() if name not in {"subject", "to", "cc"}}
    entry.save(update_fields=["preview", "file_count", "data"])
    _refresh(entry)
    return entry


def _refresh(entry: Entry) -> None:
    """Let lists and screens follow."""
    if entry.conversation_id is None:
        return
    conversation = matter.lock(Conversation(pk=entry.conversation_id))
    matter.change(conversation, **entries.derived(conversation))
    push(current_workspace_id(), f"conversation:{conversation.pk}", [entry.pk])
