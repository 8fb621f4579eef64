"""Running a macro: all of it or nothing, by the verbs that people use one at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from conversations.actions import Do
from conversations.models import Conversation, Entry, Macro
from conversations.queries import compose
from conversations.services import counts, drafts, entries, matter, work
from conversations.services.macros.planning import Plan, Step, plan
from conversations.services.notes import note
from conversations.services.reply import Draft, reply
from conversations.services.retelling import state_of
from conversations.services.tools import note_use
from tenancy.models import Member

Status, Priority = Conversation.Status, Conversation.Priority
RAN = "macro"  # the event that is its record
SAID_FIRST = (
    Do.REPLY,
    Do.NOTE,
)  # what a reply does to the matter by itself must not undo what the macro asks for
ANSWERED = (Status.OPEN, Status.PENDING, Status.RESOLVED)  # what a reply itself can make of the matter


class CannotRun(Exception):
    """The texts say to a person why the macro cannot be run in this conversation."""

    def __init__(self, troubles: list[str]) -> None:
        super().__init__(" ".join(troubles))
        self.troubles = troubles


@dataclass(frozen=True, slots=True)
class Ran:
    """What a macro did. `record` is the line that it left, by which it is undone; `reply` what it sent."""

    plan: Plan
    conversation: Conversation
    record: Entry
    reply: Entry | None = None


@dataclass(slots=True)
class _Doing:
    """A macro while it is run. The conversation is locked."""

    conversation: Conversation
    member: Member
    then: str
    seen_entry_id: int | None
    reply: Entry | None = None
    notes: list[Entry] = field(default_factory=list)


@transaction.atomic
def run(*, macro: Macro, conversation: Conversation, member: Member, seen_entry_id: int | None = None) -> Ran:
    """Do all that a macro says; what is for the composer goes below what the member has begun there.

    Raises CannotRun, CannotReply, and, where it replies, WroteMeanwhile when somebody else wrote after
    `seen_entry_id`.
    """
    locked = matter.lock(conversation)
    planned = plan(macro=macro, conversation=locked, member=member)
    if planned.troubles:
        raise CannotRun(planned.troubles)
    was = state(locked)
    doing = _Doing(locked, member, _then(planned, locked), seen_entry_id)
    for step in sorted(planned.steps, key=lambda step: step.action.do not in SAID_FIRST):
        _VERBS[step.action.do](doing, step)
    return _record(planned, doing, was)


def state(conversation: Conversation) -> dict[str, Any]:
    """What a macro can change of a conversation."""
    return {
        "state": state_of(conversation),
        "assignee": conversation.assignee_id,
        "team": conversation.team_id,
        "priority": conversation.priority,
        "is_spam": conversation.is_spam,
        "labels": sorted(counts.labels_of(conversation)),
    }


def _then(planned: Plan, conversation: Conversation) -> str:
    """What the reply is to make of the matter: what the macro says of it, else what any reply does."""
    said = [step.action.status for step in planned.steps if step.action.do == Do.STATUS]
    if not said:
        return Status.PENDING
    return said[-1] if said[-1] in ANSWERED else conversation.status


def _reply(doing: _Doing, step: Step) -> None:
    if not step.is_sent:
        drafts.add(
            conversation=doing.conversation, member=doing.member, text=step.filled.text, html=step.html
        )
        return
    assert step.way is not None
    doing.reply = reply(
        conversation=doing.conversation,
        channel=step.way.channel,
        draft=Draft(step.filled.text, html=step.html, to=step.way.identity),
        member=doing.member,
        seen_entry_id=doing.seen_entry_id,
        then=doing.then,
    )


def _note(doing: _Doing, step: Step) -> None:
    text = step.filled.text
    told = compose.mentioned(text, compose.colleagues().read()) if "@" in text else []
    written = note(conversation=doing.conversation, member=doing.member, text=text, mentions=told)
    doing.notes.append(written)


def _assign(doing: _Doing, step: Step) -> None:
    work.assign(conversation=doing.conversation, assignee=step.assignee, member=doing.member)


def _team(doing: _Doing, step: Step) -> None:
    work.assign_team(conversation=doing.conversation, team=step.team, member=doing.member)


def _status(doing: _Doing, step: Step) -> None:
    if step.until is not None:
        work.snooze(conversation=doing.conversation, until=step.until, member=doing.member)
    else:
        work.set_status(conversation=doing.conversation, status=step.action.status, member=doing.member)


def _priority(doing: _Doing, step: Step) -> None:
    wanted = Priority[step.action.priority.upper()]
    work.set_priority(conversation=doing.conversation, priority=wanted, member=doing.member)


def _label(doing: _Doing, step: Step) -> None:
    assert step.label is not None
    verb = work.add_label if step.action.do == Do.LABEL else work.remove_label
    verb(conversation=doing.conversation, label=step.label, member=doing.member)


def _spam(doing: _Doing, step: Step) -> None:
    work.mark_spam(conversation=doing.conversation, member=doing.member)


_VERBS: Mapping[Do, Callable[[_Doing, Step], None]] = {
    Do.REPLY: _reply,
    Do.NOTE: _note,
    Do.ASSIGN: _assign,
    Do.TEAM: _team,
    Do.STATUS: _status,
    Do.PRIORITY: _priority,
    Do.LABEL: _label,
    Do.UNLABEL: _label,
    Do.SPAM: _spam,
}


def _record(planned: Plan, doing: _Doing, was: dict[str, Any]) -> Ran:
    """The line that names the macro, with what its undoing has to put back."""
    conversation = matter.lock(doing.conversation)
    rows = {
        "was": was,
        "became": state(conversation),
        "reply": doing.reply.pk if doing.reply else None,
        "notes": [one.pk for one in doing.notes],
    }
    facts = {"macro": planned.macro.pk, "name": planned.macro.name, "rows": rows}
    record = entries.event(conversation, RAN, member=doing.member, data=facts)
    note_use(planned.macro)
    return Ran(planned, conversation, record, doing.reply)
