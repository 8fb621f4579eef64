"""What load balancers and monitors ask."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from omnidesk import health
from tenancy.tasks import HEARTBEAT, heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    monkeypatch.setattr(health, "_migrated", set())
    cache.delete(HEARTBEAT)


def readyz() -> tuple[int, dict[str, object]]:
    response = Client().get("/readyz")
    return response.status_code, response.json()


GOOD = {"ready": True, "database": "ok", "redis": "ok", "migrations": "ok", "worker": "ok"}


def test_healthz_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Client().get("/healthz").status_code == 200


def test_ready_when_all_is_good():
    heartbeat()
    assert readyz() == (200, GOOD)


def test_a_missing_and_a_late_heartbeat_are_named(time_machine):
    assert readyz() == (503, GOOD | {"ready": False, "worker": "no heartbeat yet"})
    time_machine.move_to("2026-11-23 10:00Z", tick=False)
    heartbeat()
    time_machine.shift(health.LATE_AFTER + 1)
    assert readyz()[1]["worker"] == "last heartbeat 31 s ago"


def test_a_migration_that_is_not_applied_is_named():
    heartbeat()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert readyz() == (503, GOOD | {"ready": False, "migrations": "1 not applied"})


def test_good_migrations_are_not_asked_for_again(django_assert_num_queries):
    heartbeat()
    readyz()
    with django_assert_num_queries(1):
        readyz()


def test_redis_down_is_named(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }
    status, answer = readyz()
    assert (status, answer["redis"], answer["worker"]) == (503, "ConnectionError", "ConnectionError")


def test_metrics_are_for_prometheus():
    assert b"django_http_requests_total" in Client().get("/metrics").content
