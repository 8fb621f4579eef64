"""Who and which on the labelled cases (tests/scenarios/cases.csv): false joins, whose mark is 0, and misses."""

from collections import Counter
from collections.abc import Iterator

from bench.harness import Figure
from tests.scenarios.cases import read
from tests.scenarios.verdict import Verdict, judge


def main() -> list[Figure]:
    """Play every case and count. What went wrong is listed case by case, so that nothing hides in a sum."""
    verdicts = [judge(case) for case in read()]
    return [*totals(verdicts), *listed(verdicts)]


def totals(verdicts: list[Verdict]) -> Iterator[Figure]:
    """How many cases there are, and how many joins were false or missed."""
    false_joins = Counter(what for verdict in verdicts for what in verdict.false_joins)
    missed = Counter(what for verdict in verdicts for what in verdict.misses)
    yield Figure("labelled cases", len(verdicts), "cases")
    yield Figure("false joins of people", false_joins["who"], "joins")
    yield Figure("false joins of matters", false_joins["which"], "joins")
    yield Figure("people missed", missed["who"], f"of {sum(v.case.who.isdigit() for v in verdicts)}")
    yield Figure("matters missed", missed["which"], f"of {sum(v.case.which.isdigit() for v in verdicts)}")
    yield Figure("links missed", missed["link"], f"of {sum('~' in v.case.which for v in verdicts)}")
    yield Figure("suggestions missed", missed["suggest"], f"of {sum(bool(v.case.suggest) for v in verdicts)}")


def listed(verdicts: list[Verdict]) -> Iterator[Figure]:
    """Each false join, then each miss, with what is true in the world."""
    for verdict in verdicts:
        for what in sorted(verdict.false_joins):
            yield Figure(f"FALSE {what}: {verdict.case.case}", 1, "joins", note=verdict.case.truth)
    for verdict in verdicts:
        if verdict.misses:
            what = " and ".join(sorted(verdict.misses))
            yield Figure(f"missed: {verdict.case.case}", len(verdict.misses), what, note=verdict.case.truth)
