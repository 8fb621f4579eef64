"""Requests a second of the list and of a thread, over HTTP, four at once, beside a bare Django page.

gunicorn with two sync workers serves the project, then the bare page (bench.bare_page) with the same settings; as
many clients ask both, on the same machine.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection

from django.conf import settings

from bench.harness import Figure
from bench.inbox import FEW, PAGES, Crowded, crowded

AT_ONCE, WORKERS = 4, 2
WARM_UP, REQUESTS = 40, 400
READY_WITHIN = 60  # seconds
NOTE = f"{AT_ONCE} at once, gunicorn with {WORKERS} sync workers, {FEW:,} conversations"


def main() -> list[Figure]:
    """Measure each page, then the floor."""
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    crowd = crowded(FEW)
    cookie = f"{settings.SESSION_COOKIE_NAME}={crowd.browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    with _serving("omnidesk.wsgi:application") as port:
        measured = {name: _rate(port, _path(crowd, PAGES[name]), cookie) for name in PAGES}
    with _serving("bench.bare_page:application", BARE_WORKSPACE=str(crowd.workspace.pk)) as port:
        floor = _rate(port, "/", "")
    return [Figure(name, rate, "requests/s", floor, NOTE) for name, rate in measured.items()]


def _path(crowd: Crowded, page: str) -> str:
    return f"/w/{crowd.workspace.slug}/inbox/{page.format(middle=crowd.middle, thread=crowd.thread)}"


def _rate(port: int, path: str, cookie: str) -> float:
    """Requests that are answered in a second."""

    def ask(_: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == 200, answer.status

    with ThreadPoolExecutor(AT_ONCE) as clients:
        list(clients.map(ask, range(WARM_UP)))
        started = time.perf_counter()
        list(clients.map(ask, range(REQUESTS)))
        return REQUESTS / (time.perf_counter() - started)


@contextmanager
def _serving(application: str, **environment: str) -> Iterator[int]:
    """The port of an application behind gunicorn."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--log-level", "warning"]
    server = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
