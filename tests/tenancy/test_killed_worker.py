"""kill -9 of a real Celery worker in the middle of a batch."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from tenancy.models import Brand
from tenancy.scope import scope
from tenancy.tasks import work
from tests.people import new_workspace
from tests.tenancy.chores import HELD, LOCK, chore, states

NAMES = ("before", "hold", "after")
DONE = {f"done {name}" for name in NAMES}


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker with one process, on this test's database, that knows the lane."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    command = [sys.executable, "-m", "celery", "--app", "omnidesk", "worker", "--queues", "lanes"]
    options = ["--pool", "solo", "--include", "tests.tenancy.held_lane", "--loglevel", "WARNING"]
    process = subprocess.Popen(
        [*command, *options, "--without-gossip", "--without-mingle"],
        env={**os.environ, "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(come: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not come():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def asked(sql: str, *parameters: int) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return (cursor.fetchone() or [None])[0]


def waiting() -> bool:
    """Whether the worker stands before the lock, in the middle of its batch."""
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
    return asked(held, LOCK) == 1


def is_alone() -> bool:
    """Whether the database has noticed that the worker is gone."""
    return asked("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_in_the_middle_of_a_batch_loses_nothing_and_does_nothing_twice():
    workspace = new_workspace("acme")
    with scope(workspace.pk):
        for name in NAMES:
            chore(name, key="same")
    asked("SELECT pg_advisory_lock(%s)", LOCK)
    with worker() as first:
        work.apply_async((HELD, workspace.pk))
        wait_until(waiting)
        first.send_signal(signal.SIGKILL)
        first.wait()
    asked("SELECT pg_advisory_unlock(%s)", LOCK)
    wait_until(is_alone)
    with scope(workspace.pk):
        assert states() == dict.fromkeys(NAMES, "pending")
        assert not Brand.objects.filter(name__in=DONE).exists()

    def is_done() -> bool:
        with scope(workspace.pk):
            return set(states().values()) == {"done"}

    with worker():
        work.apply_async((HELD, workspace.pk))
        wait_until(is_done)
    with scope(workspace.pk):
        assert set(Brand.objects.filter(name__startswith="done ").values_list("name", flat=True)) == DONE
