"""One batch of a lane: claim rows, work on each, keep how each ended."""

import random
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from tenancy import crashes, live
from tenancy.bulk import together, update_rows
from tenancy.pending import OPEN, Fail, Ignore, Lane, Retry, State
from tenancy.scope import current_workspace_id, scope

log = structlog.get_logger(__name__)

HOLD = timedelta(seconds=60)
LEASE = timedelta(minutes=5)
# How many due rows a claim looks at: what it costs stays the same however many wait behind one sender.
WINDOW = 500
# And at how many order keys among them: other workers hold the rows of the first ones, or a retry does.
LINES = 200


def run_batch(lane: Lane, workspace_id: int) -> int:
    """Claim up to a batch of a workspace's due rows and work on them. Returns how many it worked on."""
    began = time.monotonic()
    with live.gathered(), scope(workspace_id):
        rows, taken = _work(lane, claim(lane))
    lane.pace.note(len(rows), time.monotonic() - began)
    if taken:
        _act(lane, workspace_id, *taken)
    return len(rows)


Taken = tuple[Any, Any]  # a row that has to act on the outside world, and what it prepared


def _work(lane: Lane, claimed: list[Any]) -> tuple[list[Any], Taken | None]:
    """Work on claimed rows; returns those it worked on, and the one that has to act.

    A batch ends with the first of these: were more of them taken, the lease of the last could run out while the
    first are slow.
    """
    rows: list[Any] = []
    taken: Taken | None = None
    if claimed:
        with crashes.watch(lane, claimed) as careful:
            for turn in _turns(lane, careful):
                rows += turn
                if taken := _attempt(lane, turn):
                    break
            update_rows(rows, _columns(lane))
    return rows, taken


def claim(lane: Lane) -> list[Any]:
    """Lock due rows that nobody else has: oldest first, those of an order key in order, none before its turn."""
    now = timezone.now()
    due = lane.table.objects.filter(OPEN, due_at__lte=now).order_by("due_at", "pk")
    window = list(due.values_list("pk", "order_key")[:WINDOW])
    lines = [[pk] for pk, key in window if not key]
    if keys := list(dict.fromkeys(key for _, key in window if key)):
        lines += _lines_of(lane, keys[:LINES], now)
    # The first of every line before the second of any, so that one sender takes turns with the others.
    turns = sorted((turn, pk) for line in lines for turn, pk in enumerate(line))
    locked = _lock(lane, [pk for _, pk in turns], now)
    return [locked[pk] for line in lines for pk in _until_missing(line, locked)]


def _lock(lane: Lane, wanted: list[int], now: datetime) -> dict[int, Any]:
    """Lock the first batch of the wanted rows that nobody else has and that are still due."""
    table = connection.ops.quote_name(lane.table._meta.db_table)
    rows = lane.table.objects.raw(
        f"""
        SELECT row.* FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted(id, turn)
        JOIN {table} AS row ON row.workspace_id = %s AND row.id = wanted.id
        WHERE row.state IN ('pending', 'taken') AND row.due_at <= %s
        ORDER BY wanted.turn LIMIT %s FOR NO KEY UPDATE OF row SKIP LOCKED
        """,  # noqa: S608 - our own table's name
        [wanted, current_workspace_id(), now, lane.pace.room(lane.batch)],
    )
    return {row.pk: row for row in rows}


def _lines_of(lane: Lane, keys: list[str], now: datetime) -> list[list[int]]:
    """For each key the rows that may be worked on now, one after another. A row that is being retried lets those
    behind it pass once it has held them back for HOLD; every other row that is not due holds them."""
    table = connection.ops.quote_name(lane.table._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT asked.key, line.* FROM unnest(%s::text[]) AS asked(key) CROSS JOIN LATERAL (
                SELECT id, due_at <= %s AS is_due, coalesce(held_since <= %s, false) AS may_be_passed
                FROM {table}
                WHERE workspace_id = %s AND order_key = asked.key AND order_key <> ''
                  AND state IN ('pending', 'taken')
                ORDER BY id LIMIT %s) AS line
            ORDER BY asked.key, line.id
            """,  # noqa: S608 - our own table's name
            [keys, now, now - HOLD, current_workspace_id(), lane.batch],
        )
        rows = cursor.fetchall()
    lines: dict[str, list[int]] = {key: [] for key in keys}
    held: set[str] = set()
    for key, pk, is_due, may_be_passed in rows:
        if key not in held and is_due:
            lines[key].append(pk)
        elif not may_be_passed:
            held.add(key)
    return list(lines.values())


def _until_missing(line: list[int], locked: dict[int, Any]) -> Iterator[int]:
    """The rows of a line up to the first that somebody else holds: the others wait for it."""
    for pk in line:
        if pk not in locked:
            return
        yield pk


def _turns(lane: Lane, rows: list[Any]) -> Iterator[list[Any]]:
    """What is worked on at once, one after another: single rows, or in a lane of `together` all that may be.

    Of the rows with one order key each waits for the one before, for good if that ends in anything but an end.
    """
    held: set[str] = set()
    while rows:
        turn: list[Any] = []
        keys: set[str] = set()
        later: list[Any] = []
        for row in rows:
            may_join = row.order_key not in keys and (lane.together or not turn)
            (turn if may_join else later).append(row)
            keys |= {row.order_key} - {""}
        yield turn
        held |= {row.order_key for row in turn if row.order_key and row.state in {State.PENDING, State.TAKEN}}
        rows = [row for row in later if row.order_key not in held]


def _attempt(lane: Lane, turn: list[Any]) -> Taken | None:
    """Run `work` in a savepoint and set the rows' new states; return the first that has to act.

    The next that would have to is put back as it was: it prepares the same again in a batch of its own.
    """
    fresh = [row for row in turn if row.state == State.PENDING]
    for row in turn:
        if row.state == State.TAKEN:
            _expire(lane, row)
        elif row.state != State.PENDING and lane.give_up is not None:
            lane.give_up(row)
    for row in fresh:
        row.attempts += 1

    def work(rows: Sequence[Any]) -> Sequence[Any]:
        return lane.work(list(rows)) if lane.together else [lane.work(row) for row in rows]

    taken: Taken | None = None
    for row, result in zip(fresh, together(fresh, work, failed=lambda _, error: error), strict=True):
        acts = lane.act is not None and result is not None and not isinstance(result, Exception)
        if acts and taken:
            row.attempts -= 1
        else:
            _end(lane, row, result)
            taken = taken or ((row, result) if acts else None)
    return taken


def _end(lane: Lane, row: Any, result: Any) -> None:
    """Set how a row ended, by what its work returned or raised."""
    if isinstance(result, Ignore):
        row.state, row.reason = State.IGNORED, str(result)
    elif isinstance(result, Exception):
        _put_back(lane, row, result)
    else:
        row.reason = ""
        row.state = State.DONE if lane.act is None or result is None else State.TAKEN
        if row.state == State.TAKEN:
            row.due_at = timezone.now() + LEASE


def _expire(lane: Lane, row: Any) -> None:
    """Tell the lane that a taken row's worker died; failed, unless the lane says otherwise."""
    assert lane.expire is not None
    row.state, row.reason = State.FAILED, ""
    try:
        with transaction.atomic():
            lane.expire(row)
    except Exception as error:
        log.exception("expiry failed", lane=lane.name, row=row.pk)
        row.state, row.reason = State.FAILED, f"{type(error).__name__}: {error}"[:2000]


def _put_back(lane: Lane, row: Any, error: Exception) -> None:
    """Schedule another try with backoff and jitter, or give up where people will see it."""
    is_expected = isinstance(error, Retry | Fail)
    row.reason = str(error) if is_expected else f"{type(error).__name__}: {error}"[:2000]
    if isinstance(error, Fail) or row.attempts >= lane.max_attempts:
        row.state = State.FAILED
    else:
        row.state = State.PENDING
        row.held_since = row.held_since or timezone.now()
        after = error.after if isinstance(error, Retry) else None
        row.due_at = timezone.now() + timedelta(seconds=backoff(row.attempts) if after is None else after)
    if not is_expected:
        facts = {"lane": lane.name, "row": row.pk, "state": row.state, "attempts": row.attempts}
        log.warning("work failed", **facts, exc_info=error)


def backoff(attempts: int) -> float:
    """Seconds until the next try: 2, 4, 8 … an hour at most, each spread by a quarter."""
    return float(min(2**attempts, 3600)) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret


def _columns(lane: Lane) -> list[str]:
    return ["state", "reason", "attempts", "due_at", "held_since", *lane.also]


def _act(lane: Lane, workspace_id: int, row: Any, task: Any) -> None:
    """Act on the outside world with nothing locked, then record what came of it."""
    assert lane.act is not None
    try:
        result = lane.act(task)
    except Exception as error:  # noqa: BLE001 - the lane's settle decides what an error means
        result = error
    with scope(workspace_id):
        # It may be gone: what was erased meanwhile takes its work with it.
        locked: Any = lane.table.objects.select_for_update(no_key=True).filter(pk=row.pk).first()
        if locked is None or locked.attempts != row.attempts:
            log.warning("outcome came too late", lane=lane.name, row=row.pk, result=repr(result))
            return
        _settle(lane, locked, result)
        update_rows([locked], _columns(lane))


def _settle(lane: Lane, row: Any, result: object) -> None:
    assert lane.settle is not None
    row.state = State.DONE
    try:
        with transaction.atomic():
            outcome = lane.settle(row, result)
        if isinstance(outcome, Retry | Fail):
            raise outcome
    except (Retry, Fail) as error:
        _put_back(lane, row, error)
