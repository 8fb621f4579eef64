"""One real PostgreSQL and one real Redis for a whole test run, up before Django reads its settings.

A pytest plugin (`-p tests.servers`). Under xdist the first process starts the servers and the workers find
them in the environment; each has a database (by pytest-django) and a numbered Redis database of its own.
The servers die with pytest, whatever ends it. OMNIDESK_TEST_DATABASE_URL and OMNIDESK_TEST_REDIS_URL name
servers to use instead, prepared by omnidesk/embedded/roles.sql.

`python -m tests.servers [--durable] COMMAND…` runs any command on such servers; with --durable they write to
disk as an installation's do, so that a benchmark tells the truth.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from omnidesk.embedded import postgres, redis
from omnidesk.embedded.processes import give_to_servers

READY_WITHIN = 20  # seconds; far more than a loaded machine needs


class Servers:
    """The servers of one test run and the folder that they live in."""

    def __init__(self, *, durable: bool = False) -> None:
        self.durable = durable
        self.folder = Path(tempfile.mkdtemp(prefix="omnidesk-tests-"))
        self.processes: list[subprocess.Popen[bytes]] = []

    def start_postgres(self) -> str:
        sockets, data = self._make("postgres-socket"), self.folder / "postgres"
        give_to_servers(sockets)
        postgres.initialise(data)
        options = postgres.DURABLE if self.durable else postgres.THROWAWAY
        command = postgres.command(data=data, sockets=sockets, options=options)
        self._start(command, lambda: postgres.is_ready(sockets))
        postgres.prepare(sockets)
        return postgres.url(sockets)

    def start_redis(self) -> str:
        sockets, data = self._make("redis-socket"), self._make("redis")
        options = redis.DURABLE if self.durable else redis.THROWAWAY
        command = redis.command(data=data, sockets=sockets, options=options)
        self._start(command, lambda: redis.is_ready(sockets))
        return redis.url(sockets)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        return folder

    def _start(self, command: list[str], is_ready: Callable[[], bool]) -> None:
        log = self.folder / f"{len(self.processes)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd="/", stdout=output, stderr=output, start_new_session=True)
        self.processes.append(process)
        deadline = time.monotonic() + READY_WITHIN
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise pytest.UsageError(f"{command[-1]} did not start:\n{log.read_text()}")
            time.sleep(0.01)


def environment(servers: Servers) -> dict[str, str]:
    """What a test process must find in its environment: servers, started where none are named, and keys."""
    folder = servers.folder / "data"
    return {
        "DATABASE_URL": os.environ.get("OMNIDESK_TEST_DATABASE_URL") or servers.start_postgres(),
        "REDIS_URL": os.environ.get("OMNIDESK_TEST_REDIS_URL") or servers.start_redis(),
        "OMNIDESK_DATA": str(folder),
        "SECRET_KEY": "a key for tests alone, as long as Django would like it to be",
        "OMNIDESK_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }


def take_own_share(worker: str) -> None:
    """Give the xdist worker `gw<N>` the Redis database N + 1, and a data folder that only it writes to."""
    server = os.environ["REDIS_URL"].partition("?")[0]
    os.environ["REDIS_URL"] = f"{server}?db={int(worker.removeprefix('gw')) + 1}"
    os.environ["OMNIDESK_DATA"] += f"-{worker}"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start the servers before pytest-django loads the settings, in its own run of this hook."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        take_own_share(worker)
    else:
        servers = Servers()
        early_config.add_cleanup(servers.stop)
        os.environ.update(environment(servers))
    return (yield)


def main(words: list[str]) -> int:
    """Run a command on servers of its own and return its exit code."""
    durable = words[:1] == ["--durable"]
    servers = Servers(durable=durable)
    try:
        command = words[1:] if durable else words
        return subprocess.run(command, env={**os.environ, **environment(servers)}, check=False).returncode
    finally:
        servers.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
