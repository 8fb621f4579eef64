"""Whether this installation works: for load balancers, monitors and `manage.py up`."""

import time
from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from tenancy.tasks import HEARTBEAT

LATE_AFTER = 30  # seconds; workers that are all deep in slow batches answer late, not never


class NotReady(Exception):
    """What is missing, in a few words."""


def healthz(request: HttpRequest) -> HttpResponse:
    """200 when this process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, Redis, migrations and a worker's heartbeat are good; else 503 that says which is not."""
    found = {name: _state(check) for name, check in CHECKS.items()}
    is_ready = all(state == "ok" for state in found.values())
    return JsonResponse({"ready": is_ready, **found}, status=200 if is_ready else 503)


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as reason:
        return str(reason)
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer is that it does not work
        return type(error).__name__
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    cache.get(HEARTBEAT)


_migrated: set[str] = set()


def _migrations() -> None:
    """Asked of the database until it is good once: a process does not outlive its own code."""
    if _migrated:
        return
    executor = MigrationExecutor(connection)
    if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady(f"{len(waiting)} not applied")
    _migrated.add("yes")


def _worker() -> None:
    beat = cache.get(HEARTBEAT)
    if beat is None:
        raise NotReady("no heartbeat yet")
    if (age := time.time() - beat) > LATE_AFTER:
        raise NotReady(f"last heartbeat {age:.0f} s ago")


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "redis": _redis,
    "migrations": _migrations,
    "worker": _worker,
}
