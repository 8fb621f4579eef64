"""Work lanes: everything that happens later goes through here.

A table of pending rows is the truth, a Celery message is only the doorbell, and a beat sweep rings again for
rows that nobody took. Losing Redis loses no work.

Rows are claimed with FOR UPDATE SKIP LOCKED inside their workspace's scope, and those that share an order key in
their order, however many workers there are; a retrying row holds its key back for a minute at most. A doorbell
does one batch and rings again at the end of the queue, so a loud workspace takes turns with the quiet ones. Lanes
that act on the outside world ring in a queue of their own: there a server that hangs holds up nobody but senders.
"""

import structlog
from django.db import transaction
from django.utils import timezone

from tenancy.batches import HOLD, LEASE, backoff, claim, run_batch
from tenancy.pending import OPEN, Fail, Ignore, Lane, Pending, Retry, State
from tenancy.redis import client
from tenancy.scope import current_workspace_id
from tenancy.system import workspaces_due

__all__ = [
    "HOLD",
    "LEASE",
    "OPEN",
    "Fail",
    "Ignore",
    "Lane",
    "Pending",
    "Retry",
    "State",
    "all_lanes",
    "answer",
    "backoff",
    "claim",
    "drain",
    "register",
    "ring",
    "run_batch",
    "sweep",
]

log = structlog.get_logger(__name__)

RINGS_FOR = 30  # seconds after which a doorbell that nobody answered may be rung again

_lanes: dict[str, Lane] = {}


def register(lane: Lane) -> None:
    """Make a lane known; called once by each app's AppConfig.ready()."""
    _lanes[lane.name] = lane


def all_lanes() -> list[Lane]:
    """Every registered lane."""
    return list(_lanes.values())


def ring(name: str) -> None:
    """After commit, tell a worker that the open scope's workspace has work due in a lane.

    Work that is due later needs no bell: the sweep comes by every two seconds.
    """
    workspace_id = current_workspace_id()
    transaction.on_commit(lambda: _ring(name, workspace_id), robust=True)


def _ring(name: str, workspace_id: int) -> None:
    """Send the doorbell, once while one is on its way."""
    from tenancy.tasks import work

    try:
        if client().set(_bell(name, workspace_id), 1, nx=True, ex=RINGS_FOR):
            work.apply_async((name, workspace_id), queue=_lanes[name].queue)
    except Exception as error:  # noqa: BLE001 - Redis down must not fail the request that committed
        log.warning("doorbell not rung", lane=name, workspace=workspace_id, error=str(error))


def _bell(name: str, workspace_id: int) -> str:
    return f"bell:{name}:{workspace_id}"


def answer(name: str, workspace_id: int) -> int:
    """Do one batch, and ring again if there was any work. Returns the number of rows."""
    try:
        client().delete(_bell(name, workspace_id))
    except Exception as error:  # noqa: BLE001 - as above
        log.warning("doorbell not reset", error=str(error))
    count = run_batch(_lanes[name], workspace_id)
    if count:
        _ring(name, workspace_id)
    return count


def sweep() -> int:
    """Ring for every workspace that has rows due in any lane. Returns the number of doorbells."""
    now = timezone.now()
    due = [
        (lane.name, workspace) for lane in all_lanes() for workspace in workspaces_due(lane.table, now=now)
    ]
    for name, workspace_id in due:
        _ring(name, workspace_id)
    return len(due)


def drain(*names: str) -> int:
    """Do all that is due now, in this process: for `--wait`, tests and replays. Returns the rows taken."""
    total = 0
    chosen = [_lanes[name] for name in names] or all_lanes()
    while True:
        count = 0
        for lane in chosen:
            for workspace_id in workspaces_due(lane.table, now=timezone.now()):
                count += run_batch(lane, workspace_id)
        if not count:
            return total
        total += count
