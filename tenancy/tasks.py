"""Celery tasks of the ground floor: primitives in, one call, nothing else."""

import time

from celery import shared_task
from django.core.cache import cache

from tenancy import lanes, live
from tenancy.services import idempotency

# Where a worker notes in the cache that it is alive, as seconds since 1970.
HEARTBEAT = "heartbeat"


@shared_task(name="tenancy.work")
def work(lane: str, workspace_id: int) -> None:
    """Answer one doorbell."""
    lanes.answer(lane, workspace_id)


@shared_task(name="tenancy.sweep")
def sweep() -> None:
    """Ring for rows that nobody took."""
    lanes.sweep()


@shared_task(name="tenancy.heartbeat")
def heartbeat() -> None:
    """Note that beat, the broker and a worker of the lanes work together."""
    cache.set(HEARTBEAT, time.time(), timeout=None)


@shared_task(name="tenancy.pulse")
def pulse() -> None:
    """Let browsers find out that Redis was away."""
    live.pulse()


@shared_task(name="tenancy.prune")
def prune() -> None:
    """Forget answers of the API that nobody will ask for again."""
    idempotency.prune()
