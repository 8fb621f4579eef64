"""What a conversation's row says, told again by its entries: after entries have come to it or gone from it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from conversations.models import Conversation, Entry
from conversations.services import entries, matter

Status = Conversation.Status
TRAIL = 6
_STATE = ("status", "resolved_at", "snoozed_until", "waiting_since")


def retold(conversation: Conversation) -> dict[str, Any]:
    """What lists show, the channels that it went through, and when the customer last wrote."""
    spoken = Entry.objects.filter(conversation=conversation, kind__in=entries.SPOKEN)
    went_by = spoken.exclude(channel=None).order_by("pk").values_list("channel__kind", flat=True)
    heard = spoken.filter(kind=Entry.Kind.MESSAGE, direction=Entry.Direction.IN, automatic="")
    return entries.derived(conversation) | {
        "trail": [kind for kind, _ in groupby(went_by)][-TRAIL:],
        "last_inbound_at": heard.aggregate(last=Max("at"))["last"],
    }


def waiting_since(conversation: Conversation, *, before: int | None = None) -> datetime | None:
    """Since when somebody waits for us: the first message that nobody answered, in words or by taking a call, nor
    resolved. `before` leaves out a resolution from that entry id on."""
    told = Entry.objects.filter(conversation=conversation)
    resolved = Q(event="resolved") if before is None else Q(event="resolved", pk__lt=before)
    said = Q(kind=Entry.Kind.MESSAGE, direction=Entry.Direction.OUT, deleted_at=None)
    said &= ~Q(data__has_key="send_at")  # not yet
    answers = resolved | said | Q(kind=Entry.Kind.CALL, member__isnull=False)
    answered = told.filter(answers).order_by("-pk").values_list("pk", flat=True).first() or 0
    waiting = told.filter(direction=Entry.Direction.IN, automatic="", deleted_at=None, pk__gt=answered)
    return waiting.order_by("pk").values_list("at", flat=True).first()


def is_empty(conversation: Conversation) -> bool:
    """Whether nobody has said anything in it, or all of it has gone."""
    return not Entry.objects.filter(
        conversation=conversation, kind__in=entries.SPOKEN, deleted_at=None
    ).exists()


def waited_in(rows: Sequence[Entry], source: Conversation) -> datetime | None:
    """Since when somebody waits for an answer to what is moved."""
    if source.waiting_since is None:
        return None
    heard = [
        row.at
        for row in rows
        if row.direction == Entry.Direction.IN and not row.automatic and row.at >= source.waiting_since
    ]
    return min(heard, default=None)


def settle_source(source: Conversation, rows: Sequence[Entry], waited: datetime | None) -> None:
    """Tell the row again without what has gone; nobody waits any more for what has gone with it."""
    fields = retold(source)
    if is_empty(source):
        fields |= {"status": Status.RESOLVED, "resolved_at": timezone.now(), "snoozed_until": None}
        fields["waiting_since"] = None
    elif waited or any(row.direction == Entry.Direction.OUT for row in rows):
        fields["waiting_since"] = waiting_since(source)
        if fields["waiting_since"] and source.status == Status.PENDING:
            fields["status"] = Status.OPEN
        elif waited and not fields["waiting_since"] and source.status == Status.OPEN:
            fields |= _as_before(source)
    matter.change(source, **fields)


def _as_before(source: Conversation) -> dict[str, Any]:
    """What the conversation was before that which has gone opened it: resolved, or waiting for the customer."""
    happened = Entry.objects.filter(conversation=source, kind=Entry.Kind.EVENT)
    last = happened.filter(event__in=["resolved", "reopened", "snoozed"]).order_by("-pk").first()
    if last and last.event == "reopened" and last.member_id is None and last.data.get("was") == "resolved":
        resolved = happened.filter(event="resolved").order_by("-pk").first()
        return {"status": Status.RESOLVED, "resolved_at": resolved.at if resolved else timezone.now()}
    spoken = Entry.objects.filter(conversation=source, kind__in=entries.SPOKEN, deleted_at=None)
    newest = spoken.order_by("-at", "-pk").first()
    is_ours = newest is not None and newest.direction == Entry.Direction.OUT
    return {"status": Status.PENDING} if is_ours else {}


def settle_target(target: Conversation, waited: datetime | None) -> None:
    """Tell the row again with what has come; who waits for an answer to it waits here now."""
    fields = retold(target)
    if waited:
        since = target.waiting_since
        fields["waiting_since"] = min(waited, since) if since else waited
        fields |= {"status": Status.OPEN, "snoozed_until": None, "resolved_at": None}
    matter.change(target, **fields)


def state_of(conversation: Conversation) -> dict[str, str | None]:
    """What moving changes of a conversation besides what its entries tell, for its record."""
    values = ((name, getattr(conversation, name)) for name in _STATE)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values}


def state_again(was: Mapping[str, str | None]) -> dict[str, Any]:
    """The fields of a state that `state_of` told; a snooze that would be over by now is."""
    times = {name: datetime.fromisoformat(was[name] or "") if was[name] else None for name in _STATE[1:]}
    until = times["snoozed_until"]
    if was["status"] == Status.SNOOZED and until is not None and until <= timezone.now():
        return times | {"status": Status.OPEN, "snoozed_until": None}
    return times | {"status": was["status"]}


def restore(conversation: Conversation, was: dict[str, Any], became: dict[str, Any]) -> None:
    """Put a conversation's state back as it was, unless something has changed it since the move."""
    fields = retold(conversation)
    if state_of(conversation) == became:
        fields |= state_again(was)
    if is_empty(conversation):
        fields |= {"status": Status.RESOLVED, "resolved_at": timezone.now(), "waiting_since": None}
    matter.change(conversation, **fields)
