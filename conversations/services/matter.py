"""Making and changing the conversation row: the one place, so that counts and screens always follow."""

from typing import Any

from django.db import connection

from conversations.models import Conversation
from conversations.services import counts
from tenancy.live import push
from tenancy.scope import current_workspace_id

_COUNTED = {"status", "is_spam", "assignee", "last_channel", "kind"}


def next_number() -> int:
    """The next number of the open scope's workspace, from its own sequence: no lock, gaps allowed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"conversation_number_{current_workspace_id()}"])
        return int(cursor.fetchone()[0])


def create(**fields: Any) -> Conversation:
    """Make a conversation with its number, counted in its views."""
    conversation = Conversation.objects.create(number=next_number(), **fields)
    counts.apply(set(), counts.buckets(conversation, ()))
    announce(conversation)
    return conversation


def lock(conversation: Conversation) -> Conversation:
    """The row as it is now, locked until the transaction ends; every change starts from it."""
    return Conversation.objects.select_for_update().get(pk=conversation.pk)


def change(conversation: Conversation, **fields: Any) -> Conversation:
    """Set fields of a *locked* conversation, keeping the counts of the views that it enters and leaves."""
    changed = {name: value for name, value in fields.items() if getattr(conversation, name) != value}
    if not changed:
        return conversation
    counted = bool(_COUNTED & changed.keys())
    labels = counts.labels_of(conversation) if counted else set()
    before = counts.buckets(conversation, labels)
    for name, value in changed.items():
        setattr(conversation, name, value)
    conversation.save(update_fields=list(changed))
    if counted:
        counts.apply(before, counts.buckets(conversation, labels))
    announce(conversation)
    return conversation


def announce(conversation: Conversation) -> None:
    """Tell the screens that show this conversation, or lists that it is in."""
    workspace_id = current_workspace_id()
    push(workspace_id, "inbox", [conversation.pk])
    push(workspace_id, f"conversation:{conversation.pk}", [conversation.pk])
