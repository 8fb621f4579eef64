"""Customers and their providers: they send every event until it is acknowledged, some of them more than once.

An event counts as sent when it was acknowledged once: a 2xx, exit 0 of the mail pipe, `stored` by the chat, or a
place in the mailbox. Whatever is not acknowledged is sent again, as providers do.
"""

import json
import random
import subprocess
import sys
import threading
import time
import uuid
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import httpx
from django.conf import settings

from tests.faults.storm.desks import Desk
from tests.faults.storm.events import Event, mail_of
from tests.faults.storm.hands import Hands
from tests.faults.storm.providers import Providers
from tests.providers.twilio import Media, Message, signature

AT_ONCE = 6  # senders
ECHO = 20  # how often each webhook is delivered, all at once, while the provider echoes
PATIENCE = 20  # seconds for one call


class Door:
    """Calls to whichever web process answers, as through a proxy; what came of them is counted."""

    def __init__(self, urls: list[str]) -> None:
        self._urls = urls
        self._http = httpx.Client(
            trust_env=False, timeout=PATIENCE, limits=httpx.Limits(max_connections=None)
        )
        self.answers: Counter[str] = Counter()

    def post(self, path: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response | None:
        """What a call is answered; None when nobody answers."""
        url = random.choice(self._urls) + path
        try:
            answer = self._http.post(url, content=content, headers=dict(headers))
        except httpx.HTTPError as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers[str(answer.status_code)] += 1
        return answer


class Visitor:
    """A browser with a chat in it."""

    def __init__(self, number: int) -> None:
        self.secret = ""
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.lock = threading.Lock()

    def told(
        self, door: Door, path: str, *frames: dict[str, object], **hello: object
    ) -> list[dict[str, object]]:
        """What frames are answered after a hello; nothing when that fails."""
        greeting: dict[str, object] = {"type": "hello", "session": self.secret, "language": "en"} | hello
        body = json.dumps({"frames": [greeting, *frames]}).encode()
        headers = {"Content-Type": "application/json", "X-Forwarded-For": self.address}
        answer = door.post(path, body, headers)
        if answer is None or answer.status_code != 200:
            return []
        told: list[dict[str, object]] = answer.json()["frames"]
        for frame in told:
            if frame["type"] == "ready":
                self.secret = str(frame["session"])
        return told

    def texts(self, door: Door, path: str) -> list[str]:
        """All that the visitor is shown, newest first."""
        found: list[str] = []
        page = next((frame for frame in self.told(door, path) if frame["type"] == "ready"), None)
        while page is not None:
            messages: list[dict[str, Any]] = page["messages"]  # type: ignore[assignment]
            found += [message["text"] for message in reversed(messages)]
            if not page["older"]:
                break
            more: dict[str, object] = {"type": "more", "before": messages[0]["id"]}
            told = self.told(door, path, more)
            page = next((frame for frame in told if frame["type"] == "messages"), None)
        return found


class Customers(Hands[Event]):
    """`echoes`: every webhook is delivered many times at once. `trap` is sprung once, right after a 2xx."""

    def __init__(self, desks: Mapping[str, Desk], providers: Providers, door: Door) -> None:
        super().__init__(AT_ONCE, 2 * PATIENCE)
        self.desks = desks
        self.providers = providers
        self.door = door
        self.acknowledged: dict[str, Event] = {}
        self.visitors: dict[tuple[str, int], Visitor] = {}
        self.echoes = False
        self.trap: Callable[[], None] | None = None
        self._lock = threading.Lock()

    def do(self, event: Event) -> None:
        """Send one event, as often as it comes, until it is acknowledged."""
        deliver = self._delivery(event)
        copies = (
            ECHO if self.echoes and event.way in {"hook", "sms"} and event.kind != "piped" else event.copies
        )
        if copies == 1:
            self._until_acknowledged(event, deliver)
            return
        with ThreadPoolExecutor(copies) as pool:
            for _ in range(copies):
                pool.submit(self._until_acknowledged, event, deliver)

    def _until_acknowledged(self, event: Event, deliver: Callable[[], bool]) -> None:
        wait = 0.1
        while not deliver():
            if self._over.wait(wait * random.uniform(0.5, 1.5)):
                return
            wait = min(wait * 2, 3)
        with self._lock:
            self.acknowledged[event.id] = event
            trap, self.trap = self.trap, None
        if trap:
            trap()

    def _delivery(self, event: Event) -> Callable[[], bool]:
        """What brings an event once, and says whether it was acknowledged."""
        desk = self.desks[event.workspace]
        if event.kind == "piped":
            return lambda: self._pipe(event)
        if event.way == "sms":
            return self._text(event, desk)
        if event.way == "chat":
            return self._say(event, desk)
        raw = mail_of(event)
        if event.way == "imap":
            return lambda: self._append(event, raw)
        headers = {"Content-Type": "message/rfc822"}
        return lambda: _is_good(self.door.post(desk.hooks["hook"], raw, headers))

    def _append(self, event: Event, raw: bytes) -> bool:
        self.providers.mailboxes[event.workspace].deliver(raw)
        return True

    def _pipe(self, event: Event) -> bool:
        command = [sys.executable, "manage.py", "ingest_mail", event.workspace]
        command += [f"posted@{event.workspace}.example", "-"]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, input=mail_of(event), capture_output=True, check=False
        )
        self.door.answers[f"exit {done.returncode}"] += 1
        return done.returncode == 0

    def _text(self, event: Event, desk: Desk) -> Callable[[], bool]:
        message = self._written(event, desk)
        form = message.arrival(self.providers.twilio.url)
        url = f"{settings.PUBLIC_URL}{desk.hooks['sms']}"
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature(url, form, self.providers.twilio.auth_token),
        }
        body = urlencode(form).encode()
        return lambda: _is_good(self.door.post(desk.hooks["sms"], body, headers))

    def _written(self, event: Event, desk: Desk) -> Message:
        """The message at Twilio; one that is not ours came by another of its ways."""
        sender = f"whatsapp:{event.phone}" if event.kind == "not ours" else event.phone
        media = [Media(event.file, "image/png", name=f"{event.id}.png")] if event.kind == "file" else []
        return self.providers.twilio.customer_writes(
            sender, event.text, to=desk.number, media=media, told=False
        )

    def _say(self, event: Event, desk: Desk) -> Callable[[], bool]:
        key = (event.workspace, event.customer)
        with self._lock:
            visitor = self.visitors.setdefault(key, Visitor(len(self.visitors) + 1))
        number = str(uuid.uuid5(uuid.NAMESPACE_URL, event.id))
        frame: dict[str, object] = {"type": "say", "id": number, "text": event.text}
        if event.kind == "file":
            data = b64encode(event.file).decode()
            frame["files"] = [{"name": f"{event.id}.bin", "type": "application/octet-stream", "data": data}]

        def say() -> bool:
            with visitor.lock:  # two tabs that open at once would be two visitors
                if not visitor.secret:
                    visitor.told(self.door, desk.hooks["chat"])
            if not visitor.secret:
                return False
            told = visitor.told(self.door, desk.hooks["chat"], frame)
            for refused in (frame for frame in told if frame.get("code") == "rate"):
                time.sleep(min(float(str(refused.get("retry_after") or 1)), 5))
            return any(frame["type"] == "stored" and frame["id"] == number for frame in told)

        return say


def _is_good(answer: httpx.Response | None) -> bool:
    return answer is not None and answer.is_success
