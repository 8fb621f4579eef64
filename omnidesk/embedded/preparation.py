"""What is still to be done before the application can run; on most starts, nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.cache import cache
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler
from environ import Env
from redis import Redis

from tenancy.tasks import HEARTBEAT


def lacks_migrations(url: str) -> bool:
    """Whether a migration has not been applied to the database yet."""
    with _connected(url) as connection:
        loader = MigrationLoader(connection)
        return not set(loader.graph.nodes) <= set(loader.applied_migrations)


def lacks_workspace(url: str, slug: str) -> bool:
    """Whether there is no workspace of that slug, in a database that has its migrations."""
    with _connected(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT FROM tenancy_workspace WHERE slug = %s", [slug])
        return cursor.fetchone() is None


def lacks_static_files() -> bool:
    """Whether a style sheet, script or picture has changed since they were last collected."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return True
    found = (storage.path(path) for finder in get_finders() for path, storage in finder.list([]))
    return any(Path(path).stat().st_mtime > manifest.stat().st_mtime for path in found)


def forget_heartbeat(url: str) -> None:
    """Drop what a worker of the last run left in Redis, lest this run seem ready before it has one."""
    with Redis.from_url(url) as client:
        client.delete(cache.make_key(HEARTBEAT))


@contextmanager
def _connected(url: str) -> Iterator[BaseDatabaseWrapper]:
    # Django's own connection was set up before the servers had an address.
    where: dict[str, Any] = {**settings.DATABASES["default"], **Env.db_url_config(url)}
    connection = ConnectionHandler({"default": where})["default"]
    try:
        yield connection
    finally:
        connection.close()
