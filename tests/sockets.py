"""A browser's WebSocket, without a browser: straight into the ASGI application.

channels.testing has one too, but cannot be imported without daphne.
"""

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator

ORIGIN = (b"origin", b"http://127.0.0.1:8000")


class Socket:
    """One connection; what is heard is awaited for a second at most."""

    def __init__(self, application: Any, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
        }
        self.line: Any = ApplicationCommunicator(application, scope)

    async def connect(self) -> bool:
        """Whether the server accepts."""
        await self.line.send_input({"type": "websocket.connect"})
        answer = await self.line.receive_output()
        return bool(answer["type"] == "websocket.accept")

    async def say(self, **message: object) -> None:
        await self.say_text(json.dumps(message))

    async def say_text(self, text: str) -> None:
        await self.line.send_input({"type": "websocket.receive", "text": text})

    async def hear(self) -> object:
        """The next message; the close code when the server closes."""
        output = await self.line.receive_output()
        return output["code"] if output["type"] == "websocket.close" else json.loads(output["text"])

    async def hears_nothing(self) -> bool:
        """Whether nothing comes for a tenth of a second."""
        return bool(await self.line.receive_nothing())

    async def ask(self, **message: object) -> object:
        """Say something and hear what comes next."""
        await self.say(**message)
        return await self.hear()

    async def close(self) -> None:
        await self.line.send_input({"type": "websocket.disconnect", "code": 1001})
        await self.line.wait()
