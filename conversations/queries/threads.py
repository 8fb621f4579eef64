"""What a thread shows: a page of entries with their bodies, deliveries and files, and nothing for the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from conversations.models import Attachment, Conversation, Delivery, Entry, EntryBody
from conversations.queries.parts import CHANNEL, CONTACT, CONVERSATION, MEMBER, asked
from tenancy.keyset import EPOCH, Cursor
from tenancy.models import Member
from tenancy.reading import Found, Reading, moment, refers

PAGE = 40
MOST = 300
ABOVE = 3  # entries that stand above the one at which a thread opens

IN_IT = "workspace_id = %(workspace)s AND conversation_id = (SELECT id FROM asked)"
SHOWN = f"""
    SELECT * FROM conversations_entry WHERE {IN_IT} WITHIN ORDER BY WAY LIMIT (SELECT room + 2 FROM room)"""
AFTER = "AND (at, id) >= (%(after_at)s, %(after_id)s)"  # the entry there too: it stands above
UPTO = "AND (at, id) <= (%(upto_at)s, %(upto_id)s)"
NEWEST, OLDEST = "at DESC, id DESC", "at, id"
# How many are shown. Two more are read: the one above, and one that tells whether there are more.
ROOM = "SELECT %(entries)s::bigint AS room"
# As many as it takes to begin with the first that the member has not read, if they ever read it.
ROOM_FOR_UNREAD = f"""
    SELECT least(%(most)s, greatest(%(entries)s, coalesce(max(place) + {ABOVE}, 0))) AS room FROM (
        SELECT row_number() OVER (ORDER BY {NEWEST}) AS place, direction, created_at
        FROM conversations_entry WHERE {IN_IT} ORDER BY {NEWEST} LIMIT %(most)s
    ) newest WHERE direction = 'in' AND created_at > (
        SELECT at FROM conversations_seen WHERE {IN_IT} AND member_id = %(member)s
    )"""
ENTRIES = f"""
    SELECT id, conversation_id, kind, direction, channel_id, contact_id, identity_id, member_id, at, created_at,
        rule, event, preview, data, is_verified, automatic, deleted_at,
        CASE WHEN data ? 'send_at' THEN EXISTS (
            SELECT FROM conversations_entry heard
            WHERE workspace_id = row.workspace_id AND conversation_id = row.conversation_id AND id > row.id
                AND kind = 'message' AND direction = 'in' AND automatic = '' AND deleted_at IS NULL
        ) END AS is_answered, {CHANNEL}, {CONTACT}, {MEMBER}
    FROM shown row ORDER BY at DESC, id DESC"""
SEEN = f"SELECT at FROM conversations_seen WHERE {IN_IT} AND member_id = %(member)s"

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
class Stretch:
    """A part of a thread: what comes after an entry, and all up to another; None is where the thread begins, or
    ends."""

    after: Cursor | None = None
    upto: Cursor | None = None

    @property
    def facts(self) -> dict[str, object]:
        """Its ends, as statements name them."""
        ends = {"after": self.after, "upto": self.upto}
        named = {f"{name}_at": end.at for name, end in ends.items() if end}
        return named | {f"{name}_id": end.id for name, end in ends.items() if end}


START = Cursor(EPOCH, 0)
WHOLE = Stretch()


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Entries oldest first, which are all of `stretch`; `previous` is the one just above them. `is_cut` where the
    stretch that was asked for holds more than a page can."""

    shown: Sequence[Shown]
    stretch: Stretch = WHOLE
    previous: Entry | None = None
    seen_at: datetime | None = None
    newest: int = field(default=0)
    is_cut: bool = False

    @property
    def earlier(self) -> Cursor | None:
        """Up to where there is more above."""
        return self.stretch.after if self.previous else None

    @property
    def read(self) -> Cursor | None:
        """Up to when the member had read, for an address."""
        return Cursor(self.seen_at, 0) if self.seen_at else None


def conversation(number: int) -> Reading[Conversation | None]:
    """The conversation of that number, with whom it is, whose, and the channel last used."""

    def make(found: Found) -> Conversation | None:
        return found.one(Conversation, "conversation")

    return Reading({"conversation": CONVERSATION}, make, **asked(number))


def entries_page(
    number: int,
    *,
    within: Stretch = WHOLE,
    size: int = PAGE,
    oldest: bool = False,
    member: Member | None = None,
) -> Reading[ThreadPage]:
    """A page of a conversation's thread: the newest `size` entries up to an end; or all after one, MOST of them;
    or, `oldest`, the first `size` after it.

    `member` adds up to when they had read; of the whole thread, a page then begins above the first entry that they
    have not read.
    """
    wanted = MOST if within.after and not oldest else min(max(size, 1), MOST)

    def make(found: Found) -> ThreadPage:
        most = found.rows("room")[0]["room"]
        entries, previous, is_cut = _fitting(found.of(Entry, "entries"), within.after, most, oldest)
        return ThreadPage(
            shown=_show(entries[::-1], found),
            stretch=_stretch(entries, previous, within, ends=oldest and is_cut),
            previous=previous,
            seen_at=next((moment(row["at"]) for row in found.rows("seen")), None),
            newest=max((entry.pk for entry in entries), default=0),
            is_cut=is_cut,
        )

    about = asked(number)
    narrowed = " ".join([AFTER] * bool(within.after) + [UPTO] * bool(within.upto))
    room = ROOM_FOR_UNREAD if member and within == WHOLE else ROOM
    shown = SHOWN.replace("WITHIN", narrowed).replace("WAY", OLDEST if oldest else NEWEST)
    given = about["given"] | {"room": room, "shown": shown}
    facts = {"member": member.pk if member else None, "entries": wanted, "most": MOST, **within.facts}
    parts = {"room": "SELECT room FROM room", "entries": ENTRIES, "seen": SEEN, **SAID}
    return Reading(parts, make, given, about["facts"] | facts)


def _fitting(
    found: list[Entry], after: Cursor | None, most: int, oldest: bool
) -> tuple[list[Entry], Entry | None, bool]:
    """Of entries newest first: those that are shown, the one above them, and whether the stretch holds more."""
    rest, above = found, None
    if after and found and (found[-1].at, found[-1].pk) <= (after.at, after.id):
        *rest, above = found
    if oldest:
        return rest[-most:], above, len(rest) > most
    if len(rest) > most:
        return rest[:most], rest[most], after is not None
    return rest, above, False


def _stretch(entries: list[Entry], previous: Entry | None, within: Stretch, *, ends: bool) -> Stretch:
    """What the entries, newest first, are all of; `ends` where it is less than was asked for."""
    after = Cursor(previous.at, previous.pk) if previous else within.after or START
    return Stretch(after, Cursor(entries[0].at, entries[0].pk) if ends else within.upto)


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
