"""Dates and times as each language writes them (tenancy.formats)."""

from datetime import date, datetime, time
from functools import lru_cache

from django.utils import dateformat, formats, timezone

from tenancy.formats.en import formats as english


@lru_cache(maxsize=2048)
def date_in_words(on: date, format_name: str, language: str) -> str:
    """A date in words, by the name of a format (tenancy.formats); a page has few of them, many times."""
    return dateformat.format(on, _pattern(format_name))


@lru_cache(maxsize=2048)
def clock_in_words(at: time, language: str) -> str:
    """A time of day, to the minute."""
    return dateformat.time_format(at, _pattern("CLOCK"))


def moment(at: datetime) -> str:
    """A day and a time on the reader's clock."""
    return dateformat.format(timezone.localtime(at), _pattern("MOMENT"))


def _pattern(name: str) -> str:
    """A format of the reader's language; English where that has none of the name."""
    found = formats.get_format(name)
    return str(getattr(english, name) if found == name else found)
