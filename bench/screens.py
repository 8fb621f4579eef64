"""Agents of a workspace, signed in, and the sockets that their browsers hold open."""

import asyncio
import json
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import websockets
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from websockets import Origin
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tenancy.models import Member, Role, Seat, User, Workspace
from tenancy.scope import scope

STORM = 120  # seconds for a connection to open while a thousand do


@dataclass(frozen=True, slots=True)
class Agent:
    """A member of a workspace and the cookie of their browser."""

    slug: str
    member: int
    cookie: str


def hire(workspace: Workspace, count: int) -> list[Agent]:
    """Make agents and sign them in."""
    people = User.objects.bulk_create(
        User(email=f"agent{number}@{workspace.slug}.example", name=f"Agent {number}", password="!")
        for number in range(count)
    )
    Seat.objects.bulk_create(Seat(user=user, workspace=workspace) for user in people)
    with scope(workspace.pk):
        members = Member.objects.bulk_create(
            Member(user=user, name=user.name, role=Role.AGENT) for user in people
        )
    return [
        Agent(workspace.slug, member.pk, _signed_in(user))
        for user, member in zip(people, members, strict=True)
    ]


def _signed_in(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["workspace"] = "remembered"
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


async def connect(agent: Agent, place: str, topics: Iterable[str]) -> ClientConnection:
    """A socket of the agent's browser, subscribed."""
    line = await websockets.connect(
        f"ws://{place}/ws/w/{agent.slug}/",
        origin=Origin(f"http://{place}"),
        additional_headers={"Cookie": agent.cookie},
        proxy=None,
        open_timeout=STORM,
        ping_interval=None,
    )
    await line.send(json.dumps({"unsubscribe": [], "subscribe": list(topics)}))
    assert json.loads(await line.recv())["subscribed"] == list(topics)
    return line


@dataclass(slots=True)
class Socket:
    """A browser's socket that hears of `topics`: how often it heard, and when it did last."""

    agent: Agent
    topics: Sequence[str]
    heard: int = 0
    at: float = 0
    line: ClientConnection | None = None
    hearing: "asyncio.Task[None] | None" = None

    async def open(self, place: str) -> None:
        """Connect, and listen from now on."""
        self.line = await connect(self.agent, place, self.topics)
        self.hearing = asyncio.create_task(self._hear(self.line))

    async def reopen(self, place: str) -> None:
        """Wait until the server is gone, and connect anew as live.js does."""
        assert self.hearing is not None
        await self.hearing
        failures = 1
        while True:
            await asyncio.sleep(min(2**failures / 4, 20) * random.uniform(0.75, 1.25))
            try:
                return await self.open(place)
            except (OSError, InvalidHandshake, ConnectionClosed):
                failures += 1

    async def close(self) -> None:
        """Leave."""
        if self.line and self.hearing:
            await self.line.close()
            await self.hearing

    async def _hear(self, line: ClientConnection) -> None:
        clock = asyncio.get_running_loop().time
        with suppress(ConnectionClosed):
            async for _ in line:
                self.heard, self.at = self.heard + 1, clock()
