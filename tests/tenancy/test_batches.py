"""How a batch of a lane claims rows, works on them and keeps how each ended."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenancy import batches
from tenancy.batches import HOLD, LEASE, claim, run_batch
from tenancy.models import Brand
from tenancy.pending import Fail, Ignore, Retry
from tenancy.system import system_scope, workspaces_due
from tests.tenancy.chores import CHORES, chore, lane, states

SECOND = timedelta(seconds=1)
NOON = "2026-11-23 12:00Z"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def run(in_scope):
    return lambda chosen: run_batch(chosen, in_scope.pk)


def say(outcome):
    """Work that ends in what the row's summary names."""

    def work(row):
        Brand.objects.create(name=f"{outcome} {row.summary}")
        match outcome:
            case "raises":
                raise ValueError("no such thing")
            case Ignore() | Retry() | Fail():
                return outcome

    return work


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        ("does well", "done", ""),
        ("raises", "pending", "ValueError: no such thing"),
        (Ignore("spam trap"), "ignored", "spam trap"),
        (Retry("not yet"), "pending", "not yet"),
        (Fail("never"), "failed", "never"),
    ],
)
def test_a_row_ends_as_its_work_says(run, outcome, state, reason):
    row = chore("a")
    assert run(lane(say(outcome))) == 1
    row.refresh_from_db()
    assert (row.state, row.reason, row.attempts) == (state, reason, 1)


@pytest.mark.parametrize(("outcome", "stays"), [("raises", False), (Ignore("x"), True), (Retry("x"), True)])
def test_raising_undoes_what_was_written_returning_keeps_it(run, outcome, stays):
    chore("a")
    run(lane(say(outcome)))
    assert Brand.objects.filter(name=f"{outcome} a").exists() is stays


def test_one_bad_row_does_not_stop_the_others(run):
    for name in "abc":
        chore(name)

    def work(row):
        if row.summary == "b":
            Brand.objects.create(name="acme")  # taken: the database refuses, inside the savepoint

    assert run(lane(work)) == 3
    assert states() == {"a": "done", "b": "pending", "c": "done"}


def test_retries_wait_longer_each_time_and_end_where_people_see_them(run, clock):
    row, waits = chore("a"), []
    for _ in range(4):
        run(lane(say("raises"), max_attempts=4))
        row.refresh_from_db()
        waits.append(row.due_at)
        clock.shift(timedelta(hours=1))
    assert (row.state, row.attempts) == ("failed", 4)
    first, second, third, _ = [(at - row.received_at).total_seconds() for at in waits]
    assert 1.5 <= first <= 2.5
    assert 3 <= second - 3600 <= 5
    assert 6 <= third - 7200 <= 10


def test_backoff_ends_at_an_hour_and_a_quarter():
    assert 2700 <= batches.backoff(16) <= 4500


def test_a_retry_may_say_when(run):
    row = chore("a")
    run(lane(say(Retry("rate limit", after=90))))
    row.refresh_from_db()
    assert row.due_at - row.received_at == 90 * SECOND


def test_rows_are_taken_when_they_are_due(run, clock):
    chore("later", due=5 * SECOND)
    chore("now")
    assert run(lane()) == 1
    assert states() == {"later": "pending", "now": "done"}
    clock.shift(5)
    assert run(lane()) == 1


def test_further_columns_are_written_with_the_state(run):
    chore("a")
    chore("b")

    def work(row):
        row.size = 7
        return Ignore("x") if row.summary == "b" else None

    run(lane(work, also=("size",)))
    assert list(CHORES.objects.values_list("size", flat=True)) == [7, 7]


def test_rows_of_a_key_are_done_in_their_order(run):
    done: list[str] = []
    for name, key in [("a1", "a"), ("b1", "b"), ("a2", "a"), ("free", ""), ("a3", "a"), ("b2", "b")]:
        chore(name, key=key)
    assert run(lane(lambda row: done.append(row.summary))) == 6
    assert [name for name in done if name[0] == "a"] == ["a1", "a2", "a3"]
    assert [name for name in done if name[0] == "b"] == ["b1", "b2"]


def test_a_full_batch_takes_the_first_of_every_sender_first(run):
    for number in range(5):
        chore(f"loud {number}", key="loud", due=-SECOND)
    chore("quiet", key="quiet")
    run(lane(batch=2))
    assert [name for name, state in states().items() if state == "done"] == ["loud 0", "quiet"]


def test_a_retrying_row_holds_its_key_back_for_a_minute(run, clock):
    chore("first", key="a")
    chore("second", key="a")
    chore("other", key="b")

    def work(row):
        return Retry("not yet", after=600) if row.summary == "first" else None

    run(lane(work))
    assert states() == {"first": "pending", "second": "pending", "other": "done"}
    clock.shift(HOLD - SECOND)
    assert run(lane(work)) == 0
    clock.shift(SECOND)
    assert run(lane(work)) == 1
    assert states() == {"first": "pending", "second": "done", "other": "done"}


def test_a_row_that_is_not_due_yet_holds_its_key(run, clock):
    chore("first", key="a", due=timedelta(hours=1))
    chore("second", key="a")
    clock.shift(HOLD)
    assert run(lane()) == 0


def test_more_keys_than_a_batch_takes_hide_nobody_when_they_are_held(run):
    for number in range(30):
        chore("held", key=f"{number}", due=timedelta(hours=1))
        chore("behind it", key=f"{number}", due=-timedelta(seconds=1))
    chore("free", key="free")
    assert run(lane(batch=1)) == 1
    assert states()["free"] == "done"


def test_a_row_that_ended_lets_the_next_go_on(run):
    chore("first", key="a")
    chore("second", key="a")
    run(lane(lambda row: Fail("broken") if row.summary == "first" else None))
    assert states() == {"first": "failed", "second": "done"}


def test_a_claim_looks_at_a_window_of_rows_however_many_wait(
    in_scope, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(batches, "WINDOW", 10)
    for number in range(30):
        chore(f"{number}", key="loud")
    with django_assert_num_queries(3):
        assert len(claim(lane())) == 25


@pytest.fixture
def plans(in_scope):
    """What PostgreSQL would do for each query of an act, were the table large: mostly of work that is done."""
    waiting = chore("a", key="a")
    chore("b")
    CHORES.objects.bulk_create(CHORES(channel=waiting.channel, state="done") for _ in range(2000))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {CHORES._meta.db_table}")
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")

    def plans(act) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            act()
        return [_plan(query["sql"]) for query in captured if "channels_ingest_inboundevent" in query["sql"]]

    return plans


def _plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_claims_read_the_partial_indexes(plans):
    window, lines, locking = plans(lambda: claim(lane()))
    assert "Index Scan using inboundevent_due" in window
    assert "Index Scan using inboundevent_order" in lines
    assert re.search("Index Scan using (channels_ingest_inboundevent_pkey|inboundevent_(due|order))", locking)


def test_sweeps_read_one_row_for_each_workspace(plans):
    with system_scope():
        (sweeping,) = plans(lambda: workspaces_due(CHORES, now=timezone.now()))
    scans = re.findall(r"(\S+ Scan|Scan) using (\S+)", sweeping)
    assert {index for _, index in scans} == {"inboundevent_due"}


class Outside:
    """A lane that acts on the outside world, and what was told to it."""

    def __init__(self, result=None):
        self.told: list[tuple[str, str, object]] = []
        self.result = result

    def act(self, task):
        self.told.append(("act", task, None))
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result

    def settle(self, row, result):
        self.told.append(("settle", row.summary, result))
        return result if isinstance(result, Retry | Fail) else None

    def expire(self, row):
        self.told.append(("expire", row.summary, row.state))

    def lane(self, **options):
        return lane(
            lambda row: row.summary or None, act=self.act, settle=self.settle, expire=self.expire, **options
        )


def test_acting_happens_between_two_transactions(run):
    chore("mail")
    outside = Outside("250 OK")
    run(outside.lane())
    assert outside.told == [("act", "mail", None), ("settle", "mail", "250 OK")]
    assert states() == {"mail": "done"}


def test_work_that_prepares_nothing_is_done_at_once(run):
    chore("")
    outside = Outside()
    run(outside.lane())
    assert (outside.told, states()) == ([], {"": "done"})


def test_an_error_of_acting_is_settled_like_any_result(run):
    chore("mail")
    error = TimeoutError("read timed out")
    outside = Outside(error)
    run(outside.lane())
    assert outside.told[-1] == ("settle", "mail", error)


@pytest.mark.parametrize(("outcome", "state"), [(Retry("busy"), "pending"), (Fail("unknown"), "failed")])
def test_settling_may_end_in_a_retry_or_a_failure(run, outcome, state):
    row = chore("mail")
    run(Outside(outcome).lane())
    row.refresh_from_db()
    assert (row.state, row.reason) == (state, str(outcome))


def test_a_batch_ends_with_the_first_row_that_acts(run):
    chore("")
    for name in ("one", "two"):
        chore(name)
    outside = Outside()
    assert run(outside.lane()) == 2
    assert states() == {"": "done", "one": "done", "two": "pending"}


def test_a_row_whose_worker_died_while_acting_expires_after_its_lease(run, clock):
    chore("mail", key="a")
    chore("next", key="a")
    outside = Outside(SystemExit())
    with pytest.raises(SystemExit):
        run(outside.lane())
    assert states() == {"mail": "taken", "next": "pending"}
    clock.shift(LEASE - SECOND)
    assert run(outside.lane()) == 0
    clock.shift(SECOND)
    outside.result = None
    assert run(outside.lane()) == 2
    assert outside.told[1:] == [
        ("expire", "mail", "failed"),
        ("act", "next", None),
        ("settle", "next", None),
    ]
    assert states() == {"mail": "failed", "next": "done"}


def test_an_expiry_that_breaks_fails_its_row_alone(run, clock):
    row = chore("mail", state="taken", attempts=1)
    chore("")
    outside = Outside()
    broken = lane(act=outside.act, settle=outside.settle, expire=lambda _: 1 / 0)
    assert run(broken) == 2
    row.refresh_from_db()
    assert (row.state, row.reason) == ("failed", "ZeroDivisionError: division by zero")


def test_an_outcome_that_comes_after_a_replay_is_not_recorded(run):
    row = chore("mail")

    def act(task):
        CHORES.objects.filter(pk=row.pk).update(state="pending", attempts=0)

    outside = Outside()
    run(lane(lambda row: row.summary, act=act, settle=outside.settle, expire=outside.expire))
    assert (outside.told, states()) == ([], {"mail": "pending"})
