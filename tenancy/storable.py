"""What strangers send, as the database can hold it.

PostgreSQL takes no NUL and no halves of characters (lone surrogates) in text, and its indexes no long keys.
"""

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from hashlib import sha256
from typing import Any, TypeVar

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0e-\x1f\x7f]")
_NEWLINES = re.compile(r"\r\n?|[\x0c\x85\u2028\u2029]")
Value = TypeVar("Value")


def storable(value: Value) -> Value:
    """A text without characters that cannot be stored; of tuples, mappings and dataclasses, all texts in them."""
    return _cleaned(value)  # type: ignore[no-any-return]


def legible(text: str) -> str:
    """A text that can be stored, with line feeds alone as line ends, and no other control characters but tabs."""
    return storable(_CONTROLS.sub("", _NEWLINES.sub("\n", text)))


def bounded(key: str, limit: int) -> str:
    """An id that somebody else gave; its digest where it is longer than `limit` bytes or cannot be stored.

    A digest and not a part of it, so that two that begin alike stay two; given a digest, it stays as it is.
    """
    raw = key.encode("utf-8", "surrogatepass")
    if len(raw) <= limit and not _UNSTORABLE.search(key):
        return key
    return sha256(raw).hexdigest()


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, as columns count them, with an ellipsis where it was cut.

    Django's Truncator counts no combining marks, so that what it lets through may not fit.
    """
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def _cleaned(value: Any) -> Any:
    match value:
        case Enum():
            return value
        case str():
            return _UNSTORABLE.sub("", value)
        case tuple():
            return tuple(_cleaned(one) for one in value)
        case dict():
            return {_cleaned(name): _cleaned(one) for name, one in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return replace(
                value, **{name.name: _cleaned(getattr(value, name.name)) for name in fields(value)}
            )
    return value
