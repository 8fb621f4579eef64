"""What a browser sends again because no answer came, written once."""

from conversations.models import Conversation, Entry
from conversations.services import matter
from tenancy.models import Member

MARK = "writer"  # among an entry's facts: the composer that it was sent from
NEWEST = 20  # entries of a member's among which one is looked for


def written(*, conversation: Conversation, member: Member, kind: str, writer: str) -> Entry | None:
    """The entry of a kind that came from this composer before: it is empty again once it has sent something. The
    conversation is locked, for who asks is to write the entry else."""
    if not writer:
        return None
    matter.lock(conversation)
    rows = Entry.objects.filter(conversation=conversation, member=member, kind=kind)
    return next(
        (entry for entry in rows.order_by("-at", "-id")[:NEWEST] if entry.data.get(MARK) == writer), None
    )


def mark(entry: Entry, writer: str) -> None:
    """Keep from which composer an entry came."""
    if writer:
        entry.data[MARK] = writer
        entry.save(update_fields=["data"])
