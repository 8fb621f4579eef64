"""Work lanes: everything that happens later goes through here.

A table of pending rows is the truth, a Celery message is only the doorbell, and a beat sweep rings again for
rows that nobody took. Losing Redis loses no work.

Rows are claimed with FOR UPDATE SKIP LOCKED inside their workspace's scope. Of the rows that share an order key
only the oldest can be claimed, so order holds however many workers there are; a retrying row holds its key back
for a minute at most. A doorbell does one batch and rings again at the end of the queue, so a loud workspace
takes turns with the quiet ones.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import structlog
from django.core.cache import cache
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.scope import current_workspace_id, scope
from tenancy.system import workspaces_due
from tenancy.tables import TenantModel

log = structlog.get_logger(__name__)

HOLD = timedelta(seconds=60)
LEASE = timedelta(minutes=5)


class State(models.TextChoices):
    """How far a row has come. `taken` is only used by lanes that act on the outside world."""

    PENDING = "pending", _("Waiting")
    TAKEN = "taken", _("In hand")
    DONE = "done", _("Done")
    IGNORED = "ignored", _("Ignored")
    FAILED = "failed", _("Failed")


OPEN = models.Q(state__in=[State.PENDING, State.TAKEN])


class Pending(TenantModel):
    """A row of a lane. `due_at` is when it may be claimed; for a taken row, when its lease runs out."""

    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    reason = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    held_since = models.DateTimeField(null=True)
    order_key = models.CharField(max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        abstract = True
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "due_at"], name="%(class)s_due", condition=OPEN),
            models.Index(
                fields=["workspace", "order_key", "id"],
                name="%(class)s_order",
                condition=OPEN & ~models.Q(order_key=""),
            ),
        ]


class Ignore(Exception):
    """The row means nothing to us; the text says why, for people to read."""


class Retry(Exception):
    """Not now. `after` overrides the backoff, in seconds."""

    def __init__(self, reason: str, *, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Fail(Exception):
    """Never, as things are: end in `failed` at once, where people see and replay it."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A kind of work.

    `work(row)` runs inside the claiming transaction, in a savepoint of its own: it and its row's new state commit
    together. Raising undoes what it wrote; an Ignore, Retry or Fail that it *returns* keeps it. A lane that acts
    on the outside world has `act` as well: then `work(row)` only prepares what is to be done, the row is committed
    as taken, `act(prepared)` runs outside any transaction, and `settle(row, result)` records what came of it, and
    may end in Retry or Fail likewise; `expire(row)` is told of a row whose worker died between the two. Where
    `work` prepares nothing (None), the row is done.

    `also` names further columns of the row that `work` sets: they are written with the row's state, whatever it
    is, and for a whole batch in one statement.
    """

    name: str
    table: type[Pending]
    work: Callable[[Any], Any]
    act: Callable[[Any], Any] | None = None
    settle: Callable[[Any, Any], Any] | None = None
    expire: Callable[[Any], None] | None = None
    batch: int = 25
    max_attempts: int = 10
    also: tuple[str, ...] = ()


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
        if cache.add(_bell(name, workspace_id), 1, timeout=30):
            work.apply_async((name, workspace_id))
    except Exception as error:  # noqa: BLE001 - Redis down must not fail the request that committed
        log.warning("doorbell not rung", lane=name, workspace=workspace_id, error=str(error))


def _bell(name: str, workspace_id: int) -> str:
    return f"bell:{name}:{workspace_id}"


def answer(name: str, workspace_id: int) -> int:
    """Do one batch; ring again when there was a full one. Returns the number of rows taken."""
    try:
        cache.delete(_bell(name, workspace_id))
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
    lanes = [_lanes[name] for name in names] or all_lanes()
    while True:
        count = 0
        for lane in lanes:
            for workspace_id in workspaces_due(lane.table, now=timezone.now()):
                count += run_batch(lane, workspace_id)
        if not count:
            return total
        total += count


def run_batch(lane: Lane, workspace_id: int) -> int:
    """Claim up to a batch of a workspace's due rows and work on them. Returns how many were claimed."""
    prepared: list[tuple[Any, Any]] = []
    with scope(workspace_id):
        rows = claim(lane)
        for row in rows:
            result = _attempt(lane, row)
            if row.state == State.TAKEN:
                prepared.append((row, result))
        _store(lane, rows)
    for row, task in prepared:
        _act(lane, workspace_id, row, task)
    return len(rows)


def claim(lane: Lane) -> list[Any]:
    """Lock the due rows that nobody else has, oldest first, one for each order key."""
    table = lane.table._meta.db_table
    return list(
        lane.table.objects.raw(
            f"""
            SELECT * FROM {table} t
            WHERE workspace_id = %s AND state IN ('pending', 'taken') AND due_at <= %s
              AND (order_key = '' OR NOT EXISTS (
                SELECT 1 FROM {table} e
                WHERE e.workspace_id = t.workspace_id AND e.order_key = t.order_key AND e.id < t.id
                  AND e.order_key <> '' AND e.state IN ('pending', 'taken')
                  AND (e.held_since IS NULL OR e.held_since > %s)))
            ORDER BY due_at, id LIMIT %s FOR UPDATE OF t SKIP LOCKED
            """,  # noqa: S608 - our own table's name
            [current_workspace_id(), (now := timezone.now()), now - HOLD, lane.batch],
        )
    )


def _attempt(lane: Lane, row: Any) -> Any:
    """Run `work` in its savepoint and set the row's new state; return what an acting lane prepared."""
    if row.state == State.TAKEN:
        assert lane.expire is not None
        row.state, row.reason = State.FAILED, ""
        lane.expire(row)
        return None
    row.attempts += 1
    try:
        with transaction.atomic():
            result = lane.work(row)
        if isinstance(result, Ignore | Retry | Fail):
            raise result
    except Ignore as ignored:
        row.state, row.reason = State.IGNORED, str(ignored)
    except Exception as error:  # noqa: BLE001 - one bad row never blocks the next
        _put_back(lane, row, error)
    else:
        row.reason = ""
        row.state = State.DONE if lane.act is None or result is None else State.TAKEN
        if row.state == State.TAKEN:
            row.due_at = timezone.now() + LEASE
        return result
    return None


def _put_back(lane: Lane, row: Any, error: Exception) -> None:
    """Schedule another try with backoff and jitter, or give up where people will see it."""
    row.reason = (
        f"{type(error).__name__}: {error}"[:2000] if not isinstance(error, Retry | Fail) else str(error)
    )
    if isinstance(error, Fail) or row.attempts >= lane.max_attempts:
        row.state = State.FAILED
    else:
        row.state = State.PENDING
        row.held_since = row.held_since or timezone.now()
        after = getattr(error, "after", None) or backoff(row.attempts)
        row.due_at = timezone.now() + timedelta(seconds=after)
    if not isinstance(error, Retry):
        log.warning(
            "work failed", lane=lane.name, row=row.pk, state=row.state, attempts=row.attempts, exc_info=error
        )


def backoff(attempts: int) -> float:
    """Seconds until the next try: 2, 4, 8 … an hour at most, each spread by a quarter."""
    return float(min(2**attempts, 3600)) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret


def _store(lane: Lane, rows: list[Any]) -> None:
    """Write the rows' lane columns: the many that simply went well in one statement."""
    plain = [row for row in rows if row.state == State.DONE and row.attempts == 1]
    if plain and lane.also:
        lane.table.objects.bulk_update(plain, ["state", "attempts", "reason", *lane.also])
    elif plain:
        done = [row.pk for row in plain]
        lane.table.objects.filter(pk__in=done).update(state=State.DONE, attempts=1, reason="")
    for row in rows:
        if row not in plain:
            row.save(update_fields=["state", "reason", "attempts", "due_at", "held_since", *lane.also])


def _act(lane: Lane, workspace_id: int, row: Any, task: Any) -> None:
    """Act on the outside world with nothing locked, then record what came of it.

    Not when the lease ran out while earlier rows of the batch were slow: the row is another worker's to expire.
    """
    assert lane.act is not None
    assert lane.settle is not None
    if timezone.now() >= row.due_at:
        return
    try:
        result = lane.act(task)
    except Exception as error:  # noqa: BLE001 - the lane's settle decides what an error means
        result = error
    with scope(workspace_id):
        locked = lane.table.objects.select_for_update().get(pk=row.pk)
        locked.state = State.DONE
        try:
            with transaction.atomic():
                outcome = lane.settle(locked, result)
            if isinstance(outcome, Retry | Fail):
                raise outcome
        except Retry as retry:
            _put_back(lane, locked, retry)
        except Fail as failed:
            locked.state, locked.reason = State.FAILED, str(failed)
        _store(lane, [locked])
