"""A whole installation as `manage.py up` runs it, but with two of each process that may be two, and killable."""

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from signal import SIGKILL, Signals
from typing import Any

import httpx
import psycopg
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from omnidesk.embedded import postgres, programs, redis
from omnidesk.embedded.folder import DataFolder, keys
from omnidesk.embedded.supervisor import Child, Supervisor
from tests.faults.storm.store import Store

UP_WITHIN = 120  # seconds
WORKERS, WEBS, BEATS = ("worker", "worker-2"), ("web", "web-2"), ("beat", "beat-2")
OUTSIDE = ("outside", "outside-2")  # who sends, fetches and reads mailboxes
LANES = {
    "inbound": "channels_ingest_inboundevent",
    "send": "conversations_delivery",
    "files": "channels_ingest_filefetch",
    "reactions": "conversations_reaction",
    "bulk": "conversations_bulkitem",
}
# Whoever has written an entry and has not committed it is in the middle of a batch, or of an answer.
IN_THE_MIDDLE = """
    SELECT FROM pg_locks WHERE relation = 'conversations_entry'::regclass AND mode = 'RowExclusiveLock'
"""


@dataclass
class Program(Child):
    """A child that a fault can keep down for a while."""

    down_until: float = 0

    def look_after(self, keep_open: int) -> None:
        """Start it again as the supervisor does, unless it is to stay down."""
        if self.process is not None or time.monotonic() >= self.down_until:
            super().look_after(keep_open)


class Installation:
    """`bring_up` and `supervise` belong to the main thread: children die with the thread that started them."""

    def __init__(self, folder: DataFolder) -> None:
        self.folder = folder
        self.ports = [free_port(), free_port()]
        self.supervisor = Supervisor(keep_open=folder.lock)
        self.store = Store(folder.path / "files")
        self._redis = str(folder.redis_socket / redis.SOCKET)
        self.programs: dict[str, Program] = {}

    def environment(self, twilio_url: str) -> dict[str, str]:
        """What every process of it must find, this one too."""
        url = f"http://127.0.0.1:{self.ports[0]}"
        return keys(self.folder.path) | {
            "DATABASE_URL": postgres.url(self.folder.postgres_socket),
            "REDIS_URL": redis.url(self.folder.redis_socket),
            "OMNIDESK_DATA": str(self.folder.path),
            "MEDIA_ROOT": str(self.store.path),
            "HOST": "127.0.0.1",
            "PORT": str(self.ports[0]),
            "PUBLIC_URL": url,
            "OMNIDESK_PROVIDER_URLS": f'{{"twilio": "{twilio_url}"}}',
            "BEHIND_PROXY": "1",  # so that each visitor of a chat has an address of their own
            "DEMO": "0",
            "LOG_LEVEL": "ERROR",
        }

    @property
    def urls(self) -> list[str]:
        """Where each web process listens."""
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def bring_up(self, environment: Mapping[str, str]) -> None:
        """Start everything, on a new database."""
        postgres.initialise(self.folder.postgres)
        self._start("postgres", programs.postgres_server(self.folder))
        self._start("redis", programs.redis_server(self.folder))
        self.supervise(lambda: not self.is_up("postgres") or not self.is_up("redis"))
        postgres.prepare(self.folder.postgres_socket)
        migrate = programs.manage("migrate", environment, "migrate", "--no-input", "--verbosity=0")
        assert self.supervisor.run(migrate) == 0, "the migrations failed"
        for name in BEATS:
            self._start(name, programs.beat(environment, schedule=self.folder.path / name))
        for name in WORKERS:
            worker = programs.worker(environment, processes="1")
            self._start(name, replace(worker, command=[*worker.command, "--hostname", f"{name}@storm"]))
        for name in OUTSIDE:
            outside = programs.outside(environment)
            self._start(name, replace(outside, command=[*outside.command, "--hostname", f"{name}@storm"]))
        for name, port in zip(WEBS, self.ports, strict=True):
            web = programs.web(environment)
            command = [str(port) if word == str(settings.PORT) else word for word in web.command]
            self._start(name, replace(web, command=command))
        deadline = time.monotonic() + UP_WITHIN
        self.supervise(lambda: not self.is_ready() and time.monotonic() < deadline)
        assert self.is_ready(), "the installation did not become ready"

    def supervise(self, going_on: Callable[[], bool]) -> None:
        """Start again what dies, for as long as something goes on."""
        self.supervisor.wait_until(lambda: not going_on())

    def stop(self) -> None:
        """End all processes."""
        for program in self.programs.values():
            self.signal(program.name, Signals.SIGCONT)
        self.supervisor.stop()

    def is_up(self, name: str) -> bool:
        """Whether a server answers."""
        if name == "postgres":
            return postgres.is_ready(self.folder.postgres_socket)
        return redis.is_ready(self.folder.redis_socket)

    def is_ready(self) -> bool:
        """Whether every web process says that all is well."""
        with suppress(httpx.HTTPError):
            return all(
                httpx.get(f"{url}/readyz", trust_env=False, timeout=5).status_code == 200 for url in self.urls
            )
        return False

    def signal(self, name: str, number: Signals, *, group: bool = False) -> None:
        """Send a signal to a program, or to all of its process group."""
        process = self.programs[name].process
        if process is not None and process.poll() is None:
            with suppress(ProcessLookupError):
                (os.killpg if group else os.kill)(process.pid, number)

    def kill(self, *names: str, group: bool = True, number: Signals = SIGKILL, down: float = 0) -> None:
        """Kill programs; the supervisor starts them again, `down` seconds later at the earliest."""
        for name in names:
            self.programs[name].down_until = time.monotonic() + down
            self.signal(name, number, group=group)

    def flush_redis(self) -> None:
        """Let Redis forget everything; nothing happens while it is away."""
        with suppress(RedisError), Redis(unix_socket_path=self._redis, socket_timeout=2) as client:
            client.flushall()

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a superuser's question is answered; nothing while PostgreSQL is away."""
        address = postgres.url(self.folder.postgres_socket).replace("omnidesk@", "postgres@", 1)
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=2) as connection:
                found = connection.execute(sql.encode(), values)
                return found.fetchall() if found.description else []
        except psycopg.OperationalError:
            return []

    def await_the_middle(self, seconds: float = 3) -> None:
        """Wait until something has been written that is not committed, or for some seconds."""
        deadline = time.monotonic() + seconds
        while not self.ask(IN_THE_MIDDLE) and time.monotonic() < deadline:
            time.sleep(0.01)

    def open_rows(self) -> dict[str, int] | None:
        """How many rows of each lane still wait or are in hand; None while PostgreSQL is away."""
        found = {}
        for lane, table in LANES.items():
            if not (rows := self.ask(f"SELECT count(*) FROM {table} WHERE {self._is_open(lane)}")):
                return None
            found[lane] = rows[0][0]
        return found

    def hurry(self) -> None:
        """Let leases and pauses run out now. News of a message that nobody knows spends all its tries so: it fails
        where it would be ignored after a minute."""
        for lane, table in LANES.items():
            self.ask(f"UPDATE {table} SET due_at = now() WHERE due_at > now() AND {self._is_open(lane)}")

    def _is_open(self, lane: str) -> str:
        # Whether a visitor has fetched an answer is looked at a minute later: no part of the storm.
        return "state IN ('pending', 'taken')" + (" AND step <> 'away'" if lane == "reactions" else "")

    def _start(self, name: str, child: Child) -> None:
        program = Program(**vars(replace(child, name=name)))
        self.programs[name] = program
        self.supervisor.start(program)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
