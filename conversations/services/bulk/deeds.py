"""What can be done to many conversations: each deed by the verb that does it to one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from conversations.models import Bulk, Conversation, Entry, Label, Macro, Mention, Seen
from conversations.queries.tools import at_hand
from conversations.services import counts, matter, work
from conversations.services.labels import archive_unused
from conversations.services.macros import undoing
from conversations.services.macros.running import RAN, CannotRun, run
from conversations.services.reply import CannotReply
from conversations.services.retelling import state_of
from tenancy.lanes import Fail, Ignore
from tenancy.models import Member, Team

Noun = Bulk.Noun
Facts = Mapping[str, Any]
Kept = dict[str, Any]
# Why a conversation was left alone, as `BulkItem.reason` says it; a name may follow after a colon.
CHANGED, LEFT, OVER, GONE, STOPPED = "changed", "left", "over", "gone", "stopped"
NO_TEAM = "no_team"
UNKNOWN, REFUSED = "unknown", "refused"  # of macros; the reason follows


def to_whom(*, kind: str, row: Member | Team | None) -> Kept:
    """The facts of an assignment to a `member` or a `team`, or to none, with the name that its words need."""
    named = "name" if kind == "member" else "team_name"
    return {kind: row.pk, named: row.name} if row else {kind: None}


@dataclass(frozen=True, slots=True)
class Deed:
    """`keeps` tells what of a locked conversation the deed changes, `act` does it, and `put_back` makes it what it
    was. Acting may raise Fail, putting back Ignore, with one of the reasons above. `by` in the facts is whose deed
    it was."""

    keeps: Callable[[Conversation, Facts], dict[str, Any]]
    act: Callable[[Conversation, Facts, Member], object]
    put_back: Callable[[Conversation, dict[str, Any], Facts, Member], object]

    def do(self, conversation: Conversation, facts: Facts, member: Member) -> tuple[Kept, Kept]:
        """Do it to a conversation; returns what it found and what it left. Raises Fail."""
        conversation = matter.lock(conversation)
        was = self.keeps(conversation, facts)
        self.act(conversation, facts, member)
        return was, self.keeps(matter.lock(conversation), facts)

    def take_back(
        self, conversation: Conversation, facts: Facts, member: Member, *, was: Kept, now: Kept
    ) -> None:
        """Make what it found of a conversation so again. Raises Ignore where that is no longer as it left it."""
        conversation = matter.lock(conversation)
        found = self.keeps(conversation, facts)
        if found == was:
            return
        if found != now:
            raise Ignore(f"{CHANGED}:{_changed_by(conversation)}")
        self.put_back(conversation, was, facts, member)


def _changed_by(conversation: Conversation) -> str:
    """Who last did something to the conversation: a member's name, or nothing."""
    happened = Entry.objects.filter(conversation=conversation).select_related("member")
    last = happened.order_by("-at", "-pk").first()
    return last.member.name if last and last.member else ""


def _state(conversation: Conversation, _facts: Facts) -> Kept:
    return state_of(conversation)


def _state_again(conversation: Conversation, was: Kept, _facts: Facts, member: Member) -> object:
    return work.put_back(conversation=conversation, state=was, member=member)


def _standing(act: Callable[[Conversation, Facts, Member], object]) -> Deed:
    """A deed that changes how a conversation stands."""
    return Deed(_state, act, _state_again)


def _snooze(conversation: Conversation, facts: Facts, member: Member) -> object:
    until = datetime.fromisoformat(facts["until"])
    if until <= timezone.now():
        raise Fail(OVER)
    return work.snooze(conversation=conversation, until=until, member=member)


def _pending(conversation: Conversation, _facts: Facts, member: Member) -> object:
    return work.set_status(conversation=conversation, status=Conversation.Status.PENDING, member=member)


def _whose(conversation: Conversation, facts: Facts) -> Kept:
    """Whose it is; and of which team, where the deed gives it to one: else that is none of its business."""
    team = {"team": conversation.team_id} if "team" in facts else {}
    return {"assignee": conversation.assignee_id, **team}


def _assign(conversation: Conversation, facts: Facts, member: Member) -> object:
    if "team" in facts:
        team = Team.objects.filter(pk=facts["team"], archived_at=None).first() if facts["team"] else None
        if facts["team"] and team is None:
            raise Fail(NO_TEAM)
        work.assign_team(conversation=conversation, team=team, member=member)
    if "member" in facts:
        assignee = _colleague(facts["member"])
        if facts["member"] and assignee is None:
            raise Fail(LEFT)
        work.assign(conversation=conversation, assignee=assignee, member=member)
    return None


def _assign_back(conversation: Conversation, was: Kept, _facts: Facts, member: Member) -> object:
    assignee = _colleague(was["assignee"])
    if was["assignee"] and assignee is None:
        raise Ignore(LEFT)
    if "team" in was:
        team = Team.objects.filter(pk=was["team"]).first() if was["team"] else None
        work.assign_team(conversation=conversation, team=team, member=member)
    return work.assign(conversation=conversation, assignee=assignee, member=member)


def _colleague(pk: int | None) -> Member | None:
    return Member.objects.filter(pk=pk, archived_at=None).first() if pk else None


def _labelling(*, on: bool) -> Deed:
    """Putting a label on or taking it off; where the deed `made` it, it goes with the last that carries it."""

    def put(conversation: Conversation, facts: Facts, member: Member, *, is_on: bool) -> object:
        if (label := Label.objects.filter(pk=facts["label"]).first()) is None:
            raise Fail(GONE)
        verb = work.add_label if is_on else work.remove_label
        return verb(conversation=conversation, label=label, member=member)

    def put_back(conversation: Conversation, was: Kept, facts: Facts, member: Member) -> object:
        put(conversation, facts, member, is_on=was["on"])
        if facts.get("made"):
            archive_unused(pk=facts["label"])
        return None

    return Deed(
        keeps=lambda conversation, facts: {"on": facts["label"] in counts.labels_of(conversation)},
        act=lambda conversation, facts, member: put(conversation, facts, member, is_on=on),
        put_back=put_back,
    )


def _spamming(*, on: bool) -> Deed:
    def put(conversation: Conversation, member: Member, *, is_spam: bool) -> object:
        verb = work.mark_spam if is_spam else work.unmark_spam
        return verb(conversation=conversation, member=member)

    return Deed(
        keeps=lambda conversation, _: {"is_spam": conversation.is_spam},
        act=lambda conversation, _, member: put(conversation, member, is_spam=on),
        put_back=lambda conversation, was, _, member: put(conversation, member, is_spam=was["is_spam"]),
    )


def _prioritise(conversation: Conversation, facts: Facts, member: Member) -> object:
    return work.set_priority(conversation=conversation, priority=facts["priority"], member=member)


def _read(conversation: Conversation, facts: Facts) -> Kept:
    """What of it the member has read who did the deed; others may take it back."""
    mine = {"conversation": conversation, "member": facts["by"]}
    seen = Seen.objects.filter(**mine).values_list("at", flat=True).first()
    unread = Mention.objects.filter(**mine, read_at=None).order_by("pk").values_list("pk", flat=True)
    return {"at": seen.isoformat() if seen else None, "unread": list(unread)}


def _read_again(conversation: Conversation, was: Kept, facts: Facts, _member: Member) -> object:
    member = Member.objects.get(pk=facts["by"])
    at = datetime.fromisoformat(was["at"]) if was["at"] else None
    return work.mark_seen_until(conversation=conversation, member=member, at=at, unread=was["unread"])


def _ran(conversation: Conversation, facts: Facts) -> Kept:
    """The line of the newest run of the macro that stands."""
    mine = {"conversation": conversation, "event": RAN, "member": facts["by"]}
    runs = Entry.objects.filter(**mine, data__macro=facts["macro"]).order_by("-pk")
    return {"run": next((one.pk for one in runs if not one.data.get("undone")), None)}


def _run(conversation: Conversation, facts: Facts, member: Member) -> object:
    macro = at_hand(Macro, member).filter(pk=facts["macro"]).first()
    if macro is None:
        raise Fail(UNKNOWN)
    try:
        return run(macro=macro, conversation=conversation, member=member)
    except (CannotRun, CannotReply) as error:
        raise Fail(f"{REFUSED}:{error}") from error


def _run_back(conversation: Conversation, _was: Kept, facts: Facts, member: Member) -> object:
    record = Entry.objects.get(pk=_ran(conversation, facts)["run"])
    return undoing.undo(record=record, member=member)


def _verb(verb: Callable[..., object]) -> Callable[[Conversation, Facts, Member], object]:
    return lambda conversation, _, member: verb(conversation=conversation, member=member)


DEEDS: dict[str, Deed] = {
    Noun.ASSIGNMENT: Deed(_whose, _assign, _assign_back),
    Noun.RESOLUTION: _standing(_verb(work.resolve)),
    Noun.REOPENING: _standing(_verb(work.reopen)),
    Noun.PENDING: _standing(_pending),
    Noun.SNOOZE: _standing(_snooze),
    Noun.PRIORITY: Deed(
        keeps=lambda conversation, _: {"priority": conversation.priority},
        act=_prioritise,
        put_back=lambda conversation, was, _, member: _prioritise(conversation, was, member),
    ),
    Noun.LABEL: _labelling(on=True),
    Noun.UNLABEL: _labelling(on=False),
    Noun.SPAM: _spamming(on=True),
    Noun.NOT_SPAM: _spamming(on=False),
    Noun.SEEN: Deed(_read, _verb(work.mark_seen), _read_again),
    Noun.UNSEEN: Deed(_read, _verb(work.mark_unseen), _read_again),
    Noun.MACRO: Deed(_ran, _run, _run_back),
}
