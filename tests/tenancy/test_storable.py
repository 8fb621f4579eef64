"""What strangers send, made fit for the database."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.storable import bounded, legible, shortened, storable

ANYTHING = st.text(st.characters(categories=None) | st.sampled_from("\0\ud800\udfff"))


class Kind(StrEnum):
    SMS = "sms"


@dataclass(frozen=True)
class Part:
    text: str
    raw: bytes = b""


@dataclass(frozen=True)
class Whole:
    kind: Kind
    parts: tuple[Part, ...]
    facts: dict[str, str] = field(default_factory=dict)
    at: datetime | None = None


def test_every_text_in_it_is_cleaned_and_nothing_else_is_touched():
    at = datetime(2026, 11, 23, tzinfo=UTC)
    whole = Whole(Kind.SMS, (Part("a\0b", b"\0"), Part("c\ud83d")), {"n\0": "v\udc00"}, at)
    clean = storable(whole)
    assert clean == Whole(Kind.SMS, (Part("ab", b"\0"), Part("c")), {"n": "v"}, at)
    assert isinstance(clean.kind, Kind)


@given(ANYTHING)
def test_whatever_is_written_can_be_stored(text):
    clean = storable(text)
    assert "\0" not in clean
    clean.encode()


def test_a_legible_text_has_one_kind_of_line_end_and_no_controls():
    assert legible("a\x00b\ud800c\x07d\r\ne\rf\x0cg\th") == "abcd\ne\nf\ng\th"


@given(ANYTHING)
def test_a_legible_text_can_be_stored_and_stays_as_it_is(text):
    assert legible(text) == storable(legible(text)) == legible(legible(text))


@given(ANYTHING, st.integers(64, 400))
def test_an_id_fits_and_stays_the_same_when_it_is_fitted_again(text, limit):
    key = bounded(text, limit)
    assert "\0" not in key
    assert len(key.encode()) <= limit
    assert bounded(key, limit) == key


@pytest.mark.parametrize("text", ["", "m1", "é" * 160, "line\nbreak"])
def test_an_id_that_fits_is_left_as_it_is(text):
    assert bounded(text, 320) == text


def test_long_ids_that_begin_alike_stay_two():
    assert bounded("a" * 2000 + "1", 1000) != bounded("a" * 2000 + "2", 1000)


@given(ANYTHING, st.integers(1, 40))
def test_what_is_shortened_fits_a_column(text, limit):
    assert len(shortened(text, limit)) <= limit


def test_combining_marks_count():
    assert shortened("e\u0301" * 5, 8) == "e\u0301e\u0301e\u0301e…"
    assert shortened("one two", 5) == "one…"
    assert shortened("one two", 7) == "one two"
