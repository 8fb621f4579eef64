"""Making and changing conversation rows: the one place, so that counts and screens always follow."""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any

from django.db import connection

from conversations.models import Conversation
from conversations.services import counts, searching
from tenancy.bulk import update_rows
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id

_SEARCHED = {"subject", "contact", "attributes"}
_COUNTED = {"status", "is_spam", "assignee", "last_channel", "kind", "team", "brand"}


def next_numbers(count: int) -> list[int]:
    """The next numbers of the open scope's workspace, from its own sequence: no lock, gaps allowed."""
    with connection.cursor() as cursor:
        sequence = f"conversation_number_{current_workspace_id()}"
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, count])
        return [int(number) for (number,) in cursor.fetchall()]


def create(**fields: Any) -> Conversation:
    """Make a conversation with its number, counted in its views."""
    return create_all([Conversation(**fields)])[0]


def create_all(conversations: Sequence[Conversation]) -> Sequence[Conversation]:
    """Store unsaved conversations with their numbers, counted in their views."""
    if not conversations:
        return conversations
    for conversation, number in zip(conversations, next_numbers(len(conversations)), strict=True):
        conversation.number = number
    Conversation.objects.bulk_create(conversations)
    searching.put_conversations(conversations, fresh=True)
    counts.apply_all((set(), counts.buckets(conversation, ())) for conversation in conversations)
    for conversation in conversations:
        announce(conversation)
    return conversations


def lock(conversation: Conversation) -> Conversation:
    """The row as it is now, locked until the transaction ends; every change starts from it."""
    return Conversation.objects.select_for_update().get(pk=conversation.pk)


def lock_all(ids: set[int]) -> dict[int, Conversation]:
    """The rows as they are now, locked in the order of their ids, lest two workers wait for each other."""
    rows = Conversation.objects.select_for_update().filter(pk__in=ids).order_by("pk") if ids else ()
    return {row.pk: row for row in rows}


def change(conversation: Conversation, **fields: Any) -> Conversation:
    """Set fields of a *locked* conversation, keeping the counts of the views that it enters and leaves."""
    changes = Changes()
    changes.set(conversation, **fields)
    changes.save()
    return conversation


class Changes:
    """What changes in several *locked* conversations; `save` writes it, keeping counts and screens."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[Conversation, Conversation]] = {}
        self._fields: dict[int, set[str]] = {}

    def set(self, conversation: Conversation, **fields: Any) -> None:
        """Set fields, to be written by `save`."""
        self._before.setdefault(conversation.pk, (copy(conversation), conversation))
        changed = {name for name, value in fields.items() if _differs(conversation, name, value)}
        self._fields.setdefault(conversation.pk, set()).update(changed)
        for name in changed:
            setattr(conversation, name, fields[name])

    def save(self) -> None:
        """Write what has been set: rows in one statement, and the counts of views that they enter and leave."""
        changed = [pk for pk, fields in self._fields.items() if fields]
        rows = [self._before[pk][1] for pk in changed]
        # All are locked and as they are now: a field that only some change is written as it is to the others.
        update_rows(rows, sorted(set().union(*self._fields.values())))
        self._count([pk for pk in changed if _COUNTED & self._fields[pk]])
        searching.put_conversations([self._before[pk][1] for pk in changed if _SEARCHED & self._fields[pk]])
        for before, now in (self._before[pk] for pk in changed):
            announce(now, was_in=counts.lists(before))

    def _count(self, ids: Sequence[int]) -> None:
        labels = counts.labels_of_all(ids)
        counts.apply_all(
            (counts.buckets(before, labels[pk]), counts.buckets(now, labels[pk]))
            for pk in ids
            for before, now in [self._before[pk]]
        )


def _differs(conversation: Conversation, name: str, value: Any) -> bool:
    """Whether a field has another value; of what it refers to only ids are compared, so that nothing is read."""
    field: Any = Conversation._meta.get_field(name)
    if field.is_relation:
        return bool(getattr(conversation, field.attname) != (value.pk if value else None))
    return bool(getattr(conversation, name) != value)


def handed(to: Member | None, before: Member | None) -> dict[str, Any]:
    """The facts of an assignment, for its entry: whose the conversation is now, and whose it was."""
    names = {"to": to.name if to else "", "from": before.name if before else ""}
    return names | {"to_id": to.pk if to else None, "from_id": before.pk if before else None}


def announce(conversation: Conversation, *, was_in: Iterable[str] = ()) -> None:
    """Tell the screens that show this conversation, the one that it is about, or lists that it is in or was in."""
    topics = [*sorted({*was_in, *counts.lists(conversation)}), f"conversation:{conversation.pk}"]
    if conversation.parent_id:
        topics.append(f"conversation:{conversation.parent_id}")
    for topic in topics:
        push(current_workspace_id(), topic, [conversation.pk])
