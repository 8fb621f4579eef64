"""Browsers of agents, which do what static/js/live.js does: told what changed, they fetch what they show of it."""

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from django.urls import reverse
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from bench.screens import Agent, connect
from conversations.models import Conversation

# As in live.js, in seconds.
GATHER, APART, EACH, LONGEST_WAIT = 0.02, 0.3, 0.04, 20
CSRF = f"omnidesk_csrf={'c' * 32}"
SIGNED = {"X-CSRFToken": "c" * 32}

Answer = tuple[int, bytes]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Line:
    """A connection to the web server that is kept, and opened anew when the server has closed it."""

    def __init__(self, place: str) -> None:
        self.place = place
        self._turn = asyncio.Lock()
        self._streams: Streams | None = None

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Status and body of the answer to a request."""
        facts = {"Host": self.place, "Content-Length": len(body), **headers}
        head = "\r\n".join(
            [f"{method} {path} HTTP/1.1", *(f"{name}: {fact}" for name, fact in facts.items())]
        )
        async with self._turn:
            if self._streams:
                with suppress(OSError, asyncio.IncompleteReadError):
                    return await self._exchange(*self._streams, f"{head}\r\n\r\n".encode() + body)
                self.close()
            host, _, port = self.place.partition(":")
            self._streams = await asyncio.open_connection(host, int(port))
            return await self._exchange(*self._streams, f"{head}\r\n\r\n".encode() + body)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: bytes
    ) -> Answer:
        writer.write(asked)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = head.partition("content-length: ")[2].partition("\r\n")[0]
        return int(head.split(" ", 2)[1]), await reader.readexactly(int(length or 0))

    def close(self) -> None:
        """Hang up."""
        if self._streams:
            self._streams[1].close()
            self._streams = None


@dataclass(slots=True, eq=False)
class Part:
    """What a page shows and fetches again by itself: an element with data-live. Times are the event loop's."""

    name: str
    topics: tuple[str, ...]
    path: str
    line: Line
    due: asyncio.TimerHandle | None = None
    fetched: float = 0
    took: float = 0
    work: "asyncio.Task[None] | None" = None


@dataclass(slots=True, eq=False)
class Browser:
    """An agent's inbox with a view's list and a conversation open. `seen(part, body)` is called when a part has
    been fetched; a thread is then marked as read at the address `read`, as static/js/desk.js does."""

    agent: Agent
    place: str
    parts: list[Part]
    read: str
    seen: Callable[[str, bytes], None]
    fetches: list[str] = field(default_factory=list)
    line: ClientConnection | None = None
    hearing: "asyncio.Task[None] | None" = None

    async def open(self) -> None:
        """Connect and subscribe. The page is as if it had just been loaded, so it need not catch up."""
        topics = [topic for part in self.parts for topic in part.topics]
        self.line = await connect(self.agent, self.place, dict.fromkeys(topics))
        self.hearing = asyncio.create_task(self._hear(self.line))

    async def close(self) -> None:
        """Leave."""
        for part in self.parts:
            if part.due:
                part.due.cancel()
            if part.work:
                await part.work
            part.line.close()
        if self.line and self.hearing:
            await self.line.close()
            await self.hearing

    async def _hear(self, line: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for message in line:
                told = json.loads(message)
                for part in self.parts:
                    if told["topic"] in part.topics:
                        self._refresh(part, told["among"])

    def _refresh(self, part: Part, among: int) -> None:
        loop, each = asyncio.get_running_loop(), max(EACH, 2 * part.took)
        spread = min((among - 1) * each, LONGEST_WAIT)
        if part.due and spread:
            return
        soonest = part.fetched + max(APART, spread)
        due = max(soonest, loop.time() + max(GATHER, random.random() * spread))
        if part.due:
            if part.due.when() <= due:
                return
            part.due.cancel()
        part.due = loop.call_at(due, self._start, part)

    def _start(self, part: Part) -> None:
        part.due, part.fetched = None, asyncio.get_running_loop().time()
        part.work = asyncio.create_task(self._fetch(part))

    async def _fetch(self, part: Part) -> None:
        headers = {"HX-Request": "true", "Cookie": self.agent.cookie}
        status, body = await part.line.ask("GET", part.path, headers)
        part.took = max(asyncio.get_running_loop().time() - part.fetched, part.took / 2)
        self.fetches.append(part.name)
        if status != 200:
            self._refresh(part, 100)
            return
        self.seen(part.name, body)
        if part.name == "thread":
            await part.line.ask(
                "POST", self.read, {**headers, **SIGNED, "Cookie": f"{self.agent.cookie}; {CSRF}"}
            )
            self.fetches.append("read")


def page(agent: Agent, place: str, view: str, shown: Conversation) -> list[Part]:
    """The parts of an inbox that shows a view and a conversation."""
    own = f"member:{agent.member}"
    topics = (f"mine:{agent.member}" if view == "mine" else view, own)
    urls: dict[str, tuple[tuple[str, ...], str]] = {
        "list": (topics, reverse("conversations:rows", args=[agent.slug]) + f"?view={view}&size=25"),
        "views": (("counts", own), reverse("conversations:views", args=[agent.slug]) + f"?view={view}"),
        "thread": (
            (f"conversation:{shown.pk}",),
            reverse("conversations:entries", args=[agent.slug, shown.number]) + "?size=20",
        ),
        "card": (
            (f"contact:{shown.contact_id}",),
            reverse("conversations:contact_card", args=[agent.slug, shown.contact_id]),
        ),
    }
    return [Part(name, topics, path, Line(place)) for name, (topics, path) in urls.items()]
