"""Live updates for members, at `/ws/w/<slug>/`.

The browser says `{"subscribe": ["inbox", "conversation:12"]}`, `{"unsubscribe": […]}` or `{"ping": 7}`. It hears
`{"subscribed": […]}` once pushes of these topics reach it, `{"refused": […]}`, `{"pong": 7}`, and then
`{"topic": "conversation:12", "ids": [340]}` whenever one of them changes.
"""

import json
from collections.abc import Iterable
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.core.cache import cache

from tenancy import live
from tenancy.models import Member, Role, Workspace
from tenancy.scope import scope

# Close codes (RFC 6455 section 7.4.2 leaves 4000 to 4999 to applications; IANA has 1012 as "service restart").
MAKES_NO_SENSE, FORBIDDEN, START_AGAIN = 4400, 4403, 1012
MOST_TOPICS = 1000  # of one browser; each is an entry in two sets


class PushedConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """A browser that hears pushes of topics, and is made to start again when it may have missed some."""

    workspace_id: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics: set[str] = set()

    async def listen(self) -> None:
        """Begin to hear whether Redis is still the one that pushes come by."""
        self.run = await cache.aget(live.PULSE, "")
        await self.channel_layer.group_add(live.PULSE, self.channel_name)

    async def disconnect(self, code: int) -> None:
        await self.leave(list(self.topics))
        await self.channel_layer.group_discard(live.PULSE, self.channel_name)

    async def pulse(self, event: dict[str, Any]) -> None:
        """Redis was started anew: what was pushed meanwhile is lost, so have the browser start again."""
        if self.run and self.run != event["run"]:
            await self.close(START_AGAIN)
        self.run = event["run"]

    async def join(self, topics: Iterable[str]) -> None:
        """Hear pushes of these topics of the workspace from now on."""
        for topic in topics:
            self.topics.add(topic)
            await self.channel_layer.group_add(live.group(self.workspace_id, topic), self.channel_name)

    async def leave(self, topics: Iterable[str]) -> None:
        """Hear no more of these topics."""
        for topic in topics:
            if topic in self.topics:
                self.topics.remove(topic)
                group = live.group(self.workspace_id, topic)
                await self.channel_layer.group_discard(group, self.channel_name)


class LiveConsumer(PushedConsumer):
    """One browser of a member. What it may subscribe to is asked again whenever the member changes."""

    async def connect(self) -> None:
        """Let members of the workspace in; everybody else gets 403, as for a workspace that does not exist."""
        found = await find_member(self.scope["url_route"]["kwargs"]["slug"], self.scope["user"].pk)
        if found is None:
            await self.close()
            return
        self.member, self.workspace_id = found, found.workspace_id
        await self.listen()
        self.own_topic = f"member:{found.pk}"
        await self.join([self.own_topic])
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Do what the browser says; close on what makes no sense."""
        try:
            said = read(text_data)
        except Garbled:
            await self.close(MAKES_NO_SENSE)
            return
        if "ping" in said:
            await self._say(pong=said["ping"])
        await self.leave([topic for topic in said.get("unsubscribe", []) if topic != self.own_topic])
        if asked := said.get("subscribe", []):
            await self._subscribe(asked)

    async def _subscribe(self, asked: list[str]) -> None:
        room = MOST_TOPICS - len(self.topics)
        allowed = (await allowed_topics(self.member, asked))[:room]
        await self.join(allowed)
        await self._say(subscribed=allowed)
        if refused := [topic for topic in asked if topic not in allowed]:
            await self._say(refused=refused)

    async def changed(self, event: dict[str, Any]) -> None:
        """A push: pass it on, unless it says that the member may no longer hear of it."""
        if event["topic"] == self.own_topic and not await is_unchanged(self.member):
            await self.close(FORBIDDEN)
            return
        await self._say(topic=event["topic"], ids=event["ids"])

    async def _say(self, **message: object) -> None:
        await self.send(json.dumps(message))


class Garbled(Exception):
    """A browser said what makes no sense."""


def read(text: str | None) -> dict[str, Any]:
    """A browser's message. Raises Garbled for anything that is not one."""
    try:
        said = json.loads(text or "")
    except ValueError as error:
        raise Garbled("no JSON") from error
    if not isinstance(said, dict):
        raise Garbled("no JSON object")
    for word in ("subscribe", "unsubscribe"):
        topics = said.get(word, [])
        if not isinstance(topics, list) or not all(isinstance(topic, str) for topic in topics):
            raise Garbled(f"{word} is no list of topics")
        if len(topics) > MOST_TOPICS:
            raise Garbled(f"{word} is too long")
    return said


@database_sync_to_async  # type: ignore[untyped-decorator]
def find_member(slug: str, user_id: int | None) -> Member | None:
    """The signed-in user's membership, of a workspace that is open for work."""
    workspace = Workspace.objects.filter(
        slug=slug, seats__user=user_id, status=Workspace.Status.ACTIVE
    ).first()
    if workspace is None:
        return None
    with scope(workspace.pk):
        return _member(user_id)


@database_sync_to_async  # type: ignore[untyped-decorator]
def allowed_topics(member: Member, asked: list[str]) -> list[str]:
    """Those of the topics that the member may hear of, each once, in the order asked."""
    with scope(member.workspace_id):
        now = _member(member.user_id)
        return [topic for topic in dict.fromkeys(asked) if now and live.may_subscribe(now, topic)]


@database_sync_to_async  # type: ignore[untyped-decorator]
def is_unchanged(member: Member) -> bool:
    """Whether the member may still do all that they could do when the browser connected."""
    with scope(member.workspace_id):
        now = _member(member.user_id)
        return now is not None and now.may(Role(member.role))


def _member(user_id: int | None) -> Member | None:
    return Member.objects.filter(user=user_id, user__is_active=True, archived_at=None).first()
