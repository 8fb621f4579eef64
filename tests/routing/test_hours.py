"""Open hours over changes of the clock, holidays and nights, and what holds of any week."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.hours import ALWAYS, WHOLE_DAY, Hours

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = [[(time(9), time(17))]] * 5 + [[], []]


def at(text: str) -> datetime:
    """A moment by Berlin's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def hours(**facts: float) -> timedelta:
    return timedelta(**facts)


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-11-23T10:00", hours(hours=2), "2026-11-23T12:00"),
        ("2026-11-23T16:00", hours(hours=2), "2026-11-24T10:00"),
        ("2026-11-23T07:00", hours(hours=1), "2026-11-23T10:00"),
        ("2026-11-27T16:30", hours(hours=1), "2026-11-30T09:30"),  # over a weekend
        ("2026-11-23T09:00", hours(hours=8), "2026-11-23T17:00"),
        ("2026-12-24T16:00", hours(hours=2), "2026-12-28T10:00"),  # Christmas Day is a Friday
    ],
)
def test_open_time_passes_only_while_it_is_open(start, length, end):
    office = Hours(BERLIN, OFFICE, lambda day: day in {date(2026, 12, 25), date(2026, 12, 26)})
    assert office.after(at(start), length) == at(end)
    assert office.between(at(start), at(end)) == length


@pytest.mark.parametrize(("night", "length"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-06-06", 8)])
def test_a_night_has_as_many_hours_as_it_really_has(night, length):
    nights = Hours(BERLIN, [[(time(22), time(0)), (time(0), time(6))]] * 7)
    evening = at(f"{night}T22:00")
    morning = evening + timedelta(hours=length)
    assert morning == at(f"{date.fromisoformat(night) + timedelta(days=1)}T06:00")
    assert nights.between(evening, morning) == timedelta(hours=length)
    assert nights.after(evening, timedelta(hours=length)) == morning


def test_what_never_opens_is_never_due():
    closed = Hours(BERLIN, [[]] * 7)
    assert closed.after(at("2026-11-23T10:00"), hours(minutes=1)) is None
    assert closed.opens(at("2026-11-23T10:00")) is None
    assert not closed.is_open(at("2026-11-23T10:00"))


def test_it_closes_when_it_says_and_opens_next():
    office = Hours(BERLIN, OFFICE)
    assert [office.is_open(at(f"2026-11-23T{clock}")) for clock in ("08:59", "09:00", "16:59", "17:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert office.opens(at("2026-11-27T17:00")) == at("2026-11-30T09:00")


FIRST = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 700 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
lengths = st.integers(0, 10_000).map(lambda minutes: timedelta(minutes=minutes))
clocks = st.integers(0, 23).map(time)
weeks = st.lists(
    st.lists(st.tuples(clocks, clocks).filter(lambda span: span[0] < span[1]), max_size=1),
    min_size=7,
    max_size=7,
).filter(any)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia"])


@given(moments, lengths, weeks, zones)
def test_what_is_added_is_what_lies_between(start, length, week, zone):
    kept = Hours(ZoneInfo(zone), week)
    end = kept.after(start, length)
    assert end is not None
    assert kept.between(start, end) == length


@given(moments, lengths)
def test_who_is_always_open_counts_by_the_clock(start, length):
    assert ALWAYS.after(start, length) == start + length
    assert ALWAYS.between(start, start + length) == length
    assert Hours(BERLIN, [[WHOLE_DAY]] * 7).after(start, length) == start + length
