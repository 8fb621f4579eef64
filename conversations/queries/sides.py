"""The side conversations of a conversation: what its page lists, and what of it can go along into a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from contacts.models import UNNAMED
from conversations import kinds
from conversations.models import Attachment, Channel, Conversation, Entry
from conversations.queries.parts import CONTACT, asked
from tenancy.models import Member
from tenancy.reading import Reading

MOST = 50
QUOTABLE = 30  # messages that the form offers, the newest
SPOKEN = (Entry.Kind.MESSAGE, Entry.Kind.CALL)

# Who else speaks or is spoken to in it, of the members.
COLLEAGUES = """
    SELECT name FROM tenancy_member WHERE workspace_id = row.workspace_id AND id <> %(member)s AND id IN (
        SELECT member_id FROM conversations_mention WHERE workspace_id = row.workspace_id AND entry_id = ANY(ARRAY(
            SELECT id FROM conversations_entry
            WHERE workspace_id = row.workspace_id AND conversation_id = row.id AND kind = 'note'
        ))
        UNION ALL
        SELECT member_id FROM conversations_entry
        WHERE workspace_id = row.workspace_id AND conversation_id = row.id AND kind = 'note'
    ) ORDER BY name"""
SIDES = f"""
    SELECT id, number, subject, status, preview, preview_is_ours, last_at, {CONTACT},
        ARRAY({COLLEAGUES}) AS colleagues,
        coalesce(last_inbound_at > coalesce((
            SELECT at FROM conversations_seen
            WHERE workspace_id = row.workspace_id AND conversation_id = row.id AND member_id = %(member)s
        ), '-infinity'), false) OR EXISTS (
            SELECT FROM conversations_mention
            WHERE workspace_id = row.workspace_id AND member_id = %(member)s AND read_at IS NULL
                AND conversation_id = row.id
        ) AS is_unread
    FROM conversations_conversation row
    WHERE workspace_id = %(workspace)s AND parent_id IS NOT NULL AND parent_id = (SELECT id FROM asked)
    ORDER BY status = 'resolved', last_at DESC, id DESC LIMIT {MOST}"""


@dataclass(frozen=True, slots=True)
class Side:
    """A side conversation as its parent lists it. `whom` is the third party, or the colleagues besides oneself."""

    number: int
    subject: str
    status: str
    whom: str
    preview: str
    preview_is_ours: bool
    last_at: datetime
    is_outside: bool
    is_unread: bool

    @property
    def is_done(self) -> bool:
        return self.status == Conversation.Status.RESOLVED


def sides_of(number: int, member: Member) -> Reading[list[Side]]:
    """The side conversations about the conversation of a number, those that are done last."""
    about = asked(number)
    facts = about["facts"] | {"member": member.pk}
    return Reading({"sides": SIDES}, lambda found: [*map(_side, found.rows("sides"))], about["given"], facts)


def _side(row: dict[str, Any]) -> Side:
    is_outside = row["contact__id"] is not None
    whom = (row["contact__name"] or str(UNNAMED)) if is_outside else ", ".join(row["colleagues"])
    as_they_come = ("number", "subject", "status", "preview", "preview_is_ours", "is_unread")
    return Side(
        whom=whom,
        last_at=datetime.fromisoformat(row["last_at"]),
        is_outside=is_outside,
        **{name: row[name] for name in as_they_come},
    )


def quotable(parent: Conversation) -> QuerySet[Entry]:
    """What was said in a conversation and can be quoted: no notes, and nothing that was taken back or erased."""
    said = Entry.objects.filter(conversation=parent, kind__in=SPOKEN, deleted_at=None)
    return (
        said.exclude(bodies__erased_at__isnull=False).select_related("contact", "member").order_by("at", "pk")
    )


def newest_quotable(parent: Conversation) -> Sequence[Entry]:
    """The last of them, oldest first."""
    return [*quotable(parent).reverse()[:QUOTABLE]][::-1]


def forwardable(parent: Conversation) -> QuerySet[Attachment]:
    """The files of a conversation that are here."""
    here = Attachment.objects.filter(entry__conversation=parent, entry__deleted_at=None)
    return here.filter(state=Attachment.State.STORED).order_by("-pk")


def mail_channels(parent: Conversation) -> list[Channel]:
    """The channels of a conversation's brand that a side conversation can go by: the one last used comes first."""
    mails = [kind.name for kind in kinds.KINDS.values() if kind.mails and kinds.can_send(kind.name)]
    rows = Channel.objects.filter(
        brand=parent.brand_id, kind__in=mails, is_enabled=True, archived_at=None, owner=None
    )
    return sorted(rows.order_by("name", "pk"), key=lambda row: row.pk != parent.last_channel_id)
