"""Live updates for members, at `/ws/w/<slug>/`.

The browser says `{"subscribe": ["open", "conversation:12"]}`, `{"unsubscribe": […]}` or `{"ping": 7}`. It hears
`{"subscribed": […], "among": 40}` once pushes of these topics reach it, `{"refused": […]}`, `{"pong": 7}`, and
then `{"topic": "conversation:12", "ids": [340], "among": 2}` whenever one of them changes. `among` is how many
browsers hear the same from this process (of several topics: the most), so that a crowd can take turns in fetching.

`{"attend": "viewers:12", "doing": "reply"}`, every few seconds, says that its member has on screen what a topic
that it hears of is about, and what they do there; `{"attend": ""}` that they do no more (tenancy.attending).
"""

import json
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from typing import Any

from asgiref.sync import sync_to_async
from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from tenancy import attending, hearers, live
from tenancy.attending import Doing

# Close codes (RFC 6455 section 7.4.2 leaves 4000 to 4999 to applications; IANA has 1012 as "service restart").
MAKES_NO_SENSE, START_AGAIN = 4400, 1012
MOST_TOPICS = 1000  # of one browser; each is an entry in two sets

_DOING = re.compile(r"[a-z]{0,10}")

# How many browsers of this process hear of each group.
_hearing: Counter[str] = Counter()


class PushedConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """A browser that hears pushes of topics, and is made to start again when it may have missed some."""

    workspace_id: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics: set[str] = set()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Do as Channels does, but without asking a thread for old connections to the database first: that is most
        of what a push costs, and whoever goes to the database sees to it there."""
        await getattr(self, get_handler_name(message))(message)

    async def listen(self, run: str) -> None:
        """Begin to hear whether Redis is still the one that pushes come by; `run` is what it was before."""
        self.run = run
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
            if topic not in self.topics:
                self.topics.add(topic)
                group = live.group(self.workspace_id, topic)
                _hearing[group] += 1
                await self.channel_layer.group_add(group, self.channel_name)

    async def leave(self, topics: Iterable[str]) -> None:
        """Hear no more of these topics."""
        for topic in topics:
            if topic in self.topics:
                self.topics.remove(topic)
                group = live.group(self.workspace_id, topic)
                _hearing[group] -= 1
                if not _hearing[group]:
                    del _hearing[group]
                await self.channel_layer.group_discard(group, self.channel_name)

    def among(self, topics: Iterable[str]) -> int:
        """How many browsers hear of the one of these topics that most hear of."""
        return max((_hearing[live.group(self.workspace_id, topic)] for topic in topics), default=0)


class LiveConsumer(PushedConsumer):
    """One browser of a member. It has to start again, and subscribe anew, when the member's rights change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tab = secrets.token_hex(6)
        self.member_id: int | None = None
        self.doing: Doing | None = None

    async def connect(self) -> None:
        """Let members of the workspace in; everybody else gets 403, as for a workspace that does not exist."""
        slug, session = self.scope["url_route"]["kwargs"]["slug"], self._session()
        hearer = await _find(slug, session) if session else None
        if hearer is None:
            await self.close()
            return
        self.hearer, self.workspace_id = hearer, hearer.workspace_id
        self.rights = f"{live.RIGHTS}:{hearer.user_id}"
        await self.listen(hearer.run)
        await self.join([self.rights])
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
        await self.leave([topic for topic in said.get("unsubscribe", []) if topic != self.rights])
        if asked := said.get("subscribe", []):
            await self._subscribe(asked)
        if "attend" in said or (self.doing and self.doing.topic not in self.topics):
            await self._attend(Doing(said.get("attend", ""), said.get("doing", "")))

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        await self._attend(None)

    async def _attend(self, doing: Doing | None) -> None:
        """Note what the member does; only where they may hear what comes of it."""
        may = doing and doing.topic in self.topics and live.may_be_attended(doing.topic)
        now = doing if may else None
        before, self.doing = self.doing, now
        if self.member_id and (before or now):
            await _noted(self.workspace_id, self.member_id, self.tab, before, now)

    async def _subscribe(self, asked: list[str]) -> None:
        room = MOST_TOPICS - len(self.topics)
        self.member_id, topics = await _allowed(self.hearer, asked)
        allowed = topics[:room]
        await self.join(allowed)
        await self._say(subscribed=allowed, among=self.among(allowed))
        if refused := [topic for topic in asked if topic not in allowed]:
            await self._say(refused=refused)

    async def changed(self, event: dict[str, Any]) -> None:
        """A push: pass it on, unless it says that the member's rights are others now."""
        topic = event["topic"]
        if topic == self.rights:
            await self.close(START_AGAIN)
        else:
            await self._say(topic=topic, ids=event["ids"], among=self.among([topic]))

    async def _say(self, **message: object) -> None:
        await self.send(json.dumps(message))

    def _session(self) -> str:
        """The key of the session that the browser's cookie names."""
        return str(self.scope["cookies"].get(settings.SESSION_COOKIE_NAME, ""))


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
    if not isinstance(said.get("attend", ""), str) or not _DOING.fullmatch(str(said.get("doing", ""))):
        raise Garbled("nothing that somebody can do")
    return said


_find = database_sync_to_async(hearers.find)
_allowed = database_sync_to_async(hearers.allowed)
_noted = sync_to_async(attending.attend, thread_sensitive=False)  # asks Redis alone
