"""What a thread shows: a page of entries with their bodies, deliveries and files, and nothing for the rest."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from conversations.models import Attachment, Conversation, Delivery, Entry, EntryBody, Seen
from tenancy.keyset import Cursor, cut
from tenancy.models import Member

PAGE = 40
MOST = 300


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


def entries_page(
    conversation: Conversation,
    *,
    before: Cursor | None = None,
    size: int = PAGE,
    member: Member | None = None,
) -> ThreadPage:
    """A page of a thread, newest page first. `member` adds up to when they had read."""
    size = min(max(size, 1), MOST)
    rows = _with_people(Entry.objects.filter(conversation=conversation))
    if before:
        rows = rows.filter(before.below())
    spared = list(rows.order_by("-at", "-id")[: size + 1])
    found, more = cut(spared, size)
    shown = show(found[::-1])
    return ThreadPage(
        shown=shown,
        previous=spared[-1] if more else None,
        older=Cursor(found[-1].at, found[-1].pk) if more else None,
        seen_at=_seen_at(conversation, member),
        newest=max((entry.pk for entry in found), default=0),
    )


def show(entries: Sequence[Entry]) -> list[Shown]:
    """Entries with their newest bodies, deliveries and files: one query for each kind of them."""
    ids = [entry.pk for entry in entries]
    bodies, deliveries, files = bodies_of(ids), deliveries_of(ids), files_of(ids)
    return [Shown(entry, bodies.get(entry.pk), deliveries[entry.pk], files[entry.pk]) for entry in entries]


def bodies_of(ids: Sequence[int]) -> dict[int, EntryBody]:
    """The newest version of each entry's text, by entry."""
    newest = EntryBody.objects.filter(entry__in=ids).order_by("entry", "-version").distinct("entry")
    return {body.entry_id: body for body in newest}


def deliveries_of(ids: Sequence[int]) -> defaultdict[int, list[Delivery]]:
    """What became of each entry's sendings, by entry."""
    found: defaultdict[int, list[Delivery]] = defaultdict(list)
    for delivery in Delivery.objects.filter(entry__in=ids).select_related("identity").order_by("id"):
        found[delivery.entry_id].append(delivery)
    return found


def files_of(ids: Sequence[int]) -> defaultdict[int, list[Attachment]]:
    """Each entry's files, by entry; pictures that stand in its text are left to the text."""
    found: defaultdict[int, list[Attachment]] = defaultdict(list)
    for file in Attachment.objects.filter(entry__in=ids).order_by("id"):
        if not (file.is_inline and file.content_id):
            found[file.entry_id or 0].append(file)
    return found


def _with_people(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    return rows.select_related("channel", "contact", "member", "identity")


def _seen_at(conversation: Conversation, member: Member | None) -> datetime | None:
    if member is None:
        return None
    return Seen.objects.filter(conversation=conversation, member=member).values_list("at", flat=True).first()
