"""Requests that are too large are refused before Django has read them to disk, and sockets that are too many."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from channels_ingest.base import MEGABYTE
from omnidesk.limits import FORM, UNKNOWN_HOOK, few, limit_of, limited
from tests.sockets import Socket


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Reads the whole body and says how long it was."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message["body"])
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


async def ask(path: str, pieces: Iterable[bytes], length: int | None = None) -> tuple[int, bytes, int]:
    """The status, the answer, and how many pieces were taken."""
    headers = [] if length is None else [(b"content-length", str(length).encode())]
    waiting, sent = list(pieces), []
    count = len(waiting)

    async def receive() -> dict[str, Any]:
        piece = waiting.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await limited(echo)({"type": "http", "path": path, "headers": headers}, receive, send)
    return sent[0]["status"], sent[1]["body"], count - len(waiting)


async def test_what_fits_goes_through():
    assert await ask("/hooks/mail/token/", [b"a" * MEGABYTE] * 3, 3 * MEGABYTE) == (200, b"3145728", 3)


async def test_what_says_that_it_is_too_large_is_refused_unread():
    assert await ask("/hooks/mail/token/", [b""], 36 * MEGABYTE) == (413, b"Too large\n", 0)


async def test_what_turns_out_to_be_too_large_is_stopped():
    assert await ask("/hooks/nobody/token/", [b"a" * 60_000] * 4) == (413, b"Too large\n", 2)


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/hooks/mail/token/", 35 * MEGABYTE),
        ("/hooks/nobody/token/", UNKNOWN_HOOK),
        ("/hooks/", UNKNOWN_HOOK),
        ("/w/acme/inbox/1/reply/", FORM),
        ("/", FORM),
    ],
)
def test_each_place_has_a_limit(path: str, limit: int):
    assert limit_of(path) == limit


async def test_programs_are_told_as_a_problem():
    status, said, taken = await ask("/api/v1/attachments/", [b"x"], FORM + 1)
    assert (status, json.loads(said)["status"], taken) == (413, 413, 0)


async def silent(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """A socket that is accepted and then says nothing until the browser goes."""
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


def socket(address: str, cookie: str = "") -> Socket:
    opened = Socket(few(silent), "/ws/w/acme/", [(b"cookie", cookie.encode())] if cookie else [])
    opened.line.scope |= {"client": (address, 4711)}
    return opened


async def test_one_place_may_have_so_many_sockets_open_and_no_more(settings):
    settings.OMNIDESK_SOCKETS_PER_ADDRESS = 2
    first, second, third, other = (socket(address) for address in ("::1", "::2", "::3", "192.0.2.7"))
    assert [await one.connect() for one in (first, second, third, other)] == [True, True, False, True]
    await first.close()
    assert await socket("::4").connect()


async def test_one_sign_in_may_have_so_many_sockets_open_wherever_it_is(settings):
    settings.OMNIDESK_SOCKETS_PER_SIGN_IN = 1
    first = socket("192.0.2.1", "omnidesk_session=a; other=1")
    assert await first.connect()
    assert not await socket("192.0.2.2", "omnidesk_session=a; other=2").connect()
    others = [socket("192.0.2.2", cookie) for cookie in ("omnidesk_session=b; other=1", "other=1", "other=1")]
    assert [await one.connect() for one in others] == [True, True, True]
    await first.close()
    assert await socket("192.0.2.2", "omnidesk_session=a; other=2").connect()


async def test_a_socket_that_is_one_too_many_is_told_why(settings):
    settings.OMNIDESK_SOCKETS_PER_ADDRESS = 0
    refused = socket("192.0.2.1")
    refused.line.scope |= {"extensions": {"websocket.http.response": {}}}
    await refused.line.send_input({"type": "websocket.connect"})
    start, body = await refused.line.receive_output(), await refused.line.receive_output()
    assert (start["status"], dict(start["headers"])[b"retry-after"]) == (429, b"60")
    assert body["body"] == b"Too many sockets are open\n"
