"""Open hours: when somebody works, and what is left of a promise that counts hours of work alone.

All arithmetic is on moments in UTC, between spans that are said in the calendar's own zone: on the day on which
the clocks change, a night has as many hours as it really has.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# From and to, by the wall clock of one day; midnight as an end is that of the day's own evening.
Span = tuple[time, time]
WHOLE_DAY: Span = (time(0), time(0))
FARTHEST = 400  # days that are looked through for one that is open
NOTHING = timedelta()


def never(_day: date) -> bool:
    """That no day is a holiday."""
    return False


@dataclass(frozen=True)
class Hours:
    """A week of spans, Monday first, in a zone; `is_holiday` says which days are closed all the same."""

    zone: ZoneInfo
    week: Sequence[Sequence[Span]]
    is_holiday: Callable[[date], bool] = never

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The moments, in UTC, between which it is open on a day of the zone; in order."""
        if self.is_holiday(day):
            return
        for begins, ends in sorted(self.week[day.weekday()]):
            last = day + timedelta(days=1) if ends == time(0) else day
            yield self._moment(day, begins), self._moment(last, ends)

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at a moment."""
        return any(begins <= at < ends for begins, ends in self.spans(at.astimezone(self.zone).date()))

    def after(self, at: datetime, length: timedelta) -> datetime | None:
        """The moment at which so much open time will have passed; None where it never will."""
        left = length
        for begins, ends in self._from(at):
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
        return None

    def opens(self, at: datetime) -> datetime | None:
        """The first open moment from `at` on; None where there is none."""
        return self.after(at, NOTHING)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much open time lies between two moments; none where the second comes first."""
        total = NOTHING
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            for begins, ends in self.spans(day):
                total += max(min(ends, end) - max(begins, start), NOTHING)
            day += timedelta(days=1)
        return total

    def _from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is open from a moment on, span by span."""
        first = at.astimezone(self.zone).date()
        for days in range(FARTHEST):
            for begins, ends in self.spans(first + timedelta(days=days)):
                if ends > at:
                    yield max(begins, at), ends

    def _moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)


ALWAYS = Hours(ZoneInfo("UTC"), [[WHOLE_DAY]] * 7)
