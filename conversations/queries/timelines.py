"""The timelines: everything with one person, or one company, over all channels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils import timezone

from contacts.models import Account
from contacts.queries import Whom
from conversations.models import Conversation, Entry
from conversations.queries.parts import CHANNEL, CONTACT, MEMBER
from tenancy.keyset import Cursor, cut
from tenancy.reading import Found, Reading, refers

PAGE = 30
MOST = 300

MOMENTS = f"""
    SELECT moment_id, moment_at, id, conversation_id, kind, direction, channel_id, contact_id, member_id, event,
        preview, data, is_verified, file_count, deleted_at, {CHANNEL}, {CONTACT}, {MEMBER},
        {refers("conversation", "conversations_conversation", "number", "subject", "kind")}
    FROM (
        SELECT workspace_id, id AS moment_id, at AS moment_at, entry_id FROM conversations_timelineref
        WHERE workspace_id = %(workspace)s AND WHOSE ORDER BY at DESC, entry_id DESC LIMIT %(moments)s
    ) moment
    CROSS JOIN LATERAL (
        SELECT * FROM conversations_entry
        WHERE workspace_id = moment.workspace_id AND id = moment.entry_id OFFSET 0
    ) row
    ORDER BY moment_at DESC, entry_id DESC"""
BELOW = "AND (at, entry_id) < (%(moments_at)s, %(moments_id)s)"
SHOWN_OF_CONVERSATION = f"""
    SELECT id, number, subject, status, snoozed_until, waiting_since, due_at, contact_id, assignee_id,
        last_channel_id, {CONTACT}, {refers("assignee", "tenancy_member", "name")},
        {refers("last_channel", "conversations_channel", "kind")}
    FROM """
NOT_DONE = """
    SELECT * FROM conversations_conversation WHERE workspace_id = %(workspace)s AND WHOSE
        AND status IN ('open', 'pending', 'snoozed') AND NOT is_spam AND kind = 'customer'
    ORDER BY last_at DESC, id DESC LIMIT 10"""
DONE = """
    SELECT * FROM conversations_conversation WHERE workspace_id = %(workspace)s AND WHOSE
        AND status = 'resolved' AND NOT is_spam AND kind = 'customer'
    ORDER BY last_at DESC, id DESC LIMIT 3"""
ORDER = "ORDER BY status = 'resolved', last_at DESC, id DESC"


@dataclass(frozen=True, slots=True)
class Moment:
    """An entry where it stands on a timeline."""

    pk: int
    at: datetime
    entry: Entry


@dataclass(frozen=True, slots=True)
class Timeline:
    """Moments, newest first, and the cursor below them where there are more."""

    moments: Sequence[Moment]
    older: Cursor | None

    @property
    def days(self) -> list[tuple[date, list[Moment]]]:
        """The moments by the reader's days."""
        found = groupby(self.moments, key=lambda moment: timezone.localtime(moment.at).date())
        return [(day, list(moments)) for day, moments in found]


def contact_page(who: Whom, *, before: Cursor | None = None, size: int = PAGE) -> Reading[Timeline]:
    """A page of a contact's timeline."""
    return _page("contact_id = (SELECT id FROM who)", who, before, size)


def account_page(account: Account, *, before: Cursor | None = None, size: int = PAGE) -> Reading[Timeline]:
    """A page of an account's timeline."""
    return _page("account_id = %(account)s", Whom({}, {"account": account.pk}), before, size)


def others_with(who: Whom) -> Reading[list[Conversation]]:
    """The matters of a contact: those that are not done, then the last that are, the latest first."""
    return _matters(f"({NOT_DONE}) UNION ALL ({DONE})", "contact_id = (SELECT id FROM who)", who)


def open_at(account: Account) -> Reading[list[Conversation]]:
    """The matters of an account that are not done, the one active last first."""
    return _matters(NOT_DONE, "account_id = %(account)s", Whom({}, {"account": account.pk}))


def _page(whose: str, who: Whom, before: Cursor | None, size: int) -> Reading[Timeline]:
    size = min(max(size, 1), MOST)

    def make(found: Found) -> Timeline:
        entries, more = cut(found.of(Entry, "moments"), size)
        moments = [
            Moment(entry.moment_id, datetime.fromisoformat(entry.moment_at), entry)  # type: ignore[attr-defined]
            for entry in entries
        ]
        return Timeline(moments, Cursor(moments[-1].at, moments[-1].entry.pk) if more else None)

    facts = {**who.facts, "moments": size + 1}
    if before:
        whose, facts = f"{whose} {BELOW}", {**facts, "moments_at": before.at, "moments_id": before.id}
    return Reading({"moments": MOMENTS.replace("WHOSE", whose)}, make, who.given, facts)


def _matters(which: str, whose: str, who: Whom) -> Reading[list[Conversation]]:
    parts = {"matters": f"{SHOWN_OF_CONVERSATION} ({which.replace('WHOSE', whose)}) row {ORDER}"}
    return Reading(parts, lambda found: found.of(Conversation, "matters"), who.given, who.facts)
