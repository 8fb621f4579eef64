"""Django behind ASGI, with one change of thread for a request.

All our views and middleware are synchronous. Django's own ASGI handler moves to a thread and back for each of
them, and gives every request a thread of its own, hence a new connection to PostgreSQL. Here a request runs whole,
as under WSGI, in a thread of a bounded pool whose threads keep their connections. What would wait behind too many
others is told to come again: a queue that only grows serves nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import IO, Any, cast

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse, HttpResponseBase
from django.urls import set_script_prefix

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

WAITING = 25  # requests that may wait for each thread
LATER = {"Retry-After": "2", "Connection": "close"}


class ThreadedHandler(ASGIHandler):
    """The ASGI application of pages, API and webhooks, on `threads` threads."""

    def __init__(self, threads: int) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._most = threads * (WAITING + 1)
        self._inside = 0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; 503 when too many wait for a thread already."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with closing(body):
            response = await self._in_turn(scope, body)
        await self.send_response(response, send)

    async def _in_turn(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
        if self._inside >= self._most:
            return _busy()
        self._inside += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, self._answer, scope, body)
        finally:
            self._inside -= 1

    def _answer(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
        """The response, with its content in memory and everything closed that it was made from."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = self.get_response(request) if request else cast("HttpResponse", refusal)
        if response.streaming:
            raise TypeError(f"{scope['path']} streams: an answer must fit into memory")
        response.close()
        return response


def _busy() -> HttpResponse:
    return HttpResponse("Busy, try again soon\n", "text/plain", 503, headers=LATER)
