"""A chat between a visitor and an agent, each by a socket of their own, on real processes: uvicorn and a worker.

The floors are taken in turns with what they stand beside: bare psycopg committing the rows of a stored message,
and a push out of an empty transaction to the agent's socket.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from uuid import uuid4

import httpx
from django.conf import settings
from django.test import Client
from websockets import Origin
from websockets.sync.client import ClientConnection, connect

from bench.floor import Floor
from bench.harness import Figure, new_workspace, p50_p95, seconds
from bench.programs import WITHIN, served
from conversations.models import Conversation
from conversations.services.channels import create_channel
from tenancy.live import push
from tenancy.models import ApiToken, Member, User, Workspace
from tenancy.scope import scope
from tenancy.services import tokens

VISITORS, TURNS, WARM_UP = 8, 25, 5  # a visitor may say 30 things a minute

Times = dict[str, float]


@dataclass(frozen=True, slots=True)
class Desk:
    """A workspace's chat, and where it is served."""

    workspace: Workspace
    token: str
    place: str
    floor: Floor


@dataclass(frozen=True, slots=True)
class Talk:
    """The visitor's socket, the agent's that hears of `topic`, and the agent's program that posts to `entries`."""

    visitor: ClientConnection
    agent: ClientConnection
    program: httpx.Client
    topic: str
    entries: str
    channel: int


def main() -> list[Figure]:
    """Milliseconds from saying to stored, to the agent's socket, and from answering to the visitor's socket."""
    workspace, target = new_workspace("chat"), new_workspace("chat-floor")
    with scope(workspace.pk):
        _, token = create_channel(kind="chat", name="Chat", config={}, secrets={})
    floor, times = Floor(source=workspace.pk, target=target.pk), list[Times]()
    with served(processes=2) as place:
        for _ in range(VISITORS):
            times += _chat(Desk(workspace, token, place, floor))
    return [
        *_figures("say to stored", times, "stored", "row", "beside bare psycopg"),
        *_figures("say to the agent's socket", times, "told", "push", "beside a bare push"),
        *_figures("answer to the visitor's socket", times, "answered", "push", "beside a bare push"),
    ]


def _figures(name: str, times: list[Times], took: str, least: str, note: str) -> Iterator[Figure]:
    measured, floors = ([found[key] * 1000 for found in times] for key in (took, least))
    for part, value, floor in zip(("p50", "p95"), p50_p95(measured), p50_p95(floors), strict=True):
        yield Figure(f"{name}, {part}", value, "ms", floor, note)


def _chat(desk: Desk) -> list[Times]:
    """One visitor and one agent take turns."""
    with ExitStack() as lines:
        talk = _begin(desk, lines)
        desk.floor.store()
        times = [_turn(talk) | {"row": desk.floor.store(), "push": _pushed(desk, talk)} for _ in range(TURNS)]
    return times[WARM_UP:]


def _begin(desk: Desk, lines: ExitStack) -> Talk:
    """A visitor says the first thing, and an agent opens it."""
    visitor = lines.enter_context(connect(f"ws://{desk.place}/ws/widget/{desk.token}/", proxy=None))
    _say(visitor, type="hello", session="")
    _hear(visitor, "ready")
    _say(visitor, type="say", id=str(uuid4()), text="Hello")
    _hear(visitor, "messages")
    with scope(desk.workspace.pk):
        conversation = Conversation.objects.latest("id")
        member = Member.objects.select_related("user").get()
        _, text = tokens.create(member=member, name="Bench", scopes=ApiToken.SCOPES)
    headers = {"Authorization": f"Bearer {text}"}
    program = httpx.Client(base_url=f"http://{desk.place}/api/v1/", headers=headers, trust_env=False)
    assert conversation.last_channel_id is not None
    assert member.user is not None
    return Talk(
        visitor,
        _screen(desk, lines, member.user, topic := f"conversation:{conversation.pk}"),
        lines.enter_context(program),
        topic,
        f"conversations/{conversation.number}/entries/",
        conversation.last_channel_id,
    )


def _screen(desk: Desk, lines: ExitStack, user: User, topic: str) -> ClientConnection:
    """The socket of a signed-in user's browser that hears of a topic."""
    browser = Client()
    browser.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"Cookie": f"{name}={browser.cookies[name].value}"}
    address, origin = f"ws://{desk.place}/ws/w/{desk.workspace.slug}/", Origin(f"http://{desk.place}")
    agent = lines.enter_context(connect(address, origin=origin, additional_headers=cookie, proxy=None))
    _say(agent, subscribe=[topic])
    assert json.loads(agent.recv(WITHIN)) == {"subscribed": [topic]}
    return agent


def _turn(talk: Talk) -> Times:
    """The visitor says something, and the agent answers it through the API."""
    _silence(talk.agent)
    began = time.perf_counter()
    _say(talk.visitor, type="say", id=str(uuid4()), text="Where is my order?")
    _hear(talk.visitor, "stored")
    stored = time.perf_counter() - began
    talk.agent.recv(WITHIN)
    told = time.perf_counter() - began
    _hear(talk.visitor, "messages")
    answer = {"kind": "message", "channel": talk.channel, "text": "It is on its way."}
    began = time.perf_counter()
    assert talk.program.post(talk.entries, json=answer).status_code == 201
    _hear(talk.visitor, "messages")
    return {"stored": stored, "told": told, "answered": time.perf_counter() - began}


def _pushed(desk: Desk, talk: Talk) -> float:
    """Seconds for a push to reach the agent."""

    def pushed() -> None:
        with scope(desk.workspace.pk):
            push(desk.workspace.pk, talk.topic, [1])
        talk.agent.recv(WITHIN)

    _silence(talk.agent)
    return seconds(pushed)


def _say(line: ClientConnection, **message: object) -> None:
    line.send(json.dumps(message))


def _hear(visitor: ClientConnection, kind: str) -> None:
    """Wait for the next frame of a kind."""
    while (frame := json.loads(visitor.recv(WITHIN)))["type"] != kind:
        assert frame["type"] != "error", frame


def _silence(agent: ClientConnection) -> None:
    """Hear all that is still on its way."""
    with suppress(TimeoutError):
        while True:
            agent.recv(0.15)
