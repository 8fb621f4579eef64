"""What a conversation hears of the side conversations that are held about it."""

from collections.abc import Iterable

from conversations.models import Conversation, Entry
from conversations.services import matter
from conversations.services.entries import Writing
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id

OPENED, ANSWERED = "side_opened", "side_answered"


def opened(parent: Conversation, side: Conversation, *, member: Member, whom: str) -> Writing:
    """The line in the *locked* parent that a side conversation with `whom` has begun."""
    facts = {"side": side.number, "subject": side.subject, "with": whom}
    return Writing(Entry(conversation=parent, kind=Entry.Kind.EVENT, event=OPENED, member=member, data=facts))


def answered(parent: Conversation, side: Conversation, answer: Entry, *, told: Iterable[int] = ()) -> Writing:
    """The line in the *locked* parent that somebody has answered in its side conversation. Who works on the parent
    hears of it at once; `told` are ids of members who hear of the answer itself, besides the side's assignee."""
    heard = sorted({*told, *filter(None, [side.assignee_id])})
    facts = {"side": side.number, "subject": side.subject, "entry": answer.pk, "told": heard}
    if parent.assignee_id and parent.assignee_id != answer.member_id:
        push(current_workspace_id(), f"member:{parent.assignee_id}", [parent.pk])
    return Writing(
        Entry(
            conversation=parent,
            kind=Entry.Kind.EVENT,
            event=ANSWERED,
            member=answer.member,
            contact=None if answer.member_id else answer.contact,
            at=answer.at,
            data=facts,
        )
    )


def lock_with_parent(conversation: Conversation) -> tuple[Conversation, Conversation | None]:
    """A conversation and the one that it is about, if any, as they are now; both are locked."""
    if conversation.parent_id is None:
        return matter.lock(conversation), None
    rows = matter.lock_all({conversation.pk, conversation.parent_id})
    return rows[conversation.pk], rows[conversation.parent_id]
