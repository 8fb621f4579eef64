"""What a thread shows: a page of entries with their bodies, deliveries and files, and nothing for the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from conversations.models import Attachment, Conversation, Delivery, Entry, EntryBody
from conversations.queries.parts import CHANNEL, CONTACT, CONVERSATION, MEMBER, asked
from tenancy.keyset import Cursor, cut
from tenancy.models import Member
from tenancy.reading import Found, Reading, moment, refers

PAGE = 40
MOST = 300

SHOWN = """
    SELECT * FROM conversations_entry
    WHERE workspace_id = %(workspace)s AND conversation_id = (SELECT id FROM asked) BELOW
    ORDER BY at DESC, id DESC LIMIT %(entries)s"""
BELOW = "AND (at, id) < (%(entries_at)s, %(entries_id)s)"
ENTRIES = f"""
    SELECT id, conversation_id, kind, direction, channel_id, contact_id, identity_id, member_id, at, created_at,
        rule, event, preview, data, is_verified, automatic, deleted_at, {CHANNEL}, {CONTACT}, {MEMBER}
    FROM shown row ORDER BY at DESC, id DESC"""
SEEN = """
    SELECT at FROM conversations_seen
    WHERE workspace_id = %(workspace)s AND conversation_id = (SELECT id FROM asked) AND member_id = %(member)s"""

# Of the entries that are shown, by entry.
GIVEN_ENTRIES = "SELECT unnest(%(ids)s::bigint[]) AS id"
OF_THEM = "workspace_id = %(workspace)s AND entry_id = ANY(ARRAY(SELECT id FROM shown))"
BODIES = f"""
    SELECT DISTINCT ON (entry_id) id, entry_id, version, text, quoted, is_rich, is_own, remote_images, erased_at,
        CASE WHEN is_own THEN html ELSE '' END AS html
    FROM conversations_entrybody WHERE {OF_THEM} ORDER BY entry_id, version DESC"""
DELIVERIES = f"""
    SELECT id, entry_id, channel_id, status, code, reason, status_at, identity_id,
        {refers("identity", "contacts_identity", "value", "verbatim")}
    FROM conversations_delivery row WHERE {OF_THEM} ORDER BY entry_id, id"""
# Pictures that stand in the text are left to the text.
FILES = f"""
    SELECT id, entry_id, name, content_type, size, state, reason FROM conversations_attachment
    WHERE {OF_THEM} AND NOT (is_inline AND content_id <> '') ORDER BY entry_id, id"""
SAID = {"bodies": BODIES, "deliveries": DELIVERIES, "files": FILES}

OfEntry = TypeVar("OfEntry", EntryBody, Delivery, Attachment)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with all that is shown of it."""

    entry: Entry
    body: EntryBody | None = None
    deliveries: Sequence[Delivery] = ()
    files: Sequence[Attachment] = ()

    @property
    def is_undone(self) -> bool:
        """Whether it was taken back before it left: then it was never said."""
        return bool(self.deliveries) and all(
            delivery.status == Delivery.Status.CANCELLED for delivery in self.deliveries
        )

    @property
    def troubles(self) -> list[Delivery]:
        """Sendings that failed or whose outcome is unknown: people have to decide."""
        bad = {Delivery.Status.FAILED, Delivery.Status.UNCERTAIN}
        return [delivery for delivery in self.deliveries if delivery.status in bad]


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Entries oldest first; `previous` is the one just above them, and `older` the cursor to go on from."""

    shown: Sequence[Shown]
    previous: Entry | None = None
    older: Cursor | None = None
    seen_at: datetime | None = None
    newest: int = field(default=0)


def conversation(number: int) -> Reading[Conversation | None]:
    """The conversation of that number, with whom it is, whose, and the channel last used."""

    def make(found: Found) -> Conversation | None:
        return found.one(Conversation, "conversation")

    return Reading({"conversation": CONVERSATION}, make, **asked(number))


def entries_page(
    number: int, *, before: Cursor | None = None, size: int = PAGE, member: Member | None = None
) -> Reading[ThreadPage]:
    """A page of a conversation's thread, newest page first. `member` adds up to when they had read."""
    size = min(max(size, 1), MOST)

    def make(found: Found) -> ThreadPage:
        spared = found.of(Entry, "entries")
        entries, more = cut(spared, size)
        return ThreadPage(
            shown=_show(entries[::-1], found),
            previous=spared[-1] if more else None,
            older=Cursor(entries[-1].at, entries[-1].pk) if more else None,
            seen_at=next((moment(row["at"]) for row in found.rows("seen")), None),
            newest=max((entry.pk for entry in entries), default=0),
        )

    about = asked(number)
    shown = SHOWN.replace("BELOW", BELOW if before else "")
    facts = about["facts"] | {"member": member.pk if member else None, "entries": size + 1}
    if before:
        facts |= {"entries_at": before.at, "entries_id": before.id}
    return Reading({"entries": ENTRIES, "seen": SEEN, **SAID}, make, about["given"] | {"shown": shown}, facts)


def show(entries: Sequence[Entry]) -> list[Shown]:
    """Entries with their newest bodies, deliveries and files, in one query."""
    ids = [entry.pk for entry in entries]
    return Reading(SAID, lambda found: _show(entries, found), {"shown": GIVEN_ENTRIES}, {"ids": ids}).read()


def _show(entries: Sequence[Entry], found: Found) -> list[Shown]:
    bodies = {body.entry_id: body for body in found.of(EntryBody, "bodies")}
    deliveries = _by_entry(found.of(Delivery, "deliveries"))
    files = _by_entry(found.of(Attachment, "files"))
    return [
        Shown(entry, bodies.get(entry.pk), deliveries.get(entry.pk, ()), files.get(entry.pk, ()))
        for entry in entries
    ]


def _by_entry(rows: Iterable[OfEntry]) -> dict[int | None, list[OfEntry]]:
    return {entry: list(of) for entry, of in groupby(rows, key=lambda row: row.entry_id)}
