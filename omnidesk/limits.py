"""How much an HTTP request may bring: under ASGI Django reads the whole body to disk before a view can refuse. And
how many sockets may be open, each of which holds memory for as long as it is."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.http import HttpResponse, parse_cookie

from channels_ingest.adapters.chat import LARGEST_POST
from channels_ingest.base import HOOKS, MEGABYTE, inlet_for
from tenancy.api.middleware import PREFIX as API
from tenancy.api.problems import plain_problem
from tenancy.places import counted, place_of

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

# A form with its files and some room around them.
FORM: int = settings.OMNIDESK_ATTACHMENT_LIMIT + 5 * MEGABYTE
UNKNOWN_HOOK = MEGABYTE // 16


class TooLarge(Exception):
    """The body has grown beyond its limit while it was being read."""


def limit_of(path: str) -> int:
    """How many bytes a request to this path may bring."""
    parts = path.split("/", 3)
    if parts[1:2] == ["widget"]:
        return LARGEST_POST
    if len(parts) < 3 or parts[1] != "hooks":
        return FORM
    return inlet_for(parts[2]).max_body if parts[2] in HOOKS else UNKNOWN_HOOK


def limited(application: Application) -> Application:
    """The application, with requests answered 413 that say, or turn out, to be too large."""

    async def guarded(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        limit = limit_of(scope["path"])
        if _declared(scope) > limit:
            return await _refuse(scope["path"], send)
        left = limit
        has_begun = False

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await application(scope, counted, watched)
        except TooLarge:
            if not has_begun:
                await _refuse(scope["path"], send)

    return guarded


def few(application: Application) -> Application:
    """The WebSocket application, with no more than so many sockets open in this process from one place on the
    network, and by one sign-in; the handshake of one more is answered 429."""

    async def guarded(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        with ExitStack() as held:
            if all(held.enter_context(counted(name, most)) for name, most in _openers(scope)):
                await application(scope, receive, send)
            else:
                await _refuse_socket(scope, receive, send)

    return guarded


def _openers(scope: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Whose sockets a new one is counted among, and how many those may be."""
    yield f"place {place_of((scope.get('client') or ('',))[0])}", settings.OMNIDESK_SOCKETS_PER_ADDRESS
    cookies = parse_cookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
    if session := cookies.get(settings.SESSION_COOKIE_NAME):
        yield f"session {session}", settings.OMNIDESK_SOCKETS_PER_SIGN_IN


async def _refuse_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """By the extension that lets a server say why (without it, a socket that is not accepted is answered 403)."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        headers = [(b"content-type", b"text/plain"), (b"retry-after", b"60")]
        await send({"type": "websocket.http.response.start", "status": 429, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"Too many sockets are open\n"})
    else:
        await send({"type": "websocket.close"})


def _declared(scope: dict[str, Any]) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0


async def _refuse(path: str, send: Send) -> None:
    said = plain_problem(413) if path.startswith(API) else HttpResponse("Too large\n", "text/plain", 413)
    headers = [(b"content-type", said.headers["Content-Type"].encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": said.content})
