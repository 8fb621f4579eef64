"""Requests that are too large are refused before Django has read them to disk."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from channels_ingest.base import MEGABYTE
from omnidesk.limits import FORM, UNKNOWN_HOOK, limit_of, limited


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
