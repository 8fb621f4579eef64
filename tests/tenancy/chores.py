"""Rows of a lane to test with, and lanes over them that do as the test says."""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from channels_ingest.models import InboundEvent
from conversations.models import Channel
from conversations.services.channels import create_channel
from tenancy.lanes import Lane
from tenancy.pace import Pace

CHORES = InboundEvent
# The lane of tests/tenancy/held_lane.py, and the lock that its row "hold" waits for.
HELD, LOCK = "held", 4711


def chore(summary: str = "", *, key: str = "", due: timedelta = timedelta(0), **columns: Any) -> InboundEvent:
    """A row in the open scope; `due` is counted from now."""
    channel = (
        Channel.objects.first() or create_channel(kind="email", name="Support", config={}, secrets={})[0]
    )
    return InboundEvent.objects.create(
        channel=channel, summary=summary, order_key=key, due_at=timezone.now() + due, **columns
    )


def nothing(row: InboundEvent) -> None:
    """Work that is none."""


def lane(work: Callable[[Any], Any] = nothing, **options: Any) -> Lane:
    """A lane over the rows that `chore` makes; its batches are full, however slow the machine is."""
    return Lane(**{"name": "chores", "table": CHORES, "work": work, "pace": Pace(turn=math.inf), **options})


def states() -> dict[str, str]:
    """The state of each chore in the open scope, by its summary."""
    return dict(CHORES.objects.order_by("pk").values_list("summary", "state"))
