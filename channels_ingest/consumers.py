"""The chat widget's socket, at `/ws/widget/<token>/`: docs/channels/chat.md has what is said on it."""

import json
from collections.abc import Sequence
from typing import Any

import structlog
from channels.db import database_sync_to_async

from channels_ingest.services.chat import answers, visitors
from channels_ingest.services.chat.door import Closed, Line, enter
from channels_ingest.services.chat.frames import LARGEST
from tenancy.consumers import MAKES_NO_SENSE, START_AGAIN, PushedConsumer
from tenancy.live import current_run

log = structlog.get_logger(__name__)


class WidgetConsumer(PushedConsumer):
    """One tab of a visitor. All work with the database is done in threads, and none between frames."""

    line: Line | None = None

    async def connect(self) -> None:
        """Open the line; a browser learns why there is none from the code that the socket is closed with."""
        await self.accept()
        try:
            line, run = await _enter(
                token=self.scope["url_route"]["kwargs"]["token"],
                origin=self._origin(),
                remote=(self.scope.get("client") or ("",))[0],
            )
            self.workspace_id = line.workspace_id
            await self.listen(run)
        except Closed as closed:
            await self.close(4000 + closed.status)
        except Exception as error:  # noqa: BLE001 - Redis or the database is away: POST may still do
            await self._start_again(error)
        else:
            self.line = line

    async def disconnect(self, code: int) -> None:
        if self.line is not None:
            await super().disconnect(code)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer a frame; close on what is none."""
        if self.line is None:
            return
        try:
            said = read(text_data)
        except Garbled:
            await self.close(MAKES_NO_SENSE)
            return
        try:
            await self._tell(await _answer(self.line, said, len(text_data or "")))
            if answers.is_hello(said):
                await self._hear_of_visitor(self.line)
                await self._tell(await _ready(self.line))
        except Closed as closed:
            await self.close(4000 + closed.status)

    async def changed(self, event: dict[str, Any]) -> None:
        """Something is there for the visitor: read it as they may see it."""
        if self.line is None:
            return
        try:
            await self._tell(await _news(self.line, event["ids"]))
        except Closed as closed:
            await self.close(4000 + closed.status)

    async def _hear_of_visitor(self, line: Line) -> None:
        """Listen to what comes for the visitor before anything is read, so that nothing falls between."""
        topics = visitors.topics_of(line.session) if line.session else []
        try:
            await self.leave([topic for topic in self.topics if topic not in topics])
            await self.join([topic for topic in topics if topic not in self.topics])
        except Exception as error:  # noqa: BLE001 - as above
            await self._start_again(error)

    async def _start_again(self, error: Exception) -> None:
        log.warning("chat line lost", error=str(error))
        await self.close(START_AGAIN)

    async def _tell(self, frames: Sequence[dict[str, Any]]) -> None:
        for frame in frames:
            await self.send(json.dumps(frame))

    def _origin(self) -> str | None:
        found = dict(self.scope["headers"]).get(b"origin")
        return found.decode("latin-1") if found is not None else None


class Garbled(Exception):
    """A browser said what is no frame."""


def read(text: str | None) -> dict[str, Any]:
    """A frame of a browser. Raises Garbled for what is no JSON object, or too large."""
    if text is None or len(text) > LARGEST or len(text.encode("utf-8", "replace")) > LARGEST:
        raise Garbled("no frame")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Garbled("no JSON") from error
    if not isinstance(said, dict):
        raise Garbled("no JSON object")
    return said


def _enter_now(**call: Any) -> tuple[Line, str]:
    return enter(**call), current_run()


_enter = database_sync_to_async(_enter_now)
_answer = database_sync_to_async(answers.answer)
_ready = database_sync_to_async(answers.ready)
_news = database_sync_to_async(answers.news)
