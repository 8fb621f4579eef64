"""Lanes whose work gets many rows at once."""

import pytest

from tenancy.batches import run_batch
from tenancy.models import Brand
from tenancy.pending import Fail, Ignore, Retry
from tests.tenancy.chores import CHORES, chore, lane, states


@pytest.fixture
def run(in_scope):
    return lambda chosen: run_batch(chosen, in_scope.pk)


def test_a_lane_of_together_works_on_many_rows_at_once_but_never_two_of_a_key(run):
    for name, key in [("a1", "a"), ("b1", "b"), ("a2", "a"), ("free", ""), ("also free", ""), ("a3", "a")]:
        chore(name, key=key)
    turns: list[list[str]] = []

    def work(rows):
        turns.append([row.summary for row in rows])
        return [None] * len(rows)

    assert run(lane(work, together=True)) == 6
    assert [sorted(turn) for turn in turns] == [["a1", "also free", "b1", "free"], ["a2"], ["a3"]]
    assert set(states().values()) == {"done"}


def test_in_a_lane_of_together_each_row_ends_in_its_own_way(run):
    for name in ("well", "ignored", "later", "never"):
        chore(name)
    ends = {"well": None, "ignored": Ignore("spam"), "later": Retry("busy"), "never": Fail("gone")}
    run(lane(lambda rows: [ends[row.summary] for row in rows], together=True))
    assert states() == {"well": "done", "ignored": "ignored", "later": "pending", "never": "failed"}


def test_a_row_that_raises_undoes_nothing_of_those_it_was_worked_on_with(run):
    for name in ("one", "two", "bad", "four"):
        chore(name)

    def work(rows):
        for row in rows:
            Brand.objects.create(name=f"of {row.summary}")
        if any(row.summary == "bad" for row in rows):
            raise ValueError("no such thing")
        return [None] * len(rows)

    run(lane(work, together=True))
    assert states() == {"one": "done", "two": "done", "bad": "pending", "four": "done"}
    made = Brand.objects.filter(name__startswith="of ").values_list("name", flat=True)
    assert sorted(made) == ["of four", "of one", "of two"]


def test_in_a_lane_of_together_a_retrying_row_holds_its_key_back_too(run):
    chore("first", key="a")
    chore("second", key="a")
    chore("other", key="b")
    run(lane(lambda rows: [Retry("busy") if row.summary == "first" else None for row in rows], together=True))
    assert states() == {"first": "pending", "second": "pending", "other": "done"}


def test_in_an_acting_lane_of_together_one_row_acts_and_the_next_waits_for_its_batch(run):
    for name in ("quiet", "loud", "louder", "still"):
        chore(name)
    acted: list[str] = []
    acting = lane(
        lambda rows: [row.summary if "loud" in row.summary else None for row in rows],
        act=acted.append,
        settle=lambda row, result: None,
        together=True,
    )
    assert run(acting) == 4
    assert (acted, states()) == (
        ["loud"],
        {"quiet": "done", "loud": "done", "louder": "pending", "still": "done"},
    )
    assert run(acting) == 1
    assert (acted, set(states().values())) == (["loud", "louder"], {"done"})
    assert list(CHORES.objects.values_list("attempts", flat=True)) == [1, 1, 1, 1]
