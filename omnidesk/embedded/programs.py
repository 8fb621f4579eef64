"""The programs of one installation: their command lines, and how each of them is ended."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from signal import SIGINT, SIGKILL

from django.conf import settings

from omnidesk.embedded import postgres, redis
from omnidesk.embedded.folder import DataFolder
from omnidesk.embedded.processes import leashed
from omnidesk.embedded.supervisor import Child

# PostgreSQL cannot enter every folder that its starter stands in.
ANYWHERE = Path("/")
# Bytes of one message: a frame of the widget has half of it at most. Unread ones wait in memory.
MOST_ON_A_SOCKET = 128 * 1024
# How many servers may keep us waiting at once before others wait as well.
SLOTS = 8
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def postgres_server(folder: DataFolder) -> Child:
    """The embedded PostgreSQL."""
    command = postgres.command(data=folder.postgres, sockets=folder.postgres_socket)
    return Child("postgres", command, folder=ANYWHERE, stop_signal=SIGINT, patience=60)


def redis_server(folder: DataFolder) -> Child:
    """The embedded Redis."""
    return Child("redis", redis.command(data=folder.redis, sockets=folder.redis_socket), folder=ANYWHERE)


def web(environment: Mapping[str, str]) -> Child:
    """Pages, API, webhooks and live updates, in one process."""
    address = ["--host", settings.HOST, "--port", str(settings.PORT)]
    quiet = ["--log-level", "warning", "--no-access-log", "--no-server-header", "--lifespan", "off"]
    proxy = "--proxy-headers" if os.environ.get("BEHIND_PROXY") else "--no-proxy-headers"
    # What is pushed is short, and compressing it takes more memory than all else about a socket.
    sockets = ["--ws-max-size", str(MOST_ON_A_SOCKET), "--ws-per-message-deflate", "false"]
    options = [
        *address,
        *quiet,
        proxy,
        *sockets,
        "--timeout-graceful-shutdown",
        "5",
    ]
    return _python("web", environment, "-m", "uvicorn", "omnidesk.asgi:application", *options)


def worker(environment: Mapping[str, str], *, processes: str) -> Child:
    """What takes work from the lanes."""
    return _celery(
        "worker", environment, "worker", *QUIET, "--queues", "celery,lanes", "--concurrency", processes
    )


def outside(environment: Mapping[str, str]) -> Child:
    """What sends, fetches and reads mailboxes: it mostly waits for other servers, and so has threads."""
    name = ["--hostname", "outside@%h", "--queues", "outside"]
    slots = ["--pool", "threads", "--concurrency", str(SLOTS)]
    return _celery("outside", environment, "worker", *QUIET, *name, *slots)


def beat(environment: Mapping[str, str], *, schedule: Path) -> Child:
    """The clock that rings for work nobody took."""
    return _celery("beat", environment, "beat", "--schedule", str(schedule), "--pidfile=")


def providers(environment: Mapping[str, str], *, told: Path) -> Child:
    """The demo's made-up providers, with a page on which to play the customer."""
    return _python("providers", environment, "-m", "tests.providers.playground", str(told))


def manage(name: str, environment: Mapping[str, str], *arguments: str) -> Child:
    """A management command, run to its end."""
    return _python(name, environment, "manage.py", *arguments)


def _celery(name: str, environment: Mapping[str, str], *arguments: str) -> Child:
    options = ["--quiet", "--app", "omnidesk", *arguments, "--loglevel", "WARNING"]
    return _python(name, environment, "-m", "celery", *options)


def _python(name: str, environment: Mapping[str, str], *arguments: str) -> Child:
    # A kill can spoil nothing that these hold: work lies in the database.
    command = leashed([sys.executable, *arguments], death_signal=SIGKILL)
    merged = {**os.environ, **environment, "PYTHONUNBUFFERED": "1"}
    return Child(name, command, folder=settings.BASE_DIR, environment=merged)
