"""What members wish, as it is stored and read."""

import json
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.preferences import USUAL, By, Happening, Next, Preferences, sensible

TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
TOLD = st.dictionaries(st.sampled_from(Happening.values), st.sets(st.sampled_from(By.values)))
WISHES = st.builds(
    Preferences,
    told=TOLD.map(lambda told: {**USUAL} | {what: sensible(what, ways) for what, ways in told.items()}),
    follows=st.booleans(),
    hides_text=st.booleans(),
    sound=st.booleans(),
    shortcuts=st.booleans(),
    after_resolving=st.sampled_from(Next.values),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(By.values),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(WISHES)
def test_what_is_stored_is_read_again(wishes):
    assert Preferences.read(json.loads(json.dumps(wishes.stored()))) == wishes


@given(TIMES, TIMES)
def test_quiet_hours_are_stored_and_read_again(start, end):
    wishes = Preferences(quiet_from=start, quiet_to=end)
    assert Preferences.read(json.loads(json.dumps(wishes.stored()))) == wishes


@given(st.dictionaries(st.sampled_from([*Preferences().stored(), "x"]), ANYTHING) | ANYTHING)
def test_whatever_is_stored_some_wishes_are_read(found):
    wishes = Preferences.read(found)
    assert wishes.told.keys() == USUAL.keys()
    assert wishes.after_resolving in Next.values
    assert {type(each) for each in (wishes.follows, wishes.sound, wishes.shortcuts)} == {bool}


def test_as_usual_single_keys_work_and_mails_are_of_mentions_alone():
    wishes = Preferences.read({})
    assert (wishes.shortcuts, wishes.after_resolving) == (True, "stay")
    assert [what for what in Happening if wishes.tells(what, By.EMAIL)] == [Happening.MENTIONED]


def test_no_way_goes_without_what_it_tells_of():
    assert sensible(Happening.CUSTOMER, ["browser", "email", "x"]) == frozenset()
    assert sensible(Happening.MENTIONED, ["email"]) == {"email"}
    assert sensible(Happening.CUSTOMER, ["centre", "browser"]) == {"centre", "browser"}


@pytest.mark.parametrize(
    ("start", "end", "quiet"),
    [(22, 7, [0, 1, 2, 3, 4, 5, 6, 22, 23]), (12, 14, [12, 13]), (9, 9, [])],
)
def test_quiet_hours_may_go_over_midnight(start, end, quiet):
    wishes = Preferences(quiet_from=time(start), quiet_to=time(end))
    moments = [datetime(2026, 3, 2, hour, 30, tzinfo=UTC) for hour in range(24)]
    assert [at.hour for at in moments if wishes.is_quiet(at)] == quiet
