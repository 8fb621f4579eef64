"""Of what a member is told: their notices with what these are about, newest first, and how many are unread."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from conversations.models import Conversation, Entry, Notice
from conversations.queries.parts import CONTACT, MEMBER
from tenancy.keyset import Cursor, cut
from tenancy.models import Member
from tenancy.reading import Found, Reading

PAGE = 40
MOST_COUNTED = 100

NOTICED = """
    SELECT * FROM conversations_notice WHERE workspace_id = %(workspace)s AND member_id = %(reader)s CONDITIONS
    ORDER BY at DESC, id DESC LIMIT %(notices)s"""
BELOW = "AND (at, id) < (%(notices_at)s, %(notices_id)s)"
NOTICES = "SELECT id, entry_id, kind, at, read_at FROM noticed ORDER BY at DESC, id DESC"
ABOUT = f"""
    SELECT id, conversation_id, kind, direction, event, preview, data, deleted_at, {CONTACT}, {MEMBER}
    FROM conversations_entry row
    WHERE workspace_id = %(workspace)s AND id = ANY(ARRAY(SELECT entry_id FROM noticed))"""
CONVERSATIONS = f"""
    SELECT id, number, subject, {CONTACT} FROM conversations_conversation row
    WHERE workspace_id = %(workspace)s AND id = ANY(ARRAY(
        SELECT conversation_id FROM conversations_entry
        WHERE workspace_id = %(workspace)s AND id = ANY(ARRAY(SELECT entry_id FROM noticed))
    ))"""
UNREAD = f"""
    SELECT count(*) AS total FROM (
        SELECT FROM conversations_notice
        WHERE workspace_id = %(workspace)s AND member_id = %(reader)s AND read_at IS NULL LIMIT {MOST_COUNTED}
    ) unread"""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice, the entry that it is about, and the conversation in which that stands now."""

    notice: Notice
    entry: Entry
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Group:
    """Notices of one conversation, newest first."""

    conversation: Conversation
    told: Sequence[Told]

    @property
    def is_unread(self) -> bool:
        return any(each.notice.read_at is None for each in self.told)


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Notices, newest first, and the cursor below them where there are more."""

    told: Sequence[Told]
    older: Cursor | None

    @property
    def groups(self) -> Iterator[Group]:
        """By conversation, that of the newest first; within a page no conversation comes twice."""
        places = {pk: place for place, pk in reversed(list(enumerate(map(_of, self.told))))}
        for _, told in groupby(sorted(self.told, key=lambda each: places[_of(each)]), key=_of):
            found = list(told)
            yield Group(found[0].conversation, found)


def notices_of(
    member: Member, *, before: Cursor | None = None, only_unread: bool = False, size: int = PAGE
) -> Reading[NoticePage]:
    """A page of a member's notices."""

    def make(found: Found) -> NoticePage:
        rows, more = cut(found.of(Notice, "notices"), size)
        entries = {entry.pk: entry for entry in found.of(Entry, "about")}
        conversations = {each.pk: each for each in found.of(Conversation, "conversations")}
        told = [
            Told(row, entry, conversations[entry.conversation_id])
            for row, entry in ((row, entries[row.entry_id]) for row in rows)
            if entry.conversation_id
        ]
        return NoticePage(told, Cursor(rows[-1].at, rows[-1].pk) if more else None)

    conditions = [BELOW] * (before is not None) + ["AND read_at IS NULL"] * only_unread
    facts: dict[str, Any] = {"reader": member.pk, "notices": size + 1}
    if before:
        facts |= {"notices_at": before.at, "notices_id": before.id}
    given = {"noticed": NOTICED.replace("CONDITIONS", " ".join(conditions))}
    parts = {"notices": NOTICES, "about": ABOUT, "conversations": CONVERSATIONS}
    return Reading(parts, make, given, facts)


def unread_of(member: Member) -> Reading[int]:
    """How many notices a member has not read; MOST_COUNTED stands for as many and more."""

    def make(found: Found) -> int:
        return int(found.rows("unread_notices")[0]["total"])

    return Reading({"unread_notices": UNREAD}, make, facts={"reader": member.pk})


def _of(told: Told) -> int:
    return told.conversation.pk
