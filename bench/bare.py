"""The least that a server of sockets can do: accept all, and tell all of them the same when it is asked to."""

import asyncio
from typing import Any

_browsers: set[Any] = set()
TOLD = '{"topic": "open", "ids": [1], "among": 1000}'


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Sockets; over HTTP, /tell/ tells them all."""
    if scope["type"] == "websocket":
        await _hold(receive, send)
        return
    if scope["path"] == "/tell/":
        await asyncio.gather(*(tell({"type": "websocket.send", "text": TOLD}) for tell in _browsers))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def _hold(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await receive()
    await send({"type": "websocket.send", "text": '{"subscribed": ["open"]}'})
    _browsers.add(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    _browsers.discard(send)
