"""Child processes that are kept running, with their lines told under their names, and ended in order."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, Signals, signal
from typing import IO

TICK = 0.1
LASTING = 10  # seconds that a child must have lived for its death to count as its first
LONGEST_PAUSE = 30


class AskedToStop(Exception):
    """A signal, or Ctrl-C, asked the supervisor to stop."""


def tell(line: str) -> None:
    """Print one line, whole even when several threads print; nobody may be reading any more."""
    with suppress(OSError, ValueError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def say(name: str, line: str) -> None:
    """Print one line under a name."""
    tell(f"{name:<8} | {line.rstrip()}")


@dataclass
class Child:
    """A process to keep running. `patience`: seconds it has to end by itself after `stop_signal`."""

    name: str
    command: list[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    stop_signal: Signals = SIGTERM
    patience: float = 10
    process: subprocess.Popen[str] | None = None
    deaths: int = 0
    started: float = 0
    due: float = 0

    def start(self, keep_open: int) -> None:
        """Start the process, which inherits the file descriptor `keep_open`."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=[keep_open],
            start_new_session=True,
        )
        threading.Thread(target=_say_all, args=[self.name, self.process.stdout], daemon=True).start()

    def look_after(self, keep_open: int) -> None:
        """Start the process again when it has died and its pause is over; pauses double while it keeps dying."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start(keep_open)
        elif self.process.poll() is not None:
            self.sweep()
            self.deaths = 1 if now - self.started > LASTING else self.deaths + 1
            pause = min(2.0 ** (self.deaths - 2), LONGEST_PAUSE)
            say(self.name, f"ended with {self.process.returncode}; starting again in {pause:g} s")
            self.process, self.due = None, now + pause

    def stop(self, is_urgent: Callable[[], bool]) -> None:
        """End the process: by its signal, and by SIGKILL when its patience is over or the matter is urgent."""
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        deadline = time.monotonic() + self.patience
        while self.process.poll() is None and time.monotonic() < deadline and not is_urgent():
            time.sleep(0.02)
        self.process.kill()
        self.process.wait()
        self.sweep()

    def sweep(self) -> None:
        """End what the dead process left behind of its own children (a worker killed by force leaves its pool)."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, SIGKILL)


class Supervisor:
    """Keeps children running from `start` until `stop`, whenever it is given the time to, in `wait_until`."""

    def __init__(self, keep_open: int) -> None:
        self.keep_open = keep_open
        self.children: list[Child] = []
        self.times_asked = 0

    def heed_signals(self) -> None:
        """Take Ctrl-C, SIGTERM and the end of the terminal as being asked to stop."""
        for number in (SIGINT, SIGTERM, SIGHUP):
            signal(number, self._ask)

    def start(self, child: Child) -> None:
        """Start a child and keep it running from now on."""
        self.children.append(child)
        child.start(self.keep_open)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Look after the children until `condition` holds. Raises AskedToStop."""
        while not condition():
            self._tick()

    def run(self, child: Child) -> int:
        """Run a child to its end, the others looked after, and return its exit code. Raises AskedToStop."""
        child.start(self.keep_open)
        try:
            while child.process and child.process.poll() is None:
                self._tick()
        finally:
            child.stop(self._is_urgent)
        return child.process.returncode if child.process else 0

    def stop(self) -> None:
        """End all children, the last started first; a second Ctrl-C makes it urgent."""
        for child in reversed(self.children):
            child.stop(self._is_urgent)

    def _tick(self) -> None:
        if self.times_asked:
            raise AskedToStop
        for child in self.children:
            child.look_after(self.keep_open)
        time.sleep(TICK)

    def _ask(self, *_: object) -> None:
        self.times_asked += 1

    def _is_urgent(self) -> bool:
        return self.times_asked > 1


def _say_all(name: str, lines: IO[str]) -> None:
    with lines:
        for line in lines:
            say(name, line)
