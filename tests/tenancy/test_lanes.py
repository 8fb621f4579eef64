"""Doorbells: who is told that there is work, how often, and what happens without Redis."""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as installed
from django.core.cache import cache
from django.db import connection
from redis import Redis

from tenancy import lanes
from tenancy.lanes import State
from tenancy.scope import NoScope, scope
from tests.people import new_workspace
from tests.tenancy.chores import CHORES, chore, lane, states


@pytest.fixture(autouse=True)
def chores(monkeypatch):
    """One lane, "chores", whose work is nothing."""
    monkeypatch.setattr(lanes, "_lanes", {})
    lanes.register(lane())


@pytest.fixture(autouse=True)
def broker() -> Iterator[Redis]:
    with Redis.from_url(installed.REDIS_URL) as redis:
        redis.flushdb()
        yield redis
        redis.flushdb()


def bells(broker: Redis) -> list[list[object]]:
    """The doorbells on their way to workers, the next to be answered first."""
    waiting = reversed(broker.lrange("lanes", 0, -1))
    return [json.loads(base64.b64decode(json.loads(one)["body"]))[0] for one in waiting]


@pytest.mark.django_db(transaction=True)
def test_a_bell_is_rung_after_the_commit_and_once_while_it_is_on_its_way(broker):
    workspace = new_workspace("acme")
    with scope(workspace.pk):
        for name in ("a", "b"):
            chore(name)
            lanes.ring("chores")
        assert bells(broker) == []
    assert bells(broker) == [["chores", workspace.pk]]
    with scope(workspace.pk):
        lanes.ring("chores")
    assert bells(broker) == [["chores", workspace.pk]]


def test_a_bell_needs_a_scope(db):
    with pytest.raises(NoScope):
        lanes.ring("chores")


@pytest.mark.django_db(transaction=True)
def test_a_loud_workspace_takes_turns_with_a_quiet_one(broker):
    loud, quiet = new_workspace("loud"), new_workspace("quiet")
    with scope(loud.pk):
        for number in range(60):
            chore(f"{number}")
        lanes.ring("chores")
    with scope(quiet.pk):
        chore("mine")
        lanes.ring("chores")
    answered = []
    while broker.llen("lanes"):
        (name, workspace_id), *_ = bells(broker)
        broker.rpop("lanes")
        answered.append((workspace_id, lanes.answer(str(name), int(str(workspace_id)))))
    assert answered == [
        (loud.pk, 25),
        (quiet.pk, 1),
        (loud.pk, 25),
        (quiet.pk, 0),
        (loud.pk, 10),
        (loud.pk, 0),
    ]


@pytest.mark.django_db(transaction=True)
def test_the_sweep_rings_for_rows_that_nobody_took(broker, time_machine):
    time_machine.move_to("2026-11-23 12:00Z", tick=False)
    first, second, idle = (new_workspace(slug) for slug in ("first", "second", "idle"))
    for workspace in (first, second):
        with scope(workspace.pk):
            chore("later", due=timedelta(seconds=30))
    with scope(first.pk):
        chore("died", state=State.TAKEN)
    with scope(idle.pk):
        chore("done", state=State.DONE)
    assert (lanes.sweep(), bells(broker)) == (1, [["chores", first.pk]])
    time_machine.shift(30)
    assert lanes.sweep() == 2
    assert bells(broker) == [["chores", first.pk], ["chores", second.pk]]


@pytest.mark.django_db(transaction=True)
def test_losing_redis_loses_no_work(broker, settings, caplog):
    workspace = new_workspace("acme")
    there = installed.REDIS_URL
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    with scope(workspace.pk):
        chore("kept")
        lanes.ring("chores")
    assert lanes.sweep() == 1
    assert bells(broker) == []
    assert "doorbell not rung" in caplog.text
    settings.REDIS_URL = there
    lanes.sweep()
    assert bells(broker) == [["chores", workspace.pk]]
    broker.flushdb()
    lanes.sweep()
    assert bells(broker) == [["chores", workspace.pk]]


def test_draining_does_all_that_is_due(in_scope, other_workspace):
    for number in range(30):
        chore(f"{number}", key="same")
    chore("later", due=timedelta(minutes=1))
    with scope(other_workspace.pk):
        chore("theirs")
    assert lanes.drain("chores") == 31
    assert [name for name, state in states().items() if state != "done"] == ["later"]


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_do_each_row_once_and_each_key_in_order():
    workspace = new_workspace("acme")
    with scope(workspace.pk):
        for number in range(120):
            chore(f"{number}", key=["a", "b", "c", ""][number % 4])
    done: list[tuple[str, int]] = []
    together = threading.Barrier(4)
    ours = lane(lambda row: done.append((row.order_key, int(row.summary))), batch=7)

    def worker() -> None:
        together.wait(10)
        while lanes.run_batch(ours, workspace.pk) or not is_empty():
            pass
        connection.close()

    def is_empty() -> bool:
        with scope(workspace.pk):
            return not CHORES.objects.filter(lanes.OPEN).exists()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(number for _, number in done) == list(range(120))
    for key in "abc":
        line = [number for one, number in done if one == key]
        assert line == sorted(line)


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_holds_is_skipped_and_so_is_what_stands_behind_it():
    workspace = new_workspace("acme")
    with scope(workspace.pk):
        for name, key in [("held", "a"), ("behind", "a"), ("free", "b")]:
            chore(name, key=key)
    others: list[str] = []

    def another() -> None:
        with scope(workspace.pk):
            others.extend(row.summary for row in lanes.claim(lane()))
        connection.close()

    with scope(workspace.pk):
        list(CHORES.objects.filter(summary="held").select_for_update())
        thread = threading.Thread(target=another)
        thread.start()
        thread.join(10)
    assert others == ["free"]


def test_the_cache_is_only_a_shortcut(db):
    cache.clear()
    assert lanes.sweep() == 0
