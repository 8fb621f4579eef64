"""What arrived, for people to read: with whatever opens a door covered."""

import re
from collections.abc import Mapping

COVER = "•••"
SHOWN = 100_000  # characters

_WORDS = r"(?:token|secret|passw(?:or)?d|api[_-]?key|signature|authori[sz]ation|cookie)"
_OPENS = re.compile(_WORDS, re.IGNORECASE)
# `name: value`, `"name": "value"`, `name=value` and, after an empty line, the value of a part that is named so: as
# headers, JSON and forms of both kinds write them.
_VALUE = re.compile(
    rf"(?P<name>{_WORDS}[\w-]{{0,40}}(?:[\"']?\s{{0,4}}[:=]\s{{0,4}}|\"\r\n\r\n))(?P<quote>[\"']?)[^\s\"'&,;}}]{{4,}}",
    re.IGNORECASE,
)
# Credentials come after their scheme: `Authorization: Bearer …`.
_CREDENTIALS = re.compile(r"\b(Basic|Bearer|Digest)\s+[\w.~+/=-]{6,}", re.IGNORECASE)
# Our own signed tokens (conversations/tokens.py): whoever has one can write into a conversation.
_OUR_TOKEN = re.compile(r"(?<![a-z2-7])[a-z2-7]{32}(?![a-z2-7])", re.IGNORECASE)


def masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with the values of those that hold secrets covered."""
    return {name: COVER if _OPENS.search(name) else masked_text(value) for name, value in headers.items()}


def masked_body(body: bytes) -> str:
    """The first 100,000 characters as text, secrets covered; bytes that are no UTF-8 show as U+FFFD."""
    return masked_text(body[: 4 * SHOWN].decode("utf-8", "replace")[:SHOWN])


def masked_text(text: str) -> str:
    """Text with values of secrets, credentials and our own tokens covered."""
    text = _CREDENTIALS.sub(rf"\1 {COVER}", text)
    text = _VALUE.sub(rf"\g<name>\g<quote>{COVER}", text)
    return _OUR_TOKEN.sub(COVER, text)
