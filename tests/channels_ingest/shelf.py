"""The made-up provider's own server: what it keeps (files, messages, outcomes), asked for over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.providers.web import serving


@dataclass
class Shelf:
    """`files` by source; `messages` as (delivery id, events); `arrived` are texts that got through, `refused`
    those that did not, with a code. `answers` are statuses to answer with before anything else, one a request.
    `asked` are the paths that were asked for, `since` the times that were given with a listing."""

    url: str = ""
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    messages: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)
    arrived: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    since: list[datetime] = field(default_factory=list)

    def file(self, request: Request) -> Response:
        content_type, content = self.files.get(request.path_params["source"], ("", b""))
        return Response(content, 200 if content_type else 404, media_type=content_type or None)

    def listing(self, request: Request) -> Response:
        """One message a page."""
        page = int(request.query_params["page"])
        self.since.append(datetime.fromisoformat(request.query_params["since"]))
        return JSONResponse(self.messages[page : page + 1])

    def outcome(self, request: Request) -> Response:
        text = request.query_params["text"]
        if text in self.refused:
            return JSONResponse({"refused": self.refused[text]})
        return JSONResponse({"id": f"id of {text}"} if text in self.arrived else None)

    def send(self, request: Request) -> Response:
        return Response(status_code=504)

    def application(self) -> Starlette:
        routes = {
            "/files/{source}": self.file,
            "/messages": self.listing,
            "/outcomes": self.outcome,
            "/send": self.send,
        }
        return Starlette(routes=[Route(path, self._answered(act)) for path, act in routes.items()])

    def _answered(self, act: Callable[[Request], Response]) -> Any:
        async def answer(request: Request) -> Response:
            self.asked.append(request.url.path)
            if self.answers and (status := self.answers.pop(0)) != 200:
                return Response(status_code=status, headers={"Retry-After": "30"})
            return act(request)

        return answer


@contextmanager
def open_shelf() -> Iterator[Shelf]:
    """A server on loopback."""
    shelf = Shelf()
    with serving(shelf.application()) as shelf.url:
        yield shelf
