"""Writing the timeline: the only place that makes an Entry."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contacts.models import Account, Affiliation, Contact
from conversations import html as markup
from conversations.models import Attachment, Conversation, Entry, EntryBody, Reaction, TimelineRef
from conversations.services import files, matter
from conversations.types import IncomingFile
from tenancy import lanes
from tenancy.live import push
from tenancy.scope import current_workspace_id
from tenancy.storable import shortened

PREVIEW = 200
SPOKEN = (Entry.Kind.MESSAGE, Entry.Kind.CALL)


@dataclass(frozen=True, slots=True)
class Body:
    """What an entry says. `html` is as received; it is sanitised before it is stored."""

    text: str = ""
    quoted: str = ""
    html: str = ""
    files: tuple[IncomingFile, ...] = ()


def write(entry: Entry, *, body: Body | None = None, on: Iterable[Contact] = ()) -> Entry:
    """Store an unsaved entry with its body, on the timelines of `on` and of their accounts.

    Its conversation, which must be locked, takes over what lists show of it. Reactions and screens follow
    after commit. Raises IntegrityError when the channel's (thread, id) is already in the timeline.
    """
    entry.preview = entry.preview or preview(body.text if body else "")
    entry.file_count = entry.file_count or len(body.files if body else ())
    entry.save(force_insert=True)
    if body is not None:
        stored = [files.store(file, entry=entry) for file in body.files]
        _store_body(entry, body, inline=stored)
    _stand_on(entry, on)
    if entry.conversation is not None:
        _carry(entry.conversation, entry)
    if entry.kind in {Entry.Kind.MESSAGE, Entry.Kind.NOTE, Entry.Kind.CALL}:
        Reaction.objects.create(entry=entry)
        lanes.ring("reactions")
    _announce(entry)
    return entry


def event(conversation: Conversation, name: str, *, on: Iterable[Contact] = (), **fields: Any) -> Entry:
    """Write that something happened to a locked conversation: a quiet line in its thread."""
    return write(Entry(conversation=conversation, kind=Entry.Kind.EVENT, event=name, **fields), on=on)


def add_body(entry: Entry, body: Body) -> EntryBody:
    """Add a version of an entry's text."""
    return _store_body(entry, body, version=entry.bodies.count() + 1)


def _store_body(
    entry: Entry, body: Body, *, version: int = 1, inline: Iterable[Attachment] = ()
) -> EntryBody:
    # Relative to the page that shows it, `/w/<slug>/entries/<id>/html/`: a renamed workspace breaks nothing.
    urls = {file.content_id: f"../../../attachments/{file.pk}/" for file in inline if file.content_id}
    clean = markup.sanitise(body.html, cid_urls=urls, fold=bool(body.quoted)) if body.html else None
    return EntryBody.objects.create(
        entry=entry,
        version=version,
        text=body.text,
        quoted=body.quoted,
        html=clean.html if clean else "",
        is_rich=clean.rich if clean else False,
        remote_images=min(clean.remote_images, 32767) if clean else 0,
    )


def _stand_on(entry: Entry, contacts: Iterable[Contact]) -> None:
    people = {contact.pk: contact for contact in contacts}
    accounts = set(accounts_of(people))
    refs = [TimelineRef(entry=entry, contact=person, at=entry.at) for person in people.values()]
    refs += [TimelineRef(entry=entry, account_id=account, at=entry.at) for account in accounts]
    TimelineRef.objects.bulk_create(refs)
    for topic in (*(f"contact:{pk}" for pk in people), *(f"account:{pk}" for pk in accounts)):
        push(current_workspace_id(), topic, [entry.pk])


def accounts_of(contacts: Iterable[int]) -> list[int]:
    """Ids of the accounts that contacts work for now, as confirmed by people."""
    ids = list(contacts)
    if not ids:
        return []
    current = Affiliation.objects.filter(contact_id__in=ids, until=None, is_primary=True, is_proposed=False)
    return list(current.values_list("account_id", flat=True))


def primary_account(contact: Contact) -> Account | None:
    """The account that a contact works for now, as confirmed by people."""
    found = accounts_of([contact.pk])
    return Account.objects.get(pk=found[0]) if found else None


def _carry(conversation: Conversation, entry: Entry) -> None:
    """Take over into the conversation's row what lists show, unless something newer is there already."""
    if entry.kind not in SPOKEN:
        return
    fields: dict[str, Any] = {}
    channel = entry.channel
    if channel is not None and (not conversation.trail or conversation.trail[-1] != channel.kind):
        fields["trail"] = [*conversation.trail, channel.kind][-6:]
    if entry.at >= conversation.last_at:
        fields |= {
            "last_at": entry.at,
            "preview": entry.preview,
            "preview_is_ours": entry.direction == Entry.Direction.OUT,
        }
        if channel is not None:
            fields["last_channel"] = channel
    matter.change(conversation, **fields)


def derived(conversation: Conversation) -> dict[str, Any]:
    """What lists show of a conversation, told again by its entries: after an undo or an erasure, and in `fsck`."""
    spoken = Entry.objects.filter(conversation=conversation, kind__in=SPOKEN, deleted_at=None)
    newest = spoken.select_related("channel").order_by("-at", "-id").first()
    if newest is None:
        return {"preview": "", "preview_is_ours": False}
    return {
        "last_at": newest.at,
        "preview": newest.preview,
        "preview_is_ours": newest.direction == Entry.Direction.OUT,
        "last_channel": newest.channel,
    }


def _announce(entry: Entry) -> None:
    if entry.conversation_id:
        push(current_workspace_id(), f"conversation:{entry.conversation_id}", [entry.pk])


def preview(text: str) -> str:
    """The first words of a text, on one line."""
    return shortened(" ".join(text[:2000].split()), PREVIEW)
