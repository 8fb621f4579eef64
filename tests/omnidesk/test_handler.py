"""Requests run whole in a bounded pool of threads; what would wait too long is told to come again."""

import asyncio
import threading
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from omnidesk import handler
from omnidesk.handler import ThreadedHandler

gate = threading.Event()


def where(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.method} {request.body.decode()} {threading.current_thread().name}")


def slow(request: HttpRequest) -> HttpResponse:
    gate.wait(10)
    return HttpResponse("at last")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"a", b"b"]))


urlpatterns = [path("where/", where), path("slow/", slow), path("stream/", stream)]


class Call:
    """One request; `answer()` gives its status and body."""

    def __init__(self, application: Any, target: str, method: str = "GET") -> None:
        headers = [(b"host", b"127.0.0.1")]
        scope = {"type": "http", "path": target, "method": method, "headers": headers, "query_string": b""}
        self.line: Any = ApplicationCommunicator(application, scope)

    async def send(self, body: bytes = b"", *, more: bool = False) -> None:
        await self.line.send_input({"type": "http.request", "body": body, "more_body": more})

    async def answer(self) -> tuple[int, bytes]:
        start = await self.line.receive_output(10)
        return start["status"], (await self.line.receive_output(10))["body"]


@pytest.fixture
def application() -> Any:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        yield ThreadedHandler(1)


async def asked(application: Any, target: str, *parts: bytes, method: str = "GET") -> tuple[int, bytes]:
    call = Call(application, target, method)
    for part in parts:
        await call.send(part, more=True)
    await call.send()
    return await call.answer()


async def test_a_request_runs_whole_in_the_same_thread_as_the_one_before(application: Any):
    answers = [await asked(application, "/where/", b"par", b"cel", method="POST") for _ in range(3)]
    assert answers == [(200, b"POST parcel request_0")] * 3


async def test_what_would_wait_behind_too_many_is_told_to_come_again(application: Any, monkeypatch: Any):
    monkeypatch.setattr(application, "_most", 2)
    gate.clear()
    calls = [Call(application, "/slow/") for _ in range(3)]
    for call in calls:
        await call.send()
    start = await calls[2].line.receive_output(10)
    assert (start["status"], dict(start["headers"])[b"Retry-After"]) == (503, b"2")
    gate.set()
    assert [await call.answer() for call in calls[:2]] == [(200, b"at last")] * 2
    assert await asked(application, "/slow/") == (200, b"at last")


def test_the_room_for_waiting_grows_with_the_threads():
    assert ThreadedHandler(4)._most == 4 * (handler.WAITING + 1)


async def test_a_request_that_is_broken_off_is_nobodys(application: Any):
    call = Call(application, "/where/", "POST")
    await call.send(b"half", more=True)
    await call.line.send_input({"type": "http.disconnect"})
    await asyncio.wait_for(call.line.wait(), 10)
    assert call.line.output_queue.empty()


async def test_an_unknown_address_is_not_found(application: Any):
    assert (await asked(application, "/nowhere/"))[0] == 404


async def test_nothing_streams(application: Any):
    call = Call(application, "/stream/")
    await call.send()
    with pytest.raises(TypeError, match="/stream/ streams"):
        await call.line.wait(10)
