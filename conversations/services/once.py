"""What a browser sends again because no answer came, written once."""

from hashlib import sha256

from django.db.models import QuerySet
from django.http import QueryDict

from conversations.models import Conversation, Entry
from conversations.services import matter
from tenancy.models import Member

MARK = "once"  # among an entry's facts: what was sent from which composer
NEWEST = 20  # entries of a member's, or conversations, among which one is looked for
LONGEST = 36
SAID = ("mode", "text", "html", "cc", "bcc", "attachments", "then", "send_at", "later")
ASKED = (
    "subject",
    "way",
    "whom",
    "members",
    "address",
    "channel",
    "quotes",
    "enclosed",
)  # what is begun has more


def mark_of(sent: QueryDict) -> str:
    """What tells that a composer sends the same again: its `writer` and what it holds; empty without a writer.
    What has been changed since is another message."""
    writer = sent.get("writer", "")
    if not 0 < len(writer) <= LONGEST:
        return ""
    held = repr([sent.getlist(name) for name in (*SAID, *ASKED)])
    return f"{writer}:{sha256(held.encode()).hexdigest()[:32]}"


def written(*, conversation: Conversation, member: Member, mark: str) -> Entry | None:
    """The entry that came of it before. The conversation is locked, for who asks is to write the entry else."""
    if not mark:
        return None
    matter.lock(conversation)
    rows = Entry.objects.filter(conversation=conversation)
    return _marked(rows.order_by("-at", "-id"), member, mark)


def begun(*, among: QuerySet[Conversation], member: Member, mark: str) -> Entry | None:
    """The first entry of a conversation that came of it before, with what the conversations belong to locked."""
    if not mark:
        return None
    newest = among.order_by("-last_at", "-id").values_list("pk", flat=True)[:NEWEST]
    rows = Entry.objects.filter(conversation__in=list(newest)).select_related("conversation")
    return _marked(rows.order_by("-at", "-id"), member, mark)


def _marked(rows: QuerySet[Entry], member: Member, mark: str) -> Entry | None:
    mine = rows.filter(member=member, deleted_at=None)[:NEWEST]
    return next((entry for entry in mine if entry.data.get(MARK) == mark), None)


def keep(entry: Entry, mark: str) -> None:
    """Keep from what an entry came."""
    if mark:
        entry.data[MARK] = mark
        entry.save(update_fields=["data"])
