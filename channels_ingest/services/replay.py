"""Processing stored calls again, and waiting until they are."""

import time
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from channels_ingest.models import InboundEvent
from channels_ingest.services import process
from channels_ingest.services.accept import LANE
from tenancy import lanes
from tenancy.lanes import OPEN, State
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id, scope
from tenancy.services import audit

PAUSE = 0.1  # seconds between looks at what a worker elsewhere has in hand


def replay(events: QuerySet[InboundEvent], *, member: Member | None = None) -> int:
    """Put events that have ended back into the lane, with all their attempts; returns how many.

    What they became is found again and stays as it is; only what was missed is added.
    """
    count = events.exclude(OPEN).update(
        state=State.PENDING, reason="", attempts=0, held_since=None, due_at=timezone.now()
    )
    if count:
        lanes.ring(LANE)
        audit.record(member=member, action="inbound.replayed", data={"events": count})
        push(current_workspace_id(), "channels")
    return count


def failed() -> QuerySet[InboundEvent]:
    """The events that ended in failure."""
    return InboundEvent.objects.filter(state=State.FAILED)


def wait(workspace_id: int, events: Collection[int], *, timeout: timedelta) -> None:
    """Return once these events have ended, or when time is up; called outside any scope.

    They are worked on in this process, so no worker is needed; where one runs, both share them.
    """
    deadline = timezone.now() + timeout
    while timezone.now() < deadline:
        if lanes.run_batch(process.lane, workspace_id):
            continue
        due = _next_due(workspace_id, events)
        if due is None:
            return
        time.sleep(max(PAUSE, min(1.0, (due - timezone.now()).total_seconds())))


def _next_due(workspace_id: int, events: Collection[int]) -> datetime | None:
    """When the first of those that have not ended is due; None when all have."""
    with scope(workspace_id):
        waiting = InboundEvent.objects.filter(OPEN, pk__in=events).order_by("due_at")
        return waiting.values_list("due_at", flat=True).first()
