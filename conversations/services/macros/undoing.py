"""Taking a macro back: what it changed becomes what it was, but where somebody has changed it since."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from conversations.models import Conversation, Entry, Label
from conversations.services import counts, edits, entries, matter, work
from conversations.services.macros.running import RAN, state
from conversations.services.reply import TooLate, undo_send
from conversations.services.retelling import state_again
from tenancy.models import Member, Team

UNDONE = "macro_undone"


class CannotUndo(Exception):
    """The text says to a person why this macro cannot be taken back."""


@transaction.atomic
def undo(*, record: Entry, member: Member) -> str:
    """Take back what a macro did, by the line that it left; returns the text of its reply where it had not left.

    A reply that has left stays, and so does what was changed by others since. Raises CannotUndo for what has been
    undone.
    """
    assert record.conversation_id is not None
    conversation = matter.lock(Conversation(pk=record.conversation_id))
    record = Entry.objects.select_for_update(no_key=True).get(pk=record.pk, event=RAN)
    rows = record.data["rows"]
    if record.data.get("undone"):
        raise CannotUndo(_("This macro has been taken back already."))
    same = _unchanged(conversation, rows)
    text, has_left = _take_reply_back(rows["reply"], member)
    for note in Entry.objects.filter(pk__in=rows["notes"], deleted_at=None):
        edits.delete(entry=note)
    conversation = matter.lock(conversation)
    matter.change(conversation, **_fields(same, rows["was"], has_left))
    _relabel(conversation, rows, member)
    record.data["undone"] = True
    record.save(update_fields=["data"])
    entries.event(conversation, UNDONE, member=member, data={"name": record.data["name"]})
    return text


def _unchanged(conversation: Conversation, rows: dict[str, Any]) -> set[str]:
    """What is still as the macro made it, of what it changed."""
    now, was, became = state(conversation), rows["was"], rows["became"]
    return {name for name in was if now[name] == became[name] != was[name]}


def _take_reply_back(pk: int | None, member: Member) -> tuple[str, bool]:
    """The text of the reply that was taken back, and whether there is one that could not be."""
    reply = Entry.objects.filter(pk=pk).select_related("conversation").first() if pk else None
    if reply is None:
        return "", False
    try:
        return undo_send(entry=reply, member=member).text, False
    except TooLate:
        return "", reply.deleted_at is None


def _fields(same: set[str], was: dict[str, Any], has_left: bool) -> dict[str, Any]:
    """The fields of the conversation as they were, of those that nobody has changed since."""
    fields: dict[str, Any] = {}
    if "state" in same:
        fields |= state_again(was["state"])
        if has_left:
            fields["waiting_since"] = None
    if "assignee" in same:
        fields["assignee"] = Member.objects.filter(pk=was["assignee"], archived_at=None).first()
    if "team" in same:
        fields["team"] = Team.objects.filter(pk=was["team"]).first()
    return fields | {name: was[name] for name in ("priority", "is_spam") if name in same}


def _relabel(conversation: Conversation, rows: dict[str, Any], member: Member) -> None:
    """Take off the labels that the macro put on and are on still, and put back those that it took off."""
    was, became = set(rows["was"]["labels"]), set(rows["became"]["labels"])
    now = counts.labels_of(conversation)
    changed = {label.pk: label for label in Label.objects.filter(pk__in=was ^ became)}
    for pk in sorted((became - was) & now & changed.keys()):
        work.remove_label(conversation=conversation, label=changed[pk], member=member)
    for pk in sorted((was - became) & changed.keys() - now):
        work.add_label(conversation=conversation, label=changed[pk], member=member)
