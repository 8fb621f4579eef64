"""The times that a conversation can be put away until, as the reader's clock has them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MORNING = 9
MONDAY = 0


@dataclass(frozen=True, slots=True)
class Snooze:
    """A time to come back at, and what to call it."""

    key: str
    label: str | Promise
    until: datetime


def choices(now: datetime) -> list[Snooze]:
    """In three hours, tomorrow morning, Monday morning, in a week; `now` is in the reader's zone."""
    morning = now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    days_to_monday = (MONDAY - now.weekday()) % 7 or 7
    return [
        Snooze("hours", _("In 3 hours"), (now + timedelta(hours=3)).replace(second=0, microsecond=0)),
        Snooze("tomorrow", _("Tomorrow morning"), morning + timedelta(days=1)),
        Snooze("monday", _("Monday morning"), morning + timedelta(days=days_to_monday)),
        Snooze("week", _("In a week"), morning + timedelta(days=7)),
    ]


def mornings(now: datetime) -> list[Snooze]:
    """Tomorrow's and Monday's, which on a Sunday are one: when a message may be sent later."""
    _hours, tomorrow, monday, _week = choices(now)
    return [tomorrow] if tomorrow.until == monday.until else [tomorrow, monday]
