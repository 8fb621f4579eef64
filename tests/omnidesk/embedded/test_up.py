"""`manage.py up` as people start, stop and lose it: the real programs on a data folder of their own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from signal import SIGKILL, SIGTERM

import httpx
import pytest
from django.conf import settings

from omnidesk.embedded.folder import claim

PATIENCE = 90  # seconds, on a machine that runs many tests at once
GIVEN = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "OMNIDESK_ENCRYPTION_KEYS", "PUBLIC_URL", "HOST", "DEMO"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Up:
    """`manage.py up` on a data folder, started as often as a test likes."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self.log = data.with_suffix(".log")
        own = {"OMNIDESK_DATA": str(data), "PORT": str(self.port), "WORKERS": "1"}
        self.environment = {name: value for name, value in os.environ.items() if name not in GIVEN} | own
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "manage.py", "up"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=self.environment, stdout=log, stderr=log
            )
        wait_until(lambda: f"Omnidesk is ready at http://127.0.0.1:{self.port}\n" in self.log.read_text())

    def refusal(self) -> str:
        command = [sys.executable, "manage.py", "up"]
        refused = subprocess.run(
            command, cwd=settings.BASE_DIR, env=self.environment, capture_output=True, text=True, check=False
        )
        assert refused.returncode == 1
        return refused.stderr

    def children(self) -> dict[str, int]:
        """Process ids by what they run."""
        assert self.process
        pid = self.process.pid
        pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        words = {int(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in pids}
        names = ("postgres\0-D", "redis-server", "\0beat\0", "\0celery,lanes\0", "\0outside\0", "\0uvicorn\0")
        return {name: pid for name in names for pid, line in words.items() if name in line}

    def kill_children(self) -> None:
        """Kill all six, and wait until there are six others."""
        before = self.children()
        assert len(before) == 6
        for pid in before.values():
            os.kill(pid, SIGKILL)
        wait_until(lambda: len(self.children()) == 6 and not before.items() & self.children().items())

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def end(self, number: int) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    up = Up(tmp_path / "data")
    yield up
    up.end(SIGKILL)


def test_it_outlives_the_death_of_any_part_and_leaves_nothing_behind(up, tmp_path):
    up.start()
    up.kill_children()
    wait_until(up.is_ready)

    assert up.end(SIGKILL) == -SIGKILL
    up.start()

    assert up.end(SIGTERM) == 0
    said: list[str] = []
    with claim(tmp_path / "data", say=said.append):
        assert said == []


def test_a_taken_port_is_named(up):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", up.port))
        assert up.refusal() == (
            f"CommandError: cannot listen on 127.0.0.1 port {up.port}: Address already in use; "
            "HOST and PORT say where to\n"
        )


def test_a_second_instance_on_a_folder_is_refused(up, tmp_path):
    with claim(tmp_path / "data", say=print):
        assert up.refusal() == f"CommandError: another Omnidesk runs on {tmp_path / 'data'}\n"
