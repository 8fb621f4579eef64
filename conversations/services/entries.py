"""Writing the timeline: the only place that makes an Entry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contacts.models import Affiliation, Contact
from conversations import html as markup
from conversations import richtext
from conversations.models import Attachment, Conversation, Entry, EntryBody, Reaction, TimelineRef
from conversations.services import files, matter, searching
from conversations.types import IncomingFile
from tenancy import lanes
from tenancy.live import push
from tenancy.scope import current_workspace_id
from tenancy.storable import shortened

PREVIEW = 200
SPOKEN = (Entry.Kind.MESSAGE, Entry.Kind.CALL)
FOLLOWED = (Entry.Kind.MESSAGE, Entry.Kind.NOTE, Entry.Kind.CALL)
# Events that members are told of.
TOLD = frozenset({"assigned", "unassigned", "resolved", "reopened", "pending", "woke", "side_answered"})


@dataclass(frozen=True, slots=True)
class Body:
    """What an entry says. `html` is as received; it is sanitised before it is stored."""

    text: str = ""
    quoted: str = ""
    html: str = ""
    files: tuple[IncomingFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Writing:
    """An unsaved entry, what it says, and the contacts on whose timelines (and their accounts') it stands.

    `changes` are fields of its conversation, which must be locked, that change with it.
    """

    entry: Entry
    body: Body | None = None
    on: Sequence[Contact] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)


def write(entry: Entry, *, body: Body | None = None, on: Iterable[Contact] = ()) -> Entry:
    """Store an unsaved entry with its body, on the timelines of `on` and of their accounts.

    Its conversation, which must be locked, takes over what lists show of it. Reactions and screens follow
    after commit. Raises IntegrityError when the channel's (thread, id) is already in the timeline.
    """
    write_all([Writing(entry, body, tuple(on))])
    return entry


def write_all(writings: Sequence[Writing]) -> None:
    """Store entries in this order, as `write` does one."""
    for one in writings:
        one.entry.preview = one.entry.preview or preview(one.body.text if one.body else "")
        one.entry.file_count = one.entry.file_count or len(one.body.files if one.body else ())
    Entry.objects.bulk_create(one.entry for one in writings)
    kept = _store_bodies([(one.entry, one.body) for one in writings if one.body])
    _stand_on(writings)
    changes = matter.Changes()
    for one in writings:
        if one.entry.conversation is not None:
            changes.set(one.entry.conversation, **one.changes)
            changes.set(one.entry.conversation, **_carried(one.entry.conversation, one.entry))
    changes.save()
    searching.put_written(
        [(one.entry, one.body.text if one.body else "", kept.get(one.entry.pk, ())) for one in writings]
    )
    if followed := [entry for entry in (one.entry for one in writings) if _is_followed(entry)]:
        Reaction.objects.bulk_create(Reaction(entry=entry) for entry in followed)
        lanes.ring("reactions")
    for one in writings:
        _announce(one.entry)


def _is_followed(entry: Entry) -> bool:
    """Whether something may follow an entry."""
    return entry.kind in FOLLOWED or (entry.kind == Entry.Kind.EVENT and entry.event in TOLD)


def event(conversation: Conversation, name: str, *, on: Iterable[Contact] = (), **fields: Any) -> Entry:
    """Write that something happened to a locked conversation: a quiet line in its thread."""
    return write(Entry(conversation=conversation, kind=Entry.Kind.EVENT, event=name, **fields), on=on)


def add_body(entry: Entry, body: Body) -> EntryBody:
    """Add a version of an entry's text."""
    stored = _body_of(entry, body, version=entry.bodies.count() + 1)
    stored.save()
    return stored


def _store_bodies(said: Sequence[tuple[Entry, Body]]) -> dict[int, list[Attachment]]:
    """Store what entries say, and their files; returns those by the entry's id."""
    stored = [(entry, body, [files.store(file, entry=entry) for file in body.files]) for entry, body in said]
    EntryBody.objects.bulk_create(_body_of(entry, body, inline=kept) for entry, body, kept in stored)
    return {entry.pk: kept for entry, _, kept in stored if kept}


def _body_of(entry: Entry, body: Body, *, version: int = 1, inline: Iterable[Attachment] = ()) -> EntryBody:
    # Relative to the page that shows it, `/w/<slug>/entries/<id>/html/`: a renamed workspace breaks nothing.
    urls = {file.content_id: f"../../../attachments/{file.pk}/" for file in inline if file.content_id}
    clean = markup.sanitise(body.html, cid_urls=urls, fold=bool(body.quoted)) if body.html else None
    return EntryBody(
        entry=entry,
        version=version,
        text=body.text,
        quoted=body.quoted,
        html=clean.html if clean else "",
        is_rich=clean.rich if clean else False,
        is_own=bool(clean and entry.direction == Entry.Direction.OUT and richtext.is_own(clean.html)),
        remote_images=min(clean.remote_images, 32767) if clean else 0,
    )


def _stand_on(writings: Sequence[Writing]) -> None:
    employers = accounts_of(contact.pk for one in writings for contact in one.on)
    refs: list[TimelineRef] = []
    for one in writings:
        people = dict.fromkeys(contact.pk for contact in one.on)
        accounts = {account for person in people for account in employers.get(person, ())}
        refs += [TimelineRef(entry=one.entry, contact_id=person, at=one.entry.at) for person in people]
        refs += [TimelineRef(entry=one.entry, account_id=account, at=one.entry.at) for account in accounts]
    TimelineRef.objects.bulk_create(refs)
    for ref in refs:
        topic = f"contact:{ref.contact_id}" if ref.contact_id else f"account:{ref.account_id}"
        push(current_workspace_id(), topic, [ref.entry_id])


def accounts_of(contacts: Iterable[int]) -> dict[int, list[int]]:
    """Ids of the accounts that contacts work for now, as confirmed by people, by the contact's."""
    ids = set(contacts)
    found: dict[int, list[int]] = {}
    if not ids:
        return found
    current = Affiliation.objects.filter(contact_id__in=ids, until=None, is_primary=True, is_proposed=False)
    for contact, account in current.values_list("contact_id", "account_id"):
        found.setdefault(contact, []).append(account)
    return found


def primary_accounts(contacts: Iterable[int]) -> dict[int, int]:
    """The id of the account that each contact works for now, where there is one."""
    return {contact: accounts[0] for contact, accounts in accounts_of(contacts).items()}


def _carried(conversation: Conversation, entry: Entry) -> dict[str, Any]:
    """What the conversation's row takes over of what lists show, unless something newer is there already."""
    fields: dict[str, Any] = {}
    if entry.kind not in _spoken_in(conversation):
        return fields
    channel = entry.channel
    if channel is not None and (not conversation.trail or conversation.trail[-1] != channel.kind):
        fields["trail"] = [*conversation.trail, channel.kind][-6:]
    if entry.at >= conversation.last_at:
        fields |= {
            "last_at": entry.at,
            "preview": entry.preview,
            "preview_is_ours": _is_ours(entry),
        }
        if channel is not None:
            fields["last_channel"] = channel
    return fields


def _spoken_in(conversation: Conversation) -> tuple[str, ...]:
    """What counts as said in it: in an aside colleagues talk by notes."""
    return (*SPOKEN, Entry.Kind.NOTE) if conversation.kind == Conversation.Kind.SIDE else SPOKEN


def _is_ours(entry: Entry) -> bool:
    return entry.direction == Entry.Direction.OUT or entry.kind == Entry.Kind.NOTE


def derived(conversation: Conversation) -> dict[str, Any]:
    """What lists show of a conversation, told again by its entries: after an undo or an erasure, and in `fsck`."""
    said = Entry.objects.filter(conversation=conversation, kind__in=_spoken_in(conversation), deleted_at=None)
    newest = said.select_related("channel").order_by("-at", "-id").first()
    if newest is None:
        return {"preview": "", "preview_is_ours": False}
    return {
        "last_at": newest.at,
        "preview": newest.preview,
        "preview_is_ours": _is_ours(newest),
        "last_channel": newest.channel,
    }


def _announce(entry: Entry) -> None:
    if entry.conversation_id:
        push(current_workspace_id(), f"conversation:{entry.conversation_id}", [entry.pk])


def preview(text: str) -> str:
    """The first words of a text, on one line."""
    return shortened(" ".join(text[:2000].split()), PREVIEW)
