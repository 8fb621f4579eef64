"""Messages that one call hands to all of their recipients: their deliveries go along with the one that
leaves.

They are taken in the transaction that takes it, and settled in the one that settles it. Each stays a row of
the lane with a lease of its own, so that a worker that dies on the way leaves the outcome of all of them
unknown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from channels_ingest.base import adapter_for
from channels_ingest.services.outgoing import Handover, address_of
from conversations.models import Delivery
from tenancy.lanes import LEASE, Retry, State, backoff

Status = Delivery.Status
WAITING = (Status.HELD, Status.QUEUED)
SOON = 1  # seconds


@dataclass(frozen=True, slots=True)
class Handed:
    """What came of a call, and the deliveries that went along with it."""

    result: object
    along: tuple[tuple[int, int], ...] = ()


def take_along(delivery: Delivery, task: Handover) -> Handover | Retry:
    """Take the other recipients of a delivery's entry into its call, where the channel hands over to all at
    once.

    Those that a person has failed, settled or undone stay out. Where somebody else holds one at this moment
    the call waits, for the recipients would not see each other in two.
    """
    if not adapter_for(task.channel.kind).carries_copies(task.channel):
        return task
    waiting = Delivery.objects.filter(
        entry=delivery.entry_id,
        channel=delivery.channel_id,
        order_key=delivery.order_key,
        status__in=WAITING,
        state=State.PENDING,
    ).exclude(pk=delivery.pk)
    known = waiting.count()
    rows = list(_lock(waiting, skip_locked=True)) if known else []
    if len(rows) < known:
        return Retry("Another recipient of it is in other hands.", after=SOON)
    _take(rows)
    also = tuple(address_of(row.identity) for row in rows)
    along = tuple((row.pk, row.attempts + 1) for row in rows)
    return replace(task, message=replace(task.message, also=also), along=along)


def taken_along(along: Iterable[tuple[int, int]]) -> list[Delivery]:
    """Lock the deliveries that went along, without those that somebody has sent anew since."""
    attempts = dict(along)
    if not attempts:
        return []
    rows = _lock(Delivery.objects.filter(pk__in=attempts), skip_locked=False)
    return [row for row in rows if row.attempts == attempts[row.pk]]


def put_back(row: Delivery, later: Retry) -> None:
    """Let a delivery that went along wait for another try, as the lane does with the one that leaves."""
    row.state, row.reason = State.PENDING, str(later)
    row.held_since = row.held_since or timezone.now()
    seconds = backoff(row.attempts) if later.after is None else later.after
    row.due_at = timezone.now() + timedelta(seconds=seconds)


def _lock(rows: QuerySet[Delivery], *, skip_locked: bool) -> QuerySet[Delivery]:
    """In the order of their ids, as everybody locks them."""
    together = rows.select_related("identity__contact", "entry").order_by("pk")
    return together.select_for_update(skip_locked=skip_locked, no_key=True, of=("self",))


def _take(rows: Iterable[Delivery]) -> None:
    now = timezone.now()
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=Status.SENDING,
        status_at=now,
        code="",
        reason="",
        state=State.TAKEN,
        attempts=F("attempts") + 1,
        due_at=now + LEASE,
    )
