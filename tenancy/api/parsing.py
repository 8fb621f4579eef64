"""JSON from outside, refused where the database, or our own stack, would trip over it."""

import json
import math
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 32


class StrictJSONParser(JSONParser):
    """UTF-8 only (RFC 8259 8.1); no NUL or lone surrogates, which PostgreSQL cannot store; no NaN or infinity; no
    name twice in an object, of which one would be lost."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            data = json.loads(
                stream.read().decode("utf-8"),
                parse_constant=_no_number,
                parse_float=_finite_number,
                object_pairs_hook=_named_once,
            )
            _check(data)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not JSON that can be taken: {error}") from error
        return data


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        raise ValueError("an object has two members of one name")
    return named


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _finite_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _check(data: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise ValueError("it is nested too deeply")
    if isinstance(data, str):
        _check_text(data)
    elif isinstance(data, dict):
        for name, value in data.items():
            _check_text(name)
            _check(value, depth + 1)
    elif isinstance(data, list):
        for value in data:
            _check(value, depth + 1)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise ValueError("a text holds a NUL character")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("a text holds half a character (a lone surrogate)")
