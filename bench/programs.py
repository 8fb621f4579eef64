"""The programs of an installation, started with the command lines that `manage.py up` starts them with."""

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from django.core.management import call_command
from django.test import override_settings

from omnidesk.embedded import preparation, programs
from omnidesk.embedded.supervisor import Child

HOST = "127.0.0.1"
WITHIN = 30  # seconds for anything that is waited for


@contextmanager
def served(*, processes: int = 0) -> Iterator[str]:
    """A web server, and with `processes` all the rest of an installation; gives host and port."""
    if processes:
        with installation(processes=processes) as (place, _):
            yield place
        return
    place = free_place()
    with running(web(place)):
        yield place


@contextmanager
def installation(*, processes: int = 2) -> Iterator[tuple[str, dict[str, int]]]:
    """Web, workers of so many processes, and the clock; gives host and port, and the process ids by name."""
    place = free_place()
    facts = environment(place)
    if preparation.lacks_static_files():
        call_command("collectstatic", interactive=False, verbosity=0)
    with TemporaryDirectory() as folder, ExitStack() as started:
        children = [
            web(place),
            programs.worker(facts, processes=str(processes)),
            programs.outside(facts),
            programs.beat(facts, schedule=Path(folder, "schedule")),
        ]
        yield place, {child.name: started.enter_context(running(child)) for child in children}


def web(place: str) -> Child:
    """The web server, to be started at a host and port."""
    host, _, port = place.partition(":")
    with override_settings(HOST=host, PORT=int(port)):
        return programs.web(environment(place))


def bare(place: str) -> Child:
    """The same web server with `bench.bare` in it instead of Omnidesk."""
    child = web(place)
    child.command[child.command.index("omnidesk.asgi:application")] = "bench.bare:application"
    return child


def environment(place: str) -> Mapping[str, str]:
    """What the programs of an installation at a host and port find in their environment."""
    host, _, port = place.partition(":")
    return os.environ | {"HOST": host, "PORT": port, "PUBLIC_URL": f"http://{place}"}


def memory(process: int) -> float:
    """Kilobytes of memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text()
    return float(status.partition("VmRSS:")[2].split()[0])


def worked(process: int) -> float:
    """Seconds that a process has worked for, on whatever core."""
    ticks = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(child: Child) -> Iterator[int]:
    """A program until the block ends; gives its process id. A web server answers before the block begins."""
    with Path(os.devnull).open("rb") as nothing:
        child.start(nothing.fileno())
        try:
            if child.name == "web":
                address = dict(zip(child.command, child.command[1:], strict=False))
                wait_for(f"http://{address['--host']}:{address['--port']}/healthz")
            assert child.process is not None
            yield child.process.pid
        finally:
            child.stop(lambda: False)


def free_place() -> str:
    """A host and a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return f"{HOST}:{probe.getsockname()[1]}"


def wait_for(address: str) -> None:
    """Wait until a server answers. Raises TimeoutError."""
    end = time.monotonic() + WITHIN
    while time.monotonic() < end:
        try:
            httpx.get(address, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)
