"""A web application on loopback, in a thread, for as long as a test lasts."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from tests.providers.background import Background

HOST = "127.0.0.1"


@contextmanager
def serving(application: Starlette) -> Iterator[str]:
    """Serve an application; gives its base URL.

    uvicorn speaks the protocol, and its Server stays out: that takes a quarter of a second to end.
    """
    config = uvicorn.Config(application, log_level="critical", lifespan="off", ws="none")
    config.load()
    state = ServerState()

    def connected() -> asyncio.Protocol:
        return config.http_protocol_class(config=config, server_state=state, app_state={})  # type: ignore[call-arg]

    with Background() as background:
        port = background.serve(background.loop.create_server(connected, HOST, 0))
        try:
            yield f"http://{HOST}:{port}"
        finally:
            background.run(_hang_up(state))


async def _hang_up(state: ServerState) -> None:
    for connection in list(state.connections):
        connection.shutdown()


@dataclass
class Answers:
    """`answers` are what an application answers instead, one a call: a status, `hang up` once the call is read, or
    seconds to be slow for; `asked` are the paths of all calls."""

    url: str = ""
    answers: list[int | str | float] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def early(self, request: Request) -> Response | None:
        """What to answer instead, if anything."""
        self.asked.append(request.url.path)
        match self.answers.pop(0) if self.answers else None:
            case int(status):
                headers = {"Retry-After": "7", "Location": "/elsewhere"}
                return JSONResponse({"message": f"about {status}"}, status, headers)
            case float(seconds):
                await asyncio.sleep(seconds)
            case "hang up":
                return _HangUp()
            case str(words):
                return Response(words)
        return None


class _HangUp(Response):
    """Ends the connection in the middle of the answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
