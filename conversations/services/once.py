"""What a browser sends again because no answer came, written once."""

from collections.abc import Callable
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
# What begins a conversation has more.
ASKED = ("subject", "way", "whom", "members", "address", "channel", "quotes", "enclosed")


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


def begin(
    *, among: QuerySet[Conversation], member: Member, sent: QueryDict, write: Callable[[], Entry]
) -> Entry:
    """The first entry of a conversation: as `write` makes it, or the one `among` these that came of the same
    before. What the conversations belong to is locked."""
    mark = mark_of(sent)
    if mark and (before := _begun(among, member, mark)):
        return before
    entry = write()
    keep(entry, mark)
    return entry


def _begun(among: QuerySet[Conversation], member: Member, mark: str) -> Entry | None:
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
