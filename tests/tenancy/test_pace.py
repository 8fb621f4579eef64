"""Batches that end when it is another workspace's turn."""

import math

import pytest

from tenancy import batches
from tenancy.batches import run_batch
from tenancy.pace import LEAST, TURN, Pace
from tests.tenancy.chores import chore, lane


def test_what_has_not_been_tried_is_taken_whole():
    assert Pace().room(100) == 100


@pytest.mark.parametrize(
    ("rows", "took", "room"),
    [(25, 0.05, 100), (25, 0.25, 25), (50, TURN, 50), (25, 2.5, LEAST), (1, 60.0, LEAST)],
)
def test_as_many_rows_are_taken_as_fit_into_a_turn(rows, took, room):
    pace = Pace()
    pace.note(rows, took)
    assert pace.room(100) == room


def test_one_slow_batch_is_soon_forgotten():
    pace = Pace()
    pace.note(25, 2.5)
    for _ in range(3):
        pace.note(25, 0.025)
    assert pace.room(1000) == 18
    pace.note(0, 60.0)
    assert pace.room(1000) == 18


def test_a_small_batch_stays_small():
    pace = Pace()
    pace.note(1, 60.0)
    assert pace.room(4) == 4
    assert Pace(turn=math.inf).room(4) == 4


def test_a_lane_whose_rows_are_slow_takes_fewer_of_them_at_once(in_scope, monkeypatch):
    clock = iter([0.0, 2.0, 10.0, 10.25, 20.0, 20.1])
    monkeypatch.setattr(batches, "time", type("Clock", (), {"monotonic": lambda: next(clock)}))
    for number in range(80):
        chore(f"{number}")
    slow = lane(batch=40, pace=Pace())
    assert [run_batch(slow, in_scope.pk) for _ in range(3)] == [40, LEAST, LEAST]
