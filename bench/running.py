"""Omnidesk's own programs on the servers at hand, for benchmarks that measure the whole of it."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from signal import SIGKILL

import httpx
from django.core.management import call_command
from django.test import override_settings

from omnidesk.embedded import preparation, programs

HOST = "127.0.0.1"
WITHIN = 60  # seconds for anything that is waited for


@contextmanager
def running(*, processes: int = 2) -> Iterator[tuple[str, dict[str, int]]]:
    """Web and workers, as `manage.py up` starts them; gives host and port, and the process ids by name."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    if preparation.lacks_static_files():
        call_command("collectstatic", interactive=False, verbosity=0)
    own = {"HOST": HOST, "PORT": str(port), "PUBLIC_URL": f"http://{HOST}:{port}"}
    with override_settings(PORT=port):
        children = [programs.web(own), programs.worker(own, processes=str(processes)), programs.outside(own)]
    started = {
        child.name: subprocess.Popen(
            child.command, cwd=child.folder, env=child.environment, start_new_session=True
        )
        for child in children
    }
    try:
        _wait_for(f"http://{HOST}:{port}/healthz")
        yield f"{HOST}:{port}", {name: process.pid for name, process in started.items()}
    finally:
        for process in started.values():
            os.killpg(process.pid, SIGKILL)
            process.wait()


def _wait_for(address: str) -> None:
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
