"""What a browser sends again because no answer came, written once."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from conversations.models import Conversation, Entry
from conversations.services import matter
from tenancy.models import Member

MARK = "once"  # among an entry's facts: what was sent from which composer
NEWEST = 20  # entries of a member's among which one is looked for
SENT = ("text", "html", "cc", "bcc", "attachments", "then", "later")  # a note has no `then`


def mark_of(data: Mapping[str, Any]) -> str:
    """What tells that a composer sends the same again: its `writer` and what it holds; empty without a writer.
    What has been changed since is another message."""
    if not data["writer"]:
        return ""
    held = repr([data.get(name) for name in SENT])
    return f"{data['writer']}:{sha256(held.encode()).hexdigest()[:32]}"


def written(*, conversation: Conversation, member: Member, mark: str) -> Entry | None:
    """The entry that came of it before. The conversation is locked, for who asks is to write the entry else."""
    if not mark:
        return None
    matter.lock(conversation)
    rows = Entry.objects.filter(conversation=conversation, member=member, deleted_at=None)
    return next(
        (entry for entry in rows.order_by("-at", "-id")[:NEWEST] if entry.data.get(MARK) == mark), None
    )


def keep(entry: Entry, mark: str) -> None:
    """Keep from what an entry came."""
    if mark:
        entry.data[MARK] = mark
        entry.save(update_fields=["data"])
