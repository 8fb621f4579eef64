"""What the author does to a message at the provider, and what erasure leaves of it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from conversations.models import Attachment, Channel, Conversation, Entry, EntryBody
from conversations.services import entries, matter, searching
from conversations.services.entries import Body
from conversations.types import LONGEST_ID, LONGEST_THREAD
from tenancy.live import push
from tenancy.scope import current_workspace_id
from tenancy.storable import bounded

# Facts of an entry that outlive its erasure: why it stands where it does, and what takes its moves back; no
# customer's name, address or words.
KEPT = frozenset({"why", "others", "linked_to", "moves", "edited_at", "seconds"})


def find(*, channel: Channel, external_id: str, external_thread: str = "") -> Entry | None:
    """The entry that a provider speaks of."""
    return Entry.objects.filter(
        channel=channel,
        external_thread=bounded(external_thread, LONGEST_THREAD),
        external_id=bounded(external_id, LONGEST_ID),
    ).first()


@transaction.atomic
def edit(*, entry: Entry, text: str, html: str = "", at: datetime | None = None) -> bool:
    """Add a version of the text; the earlier ones stay. False when it is no news: the text is so already, a newer
    edit has come, or the entry is deleted or erased."""
    at = at or timezone.now()
    _lock(entry)
    body = EntryBody.objects.filter(entry=entry).latest("version")
    if entry.deleted_at or body.erased_at or body.text == text or at < _edited_at(entry, at):
        return False
    entries.add_body(entry, Body(text=text, html=html))
    entry.preview = entries.preview(text)
    entry.data = entry.data | {"edited_at": at.isoformat()}
    entry.save(update_fields=["preview", "data"])
    searching.put_entry(entry)
    _refresh(entry)
    return True


@transaction.atomic
def delete(*, entry: Entry, at: datetime | None = None, erase_body: bool = False) -> Entry:
    """Mark that the author took the message back; erase its text where the provider's policy demands it."""
    _lock(entry)
    entry.deleted_at = entry.deleted_at or at or timezone.now()
    entry.save(update_fields=["deleted_at"])
    if erase_body:
        erase(entry=entry)
    else:
        _refresh(entry)
    return entry


@transaction.atomic
def erase(*, entry: Entry) -> Entry:
    """Empty every version of an entry's text, drop its files and all that is personal in its facts. The row stays,
    as a tombstone."""
    _lock(entry)
    EntryBody.objects.filter(entry=entry).update(
        text="", quoted="", html="", is_rich=False, is_own=False, remote_images=0, erased_at=timezone.now()
    )
    searching.drop_entry(entry)
    _drop_files(entry)
    entry.preview, entry.file_count = "", 0
    entry.data = {name: value for name, value in entry.data.items() if name in KEPT}
    entry.save(update_fields=["preview", "file_count", "data"])
    _refresh(entry)
    return entry


def _drop_files(entry: Entry) -> None:
    """Drop an entry's files, with what is being fetched for them: locked, so that none is stored meanwhile."""
    rows = Attachment.objects.filter(entry=entry)
    for attachment in rows.select_for_update():
        if attachment.file:
            storage, name = attachment.file.storage, attachment.file.name
            transaction.on_commit(lambda storage=storage, name=name: storage.delete(name), robust=True)  # type: ignore[misc]
    rows.delete()


def _lock(entry: Entry) -> None:
    """Bring the entry up to date, and let nobody else change it until the transaction ends.

    Its conversation is locked first, in the order in which moving an entry locks them.
    """
    if entry.conversation_id is not None:
        matter.lock(Conversation(pk=entry.conversation_id))
    entry.refresh_from_db(
        fields=["conversation", "deleted_at", "preview", "file_count", "data"],
        from_queryset=Entry.objects.select_for_update(no_key=True),
    )


def _edited_at(entry: Entry, otherwise: datetime) -> datetime:
    edited_at = entry.data.get("edited_at")
    return datetime.fromisoformat(edited_at) if edited_at else otherwise


def _refresh(entry: Entry) -> None:
    """Let lists and screens follow."""
    if entry.conversation_id is None:
        return
    conversation = matter.lock(Conversation(pk=entry.conversation_id))
    matter.change(conversation, **entries.derived(conversation))
    push(current_workspace_id(), f"conversation:{conversation.pk}", [entry.pk])
