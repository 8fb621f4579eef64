"""Telling members of what happens in conversations that are theirs or that they follow.

Written after the entry has been committed, by the lane of reactions: once for each member and entry, however often
that is tried, and never of what the member did.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from conversations.models import Conversation, Entry, Follower, Mention, Notice, Seen
from conversations.services.following import follow_by_itself
from conversations.services.parents import ANSWERED
from tenancy.live import push
from tenancy.models import Member
from tenancy.preferences import By, Happening
from tenancy.scope import current_workspace_id

STATUSES = {"resolved", "reopened", "pending"}
ASSIGNMENTS = {"assigned", "unassigned"}
KEPT = timedelta(days=90)
READ_KEPT = timedelta(days=30)

# For each entry, of what to tell whom, by the member's id.
Told = Mapping[int, Mapping[int, str]]


def tell(entries: Sequence[Entry]) -> None:
    """Write the notices that follow from entries; whoever has to do with them follows their conversations."""
    rows = (
        entry for entry in entries if entry.conversation_id and not entry.deleted_at and not entry.automatic
    )
    about = sorted(rows, key=lambda entry: entry.pk)
    mentioned = _mentioned(about)
    _follow(about, mentioned)
    around = _Around(about)
    _write(about, {entry.pk: dict(_whom(entry, around, mentioned[entry.pk])) for entry in about})


def tell_failed(entries: Sequence[Entry]) -> None:
    """Tell those who wrote these messages that one could not be delivered."""
    authors = {entry.pk: {entry.member_id: Happening.FAILED} for entry in entries if entry.member_id}
    _write([entry for entry in entries if entry.pk in authors], authors, own=True)


def read(
    *, member: Member, conversation: Conversation | None = None, ids: Iterable[int] | None = None
) -> int:
    """Note that a member has read their notices: all, those of a conversation, or some. Returns how many."""
    rows = Notice.objects.filter(member=member, read_at=None)
    if conversation is not None:
        rows = rows.filter(entry__conversation=conversation)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return _changed(member, rows.update(read_at=timezone.now()))


def unread(*, member: Member, notice: Notice) -> int:
    """Note that a member has not read a notice of theirs after all."""
    return _changed(member, Notice.objects.filter(member=member, pk=notice.pk).update(read_at=None))


def forget(entry: Entry) -> None:
    """Drop the notices of an entry that was never said."""
    rows = Notice.objects.filter(entry=entry)
    told = list(Member.objects.filter(pk__in=rows.values("member")))
    rows.delete()
    for member in told:
        _changed(member, 1)


def prune() -> None:
    """Drop the open workspace's notices that were read a month ago, and all of a quarter of a year ago."""
    now = timezone.now()
    Notice.objects.filter(at__lt=now - KEPT).delete()
    Notice.objects.filter(at__lt=now - READ_KEPT, read_at__isnull=False).delete()


class _Around:
    """The conversations of entries, whose they were when each was written, and who follows them since when."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        ids = {entry.conversation_id for entry in entries if entry.conversation_id}
        self.conversations = Conversation.objects.in_bulk(ids)
        self._given = [entry for entry in entries if entry.event in ASSIGNMENTS]
        self._followers = defaultdict(list)
        for row in Follower.objects.filter(conversation__in=ids, follows=True) if ids else ():
            self._followers[row.conversation_id].append(row)

    def interested(self, entry: Entry) -> set[int]:
        """Whose the entry's conversation is, and who followed it when the entry was written."""
        assert entry.conversation_id
        followers = self._followers[entry.conversation_id]
        found = {row.member_id for row in followers if row.since <= entry.created_at}
        return found | ({assignee} if (assignee := self._assignee(entry)) else set())

    def _assignee(self, entry: Entry) -> int | None:
        """Whose it was: now, or before the next entry by which it was given to another."""
        later = (
            each.data.get("from_id")
            for each in self._given
            if each.pk > entry.pk and each.conversation_id == entry.conversation_id
        )
        now = self.conversations[entry.conversation_id].assignee_id if entry.conversation_id else None
        return next(later, now)


def _whom(entry: Entry, around: _Around, mentioned: Iterable[Member]) -> Iterator[tuple[int, str]]:
    """Whom to tell of an entry, and of what; whoever comes again is told the last."""
    assert entry.conversation_id
    happening = _happening(entry)
    if happening is None or around.conversations[entry.conversation_id].is_spam:
        return
    # Those who heard of an answer aside where it was given are not told again where it is only mentioned.
    for member in around.interested(entry) - set(entry.data.get("told", ())):
        yield member, happening
    if entry.event in ASSIGNMENTS:
        for name in ("from_id", "to_id"):
            if member := entry.data.get(name):
                yield member, Happening.ASSIGNED
    for person in mentioned:
        yield person.pk, Happening.MENTIONED


def _happening(entry: Entry) -> str | None:
    """What an entry is to those whose conversation it is in. What follows from another entry is nothing by itself:
    a customer's message that reopens is one happening."""
    match entry.kind:
        case Entry.Kind.NOTE:
            return Happening.COLLEAGUE
        case Entry.Kind.MESSAGE | Entry.Kind.CALL:
            return Happening.CUSTOMER if entry.direction == Entry.Direction.IN else Happening.COLLEAGUE
        case Entry.Kind.EVENT if entry.event == "woke":
            return Happening.WOKE
        case Entry.Kind.EVENT if entry.event == ANSWERED:
            return Happening.COLLEAGUE
        case Entry.Kind.EVENT if entry.event in ASSIGNMENTS or (entry.event in STATUSES and entry.member_id):
            return Happening.STATUS
    return None


def _mentioned(entries: Iterable[Entry]) -> Mapping[int, list[Member]]:
    notes = [entry.pk for entry in entries if entry.kind == Entry.Kind.NOTE]
    found: defaultdict[int, list[Member]] = defaultdict(list)
    for mention in Mention.objects.filter(entry__in=notes).select_related("member") if notes else ():
        found[mention.entry_id].append(mention.member)
    return found


def _follow(entries: Sequence[Entry], mentioned: Mapping[int, list[Member]]) -> None:
    """Have those follow who wrote, were mentioned, or were given the conversation."""
    of = {entry.pk: {person.pk for person in mentioned.get(entry.pk, ())} for entry in entries}
    for entry in entries:
        is_ours = entry.kind == Entry.Kind.NOTE or entry.direction == Entry.Direction.OUT
        new = entry.member_id if is_ours else entry.data.get("to_id") if entry.event == "assigned" else None
        of[entry.pk] |= {new} if new else set()
    people = Member.objects.in_bulk(set().union(*of.values())) if any(of.values()) else {}
    if people:
        follow_by_itself(
            (entry.conversation_id, people[member], entry.created_at)
            for entry in entries
            for member in sorted(of[entry.pk])
            if entry.conversation_id and member in people
        )


def _write(entries: Sequence[Entry], told: Told, *, own: bool = False) -> None:
    """Store notices for those who want them; what somebody has read in the thread already is no news. `own` tells
    people of their own entries."""
    ids = {member for whom in told.values() for member in whom}
    people = Member.objects.filter(pk__in=ids, archived_at=None, is_bot=False).in_bulk() if ids else {}
    new = [
        Notice(member=people[member], entry=entry, kind=kind, at=entry.created_at)
        for entry in entries
        for member, kind in told[entry.pk].items()
        if member in people
        and (own or member != entry.member_id)
        and people[member].wishes.tells(kind, By.CENTRE)
    ]
    if new:
        _mark_seen(new)
        Notice.objects.bulk_create(new, ignore_conflicts=True)
    for member in {notice.member_id for notice in new}:
        push(current_workspace_id(), f"notices:{member}")


def _mark_seen(new: Sequence[Notice]) -> None:
    seen = Seen.objects.filter(
        member__in={notice.member_id for notice in new},
        conversation__in={notice.entry.conversation_id for notice in new if notice.entry.conversation_id},
    )
    until = {(row.member_id, row.conversation_id): row.at for row in seen}
    for notice in new:
        at = until.get((notice.member_id, notice.entry.conversation_id or 0))
        if notice.kind != Happening.FAILED and at is not None and at >= notice.entry.created_at:
            notice.read_at = at


def _changed(member: Member, count: int) -> int:
    if count:
        push(current_workspace_id(), f"notices:{member.pk}")
    return count
