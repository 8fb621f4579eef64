"""Effort is what can be true of what browsers say."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from conversations.models import Effort, EffortClock
from conversations.queries.effort import Share, spent_on
from conversations.services.effort import QUARTER, REACH, quarters, spend
from tests.conversations.services.conftest import NOW

NINE, QUARTER_PAST = NOW, NOW + QUARTER


@pytest.fixture
def conversation(write):
    return write("m1").conversation


@pytest.fixture
def other(write):
    return write("m2").conversation


@pytest.fixture
def say(conversation, member):
    """`say(30)`: the member's browser reports 30 seconds; returns how many were counted."""

    def said(seconds: int, *, of=conversation, by=member, report: UUID | None = None) -> int:
        return spend(conversation=of, member=by, seconds=seconds, report=report or uuid4())

    return said


def rows() -> list[tuple[datetime, int]]:
    return list(Effort.objects.order_by("at", "member").values_list("at", "seconds"))


def test_reports_add_up_in_their_quarter_of_an_hour(say, clock):
    clock.shift(60)
    assert [say(30), clock.shift(30), say(30)] == [30, None, 30]
    assert rows() == [(NINE, 60)]


def test_a_report_is_split_where_a_quarter_begins(say, clock):
    clock.move_to(QUARTER_PAST + timedelta(seconds=10))
    assert say(30) == 30
    assert rows() == [(NINE, 20), (QUARTER_PAST, 10)]


def test_a_report_that_comes_again_counts_once(say, clock):
    report = uuid4()
    assert say(30, report=report) == 30
    clock.shift(30)
    assert say(30, report=report) == 0
    assert sum(seconds for _, seconds in rows()) == 30


def test_two_windows_never_add_up_to_more_than_the_time_that_went_by(say, other, clock):
    say(300)
    for _ in range(10):
        clock.shift(30)
        say(30)
        say(30, of=other)
    assert sum(seconds for _, seconds in rows()) == 300 + 10 * 30


def test_windows_looked_at_in_turn_count_in_full(say, other, clock):
    say(300)
    clock.shift(30)
    assert [say(20), say(10, of=other)] == [20, 10]


def test_time_that_was_not_reported_can_be_no_longer_ago_than_the_reach(say, clock):
    say(1)
    clock.shift(3600)
    assert say(3600) == REACH.total_seconds()
    assert say(1) == 0


@pytest.mark.parametrize("jump", [timedelta(hours=-5), timedelta(hours=5)])
def test_a_jump_of_the_servers_clock_costs_nothing_for_long(say, clock, jump):
    say(300)
    clock.shift(jump)
    say(300)
    clock.shift(30)
    assert say(30) == 30


def test_a_quarter_never_holds_more_than_its_seconds(say, conversation, member, clock):
    Effort.objects.create(conversation=conversation, member=member, at=NINE, seconds=890)
    clock.shift(300)
    say(30)
    assert rows() == [(NINE, 900)]


@pytest.mark.parametrize("seconds", [0, -5])
def test_no_seconds_are_no_row(say, seconds):
    assert say(seconds) == 0
    assert rows() == []


def test_members_have_time_of_their_own(say, owner, conversation, clock):
    clock.shift(60)
    assert [say(60), say(50, by=owner)] == [60, 50]
    assert EffortClock.objects.count() == 2
    shares = (Share("Aki Agent", 60), Share("Olga Owner", 50))
    spent = spent_on(conversation.number).read()
    assert (spent.shares, spent.seconds) == (shares, 110)


def test_nothing_spent_is_nothing(conversation):
    spent = spent_on(conversation.number).read()
    assert (spent.shares, spent.seconds) == ((), 0)


def test_what_was_spent_takes_one_query_however_much_it_was(say, owner, conversation, clock):
    for _ in range(3):
        clock.shift(QUARTER)
        say(60)
        say(60, by=owner)
    with CaptureQueriesContext(connection) as captured:
        assert spent_on(conversation.number).read().seconds == 360
    assert len(captured) == 1


@given(
    end=st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda after: NOW + after),
    seconds=st.integers(0, 900),
)
def test_quarters_hold_every_second_once(end, seconds):
    parts = quarters(end, seconds)
    assert sum(parts.values()) == seconds
    assert len(parts) <= 2
    assert all(0 < part <= 900 and at.minute % 15 == at.second == 0 for at, part in parts.items())
    assert all(end - timedelta(seconds=seconds + 1) - QUARTER < at <= end for at in parts)
