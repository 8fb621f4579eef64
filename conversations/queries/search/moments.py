"""Days as people write them: 2026-11-01, 2026-11, 2026, today, yesterday, 90d."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from django.utils import timezone

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_AGO = re.compile(r"(\d{1,4})([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


def days(value: str) -> tuple[datetime, datetime] | None:
    """When that begins, and when it is over, where the reader is; None for what is no day."""
    value, today = value.lower(), timezone.localdate()
    try:
        first, last = _named(value, today) or _dated(value) or _ago(value, today) or (None, None)
    except (ValueError, OverflowError):
        return None
    if first is None or last is None:
        return None
    return _midnight(first), _midnight(last + timedelta(days=1))


def _named(value: str, today: date) -> tuple[date, date] | None:
    names = {"today": today, "yesterday": today - timedelta(days=1)}
    return (names[value], names[value]) if value in names else None


def _dated(value: str) -> tuple[date, date] | None:
    found = _DATE.fullmatch(value)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    first = date(year, month or 1, day or 1)
    return first, date(year, month or 12, day or monthrange(year, month or 12)[1])


def _ago(value: str, today: date) -> tuple[date, date] | None:
    found = _AGO.fullmatch(value)
    if not found:
        return None
    first = today - timedelta(days=int(found[1]) * _DAYS[found[2]])
    return first, first


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - made aware here
