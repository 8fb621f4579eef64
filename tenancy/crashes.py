"""Rows over which a worker died (killed for its memory, a fault in a C library) must not kill the next ones too.

A transaction that dies counts no attempt, so starts are counted in the cache. A row that can be claimed although
somebody started on it belongs to a worker that died; it is then worked on alone, and given up after some deaths.
Losing the cache loses this caution, never a row.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.core.cache import cache

from tenancy.pending import Lane, State

log = structlog.get_logger(__name__)

DEATHS = 3
REMEMBERED = 3600  # seconds


@contextmanager
def watch(lane: Lane, rows: list[Any]) -> Iterator[list[Any]]:
    """The rows that may be worked on together: all of them, or the one that has to be tried alone.

    Marks them as started for as long as the block runs. A row that brought too many deaths comes as failed.
    """
    keys = {row.pk: f"started:{lane.name}:{row.workspace_id}:{row.pk}" for row in rows}
    starts = _asked(lambda: cache.get_many(keys.values())) or {}
    suspects = [row for row in rows if keys[row.pk] in starts]
    chosen = suspects[:1] or rows
    for row in chosen:
        if row.state == State.PENDING and starts.get(keys[row.pk], 0) >= DEATHS:
            row.state, row.reason = State.FAILED, "The worker died over this several times."
    marks = {keys[row.pk]: starts.get(keys[row.pk], 0) + 1 for row in chosen}
    _asked(lambda: cache.set_many(marks, timeout=REMEMBERED))
    try:
        yield chosen
    finally:
        _asked(lambda: cache.delete_many(marks))


def _asked(question: Callable[[], Any]) -> Any:
    """What the cache says; None when it cannot be reached."""
    try:
        return question()
    except Exception as error:  # noqa: BLE001 - work goes on without this caution
        log.warning("cache not reached", error=str(error))
        return None
