"""A wrong join is worse than a missed one: no labelled case is joined falsely, and the misses are known."""

import pytest

from tests.scenarios.cases import Case, read
from tests.scenarios.verdict import judge

CASES = read()
MISSES = 69


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case)
def test_case(case: Case, db: None) -> None:
    """No false join, no other fault, and exactly the misses that the table names."""
    verdict = judge(case)
    assert (verdict.false_joins, verdict.faults) == (frozenset(), ())
    assert verdict.misses == case.missed


def test_table_is_large_and_its_misses_are_counted() -> None:
    assert len(CASES) >= 200
    assert len({case.case for case in CASES}) == len(CASES)
    assert sum(len(case.missed) for case in CASES) == MISSES
