"""Children are kept running, are told apart, and never outlive their supervisor."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL, SIGTERM

import pytest

from omnidesk.embedded.processes import leashed
from omnidesk.embedded.supervisor import AskedToStop, Child, Supervisor

FOREVER = "import time; time.sleep(600)"
DEAF = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
)


def python(name: str, code: str, **options) -> Child:
    return Child(name, [sys.executable, "-c", code], folder=Path("/"), **options)


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with open(os.devnull) as keep_open:
        supervisor = Supervisor(keep_open.fileno())
        yield supervisor
        supervisor.stop()


def within(seconds: float, condition: Callable[[], bool]) -> Callable[[], bool]:
    deadline = time.monotonic() + seconds

    def holds() -> bool:
        assert time.monotonic() < deadline
        return condition()

    return holds


def pid_of(child: Child) -> int:
    return child.process.pid if child.process else 0


def has_ended(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_child_that_died_is_started_again(supervisor, capfd):
    child = python("worker", FOREVER)
    supervisor.start(child)
    first = pid_of(child)
    os.kill(first, SIGKILL)
    supervisor.wait_until(within(5, lambda: pid_of(child) not in {0, first}))
    assert "worker   | ended with -9; starting again in 0.5 s\n" in capfd.readouterr().out


def test_pauses_double_while_a_child_keeps_dying(supervisor, capfd):
    supervisor.start(python("web", "raise SystemExit(3)"))
    supervisor.wait_until(within(5, lambda: supervisor.children[0].deaths == 3))
    told = [line for line in capfd.readouterr().out.splitlines() if "again" in line]
    assert told == [f"web      | ended with 3; starting again in {pause} s" for pause in ("0.5", "1", "2")]


def test_what_a_dead_child_leaves_behind_is_ended(supervisor, tmp_path):
    note = tmp_path / "pid"
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {FOREVER!r}])"
    code += f"; open({str(note)!r}, 'w').write(str(p.pid)); p.returncode = 0"
    assert supervisor.run(python("worker", code)) == 0
    supervisor.wait_until(within(5, lambda: has_ended(int(note.read_text()))))


def test_a_child_that_does_not_heed_its_signal_is_ended_by_force(supervisor, capfd):
    child = python("web", DEAF, patience=0.2)
    supervisor.start(child)
    supervisor.wait_until(within(5, lambda: "deaf" in capfd.readouterr().out))
    pid = pid_of(child)
    supervisor.stop()
    assert has_ended(pid)


def test_children_are_stopped_the_last_one_first(supervisor, capfd):
    code = "import signal, sys; signal.signal(15, lambda *_: sys.exit(print('bye'))); print('up', flush=True)"
    for name in ("redis", "web"):
        supervisor.start(python(name, f"{code}; signal.pause()"))
    told = ""

    def both_are_up() -> bool:
        nonlocal told
        told = f"{told}{capfd.readouterr().out}"
        return told.count("up") == 2

    supervisor.wait_until(within(5, both_are_up))
    supervisor.stop()
    time.sleep(0.1)  # the threads that tell the last lines
    assert capfd.readouterr().out == "web      | bye\nredis    | bye\n"


def test_being_asked_to_stop_ends_the_wait(supervisor):
    supervisor.times_asked = 1
    with pytest.raises(AskedToStop):
        supervisor.wait_until(lambda: False)


@contextmanager
def parent_of_leashed_child() -> Iterator[tuple[subprocess.Popen[str], int]]:
    child = leashed([sys.executable, "-c", f"print('up', flush=True); {FOREVER}"], death_signal=SIGTERM)
    code = (
        f"import subprocess; p = subprocess.Popen({child!r}, start_new_session=True, stdout=subprocess.PIPE)"
    )
    code += "; p.stdout.readline(); print(p.pid, flush=True); p.wait()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        yield parent, int(parent.stdout.readline())


def test_a_leashed_child_dies_with_its_parent(supervisor):
    with parent_of_leashed_child() as (parent, child):
        assert not has_ended(child)
        parent.kill()
        supervisor.wait_until(within(5, lambda: has_ended(child)))
