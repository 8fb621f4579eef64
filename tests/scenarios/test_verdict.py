"""The judge itself: a wrong label must be seen as what it is."""

import pytest

from tests.scenarios.cases import Case, Event
from tests.scenarios.verdict import judge

pytestmark = pytest.mark.django_db


def case(history: str, last: str, *, who: str, which: str, suggest: int | None = None) -> Case:
    return Case(
        case="test",
        topic="test",
        history=tuple(Event.parse(text) for text in history.split(";")),
        last=Event.parse(last),
        who=who,
        which=which,
        suggest=frozenset([] if suggest is None else [suggest]),
        missed=frozenset(),
        truth="",
    )


@pytest.mark.parametrize(
    ("last", "who", "which", "false_joins", "misses"),
    [
        ("mail ana@cust.example re:1", "1", "1", set(), set()),
        ("mail ana@cust.example re:1", "new", "new", {"who", "which"}, set()),
        ("mail ana@cust.example re:1", "2", "2", {"who", "which"}, set()),
        ("mail ana@cust.example re:1", "member", "any", {"who"}, set()),
        ("mail ana@cust.example re:1", "1", "new~1", {"which"}, {"link"}),
        ("mail cem@cust.example", "1", "1", set(), {"who", "which"}),
        ("mail cem@cust.example", "new", "new~1", set(), {"link"}),
        ("mail agent@acme.example", "1", "1", set(), {"who", "which"}),
        ("mail agent@acme.example", "member", "any", set(), set()),
    ],
)
def test_joins_are_compared_with_the_label(last, who, which, false_joins, misses) -> None:
    verdict = judge(case("mail ana@cust.example; mail ben@cust.example", last, who=who, which=which))
    assert (set(verdict.false_joins), set(verdict.misses)) == (false_joins, misses)


def test_a_suggestion_is_missed_or_too_much() -> None:
    claim = "chat v1 claims:email=ana@cust.example"
    unwanted = judge(case("mail ana@cust.example", claim, who="new", which="new"))
    wanted = judge(case("mail ana@cust.example", claim, who="new", which="new", suggest=1))
    missing = judge(case("mail ana@cust.example", "chat v1", who="new", which="new", suggest=1))
    assert (unwanted.faults, list(unwanted.misses)) == (("suggests [1]",), [])
    assert (wanted.faults, list(wanted.misses)) == ((), [])
    assert (missing.faults, list(missing.misses)) == ((), ["suggest"])
