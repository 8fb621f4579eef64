"""A row over which workers die is tried alone, and given up."""

import pytest
from django.core.cache import cache

from tenancy.batches import run_batch
from tenancy.crashes import DEATHS
from tests.tenancy.chores import chore, lane, states


class Killed(BaseException):
    """The worker's process ends here and now, as by SIGKILL: nothing catches it."""


@pytest.fixture(autouse=True)
def forgetful():
    cache.clear()


@pytest.fixture
def run(in_scope, monkeypatch):
    """Run a batch in a process that may die; the dead clean up nothing."""
    seen: list[str] = []

    def work(row):
        seen.append(row.summary)
        if row.summary == "poison":
            monkeypatch.setattr(cache, "delete_many", lambda _: None)
            raise Killed

    def run() -> list[str]:
        seen.clear()
        try:
            run_batch(lane(work), in_scope.pk)
        except Killed:
            monkeypatch.undo()
        return list(seen)

    return run


def test_a_row_that_kills_its_worker_takes_nobody_along(run):
    for name in ("before", "poison", "after"):
        chore(name)
    assert run() == ["before", "poison"]
    assert states() == dict.fromkeys(("before", "poison", "after"), "pending")
    assert run() == ["before"]
    for _ in range(DEATHS - 1):
        assert run() == ["poison"]
    assert run() == []
    assert run() == ["after"]
    assert states() == {"before": "done", "poison": "failed", "after": "done"}


def test_without_the_cache_work_goes_on(in_scope, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }
    chore("a")
    assert run_batch(lane(), in_scope.pk) == 1
    assert states() == {"a": "done"}
