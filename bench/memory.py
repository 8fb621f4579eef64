"""How much memory web and workers hold while events come by the ten thousand: it has to stay what it was.

Texts come in by the real webhook, each is worked on to its entry, and for every few of them an agent looks at the
inbox. `MEMORY_EVENTS` says how many, 100,000 if it does not. Private memory (RssAnon) is read along the way; once
everything is warm, a straight line through the readings says what a thousand events add.
"""

import base64
import hmac
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha1
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import fmean, linear_regression
from threading import Lock
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from bench.harness import Figure, new_workspace
from bench.programs import installation
from bench.texts import ACCOUNT, FORM, NUMBER, TOKEN
from channels_ingest.models import InboundEvent
from conversations.models import Entry
from conversations.services.channels import create_channel
from tenancy.lanes import OPEN
from tenancy.models import Workspace
from tenancy.scope import scope

EVENTS = int(os.environ.get("MEMORY_EVENTS", "100000"))
READINGS = 50
WARM = 0.5  # of all events, after which nothing may grow any more
SENDERS, AT_ONCE, VIEW_EVERY = 500, 2, 10
AHEAD = 1000  # events that may wait for the workers
PATIENCE = 600  # seconds without an event being done

Readings = dict[str, list[tuple[float, float]]]  # of each program: (thousands of events, megabytes)


def main() -> list[Figure]:
    """Megabytes when warm and at the end, and what a thousand events add, of each program."""
    workspace = new_workspace("memory")
    config = {"number": NUMBER, "account_sid": ACCOUNT}
    with scope(workspace.pk):
        _, token = create_channel(kind="sms", name="Texts", config=config, secrets={"auth_token": TOKEN})
    with installation() as (place, pids):
        readings = _measured(workspace, Feed(workspace, place, token), pids)
    return [figure for name, points in readings.items() for figure in _figures(name, points)]


class Feed:
    """Connections that bring texts and look at the inbox."""

    def __init__(self, workspace: Workspace, place: str, token: str) -> None:
        self.place, self.path = place, f"/hooks/twilio-sms/{token}/"
        self.inbox, self.cookie = f"/w/{workspace.slug}/inbox/", _cookie(workspace)
        self._numbers, self._lock = count(), Lock()

    def bring(self, events: int) -> None:
        """Bring so many texts, by several connections at once."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(self._bring, [events // AT_ONCE] * AT_ONCE))

    def _bring(self, events: int) -> None:
        line = HTTPConnection(self.place, timeout=60)
        for _ in range(events):
            with self._lock:
                number = next(self._numbers)
            form = _text(number)
            signed = f"http://{self.place}{self.path}" + "".join(name + form[name] for name in sorted(form))
            signature = base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), sha1).digest()).decode()
            headers = {"Content-Type": FORM, "X-Twilio-Signature": signature}
            _asked(line, "POST", self.path, urlencode(form), headers)
            if number % VIEW_EVERY == 0:
                _asked(line, "GET", self.inbox, None, {"Cookie": self.cookie})
        line.close()


def _asked(
    line: HTTPConnection, method: str, path: str, body: str | None, headers: Mapping[str, str]
) -> None:
    line.request(method, path, body, dict(headers))
    response = line.getresponse()
    response.read()
    assert response.status == 200, response.status


def _text(number: int) -> dict[str, str]:
    return {
        "MessageSid": f"SM{number:032x}",
        "AccountSid": ACCOUNT,
        "From": f"+1206557{number % SENDERS:04}",
        "To": NUMBER,
        "Body": f"The order {number} was due on Tuesday. Could you ask the courier where it is?",
        "NumMedia": "0",
        "NumSegments": "1",
    }


def _cookie(workspace: Workspace) -> str:
    """The cookie of a browser in which the workspace's owner has signed in."""
    user = workspace.seats.get().user
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _measured(workspace: Workspace, feed: Feed, pids: Mapping[str, int]) -> Readings:
    readings: Readings = {}
    for step in range(1, READINGS + 1):
        feed.bring(EVENTS // READINGS)
        _until(workspace, AHEAD if step < READINGS else 1)
        for name, megabytes in _held(pids):
            readings.setdefault(name, []).append((step * EVENTS / READINGS / 1000, megabytes))
    with scope(workspace.pk):
        assert (
            Entry.objects.filter(kind="message").count() == EVENTS // READINGS // AT_ONCE * AT_ONCE * READINGS
        )
    return readings


def _until(workspace: Workspace, ahead: int) -> None:
    """Wait until fewer events than that wait for the workers."""
    fewest, end = float("inf"), time.monotonic() + PATIENCE
    while True:
        with scope(workspace.pk):
            waiting = InboundEvent.objects.filter(OPEN).count()
        if waiting < ahead:
            return
        if waiting < fewest:
            fewest, end = waiting, time.monotonic() + PATIENCE
        assert time.monotonic() < end, "the workers do nothing"
        time.sleep(0.2)


def _held(pids: Mapping[str, int]) -> Iterator[tuple[str, float]]:
    """The private memory of each program; of the worker that of the processes that work."""
    yield "web", _private(pids["web"])
    children = Path(f"/proc/{pids['worker']}/task/{pids['worker']}/children").read_text().split()
    for number, pid in enumerate(sorted(map(int, children)), start=1):
        yield f"worker process {number}", _private(pid)
    yield "outside", _private(pids["outside"])


def _private(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) / 1024


def _figures(name: str, points: list[tuple[float, float]]) -> Iterator[Figure]:
    warm = points[int(len(points) * WARM) :]
    tenth = max(1, len(warm) // 10)
    first, last = (fmean(megabytes for _, megabytes in part) for part in (warm[:tenth], warm[-tenth:]))
    slope, _ = linear_regression(*zip(*warm, strict=True))
    yield Figure(f"{name}, at the end", last, "MB", first, f"floor: when warm; {EVENTS:,} events")
    yield Figure(f"{name}, a thousand events add", slope * 1024, "KB")
