"""The index of words: what is found, in which order, by which way."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenancy import search
from tenancy.models import SearchRow
from tenancy.search import Ask, Field, Kind, Text, Within

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def said(
    of: int, words: str, at: datetime = NOON, kind: Kind = Kind.ENTRY, field: Field = Field.TEXT
) -> Text:
    return Text(kind, of, at, [(field, words)])


def ids(firm: str = "", typed: str = "", most: int = 20, kind: Kind = Kind.ENTRY, **within) -> list[int]:
    found = search.find([Ask(kind, firm, typed)], within=Within(**within), most=most)
    return [one.of for one in found]


@pytest.fixture
def years(in_scope):
    """1,500 rows, one a day, the newest first: every 3rd says "often", every 100th "seldom", the oldest "once"."""
    search.put(
        [
            said(
                day,
                f"day {day}{' often' * (day % 3 == 0)}{' seldom' * (day % 100 == 99)}{' once' * (day == 1499)}",
                NOON - timedelta(days=day),
            )
            for day in range(1500)
        ]
    )


@pytest.mark.parametrize("most", [1, 20, 400])
def test_what_is_said_often_is_found_newest_first(years, most):
    assert ids("'~often'", most=most) == [day for day in range(1500) if day % 3 == 0][:most]
    assert ids(typed="'~oft':*", most=most) == [day for day in range(1500) if day % 3 == 0][:most]


def test_what_is_said_seldom_is_found_however_far_back(years):
    seldom = [day for day in range(1500) if day % 100 == 99]
    assert ids("'~seldom'") == seldom
    assert ids("'~seldom'", "'~of':*") == [day for day in seldom if day % 3 == 0]
    assert ids("'~seldom' & !'~often'", most=3) == [day for day in seldom if day % 3][:3]
    assert ids(typed="'~onc':*") == [1499]
    assert ids("'~never'") == []


def test_pages_follow_each_other_without_gap_or_repetition(years):
    found, below = [], None
    while page := search.find([Ask(Kind.ENTRY, "'~seldom' | '~often'")], within=Within(below=below), most=37):
        found += [one.of for one in page]
        below = page[-1].cursor
    assert found == [day for day in range(1500) if day % 100 == 99 or day % 3 == 0]


def test_rows_of_one_moment_are_paged_by_their_ids(in_scope):
    search.put([said(of, "the same") for of in range(1, 250)])
    found, below = [], None
    while page := search.find([Ask(Kind.ENTRY, "'~same'")], within=Within(below=below), most=40):
        found += [one.of for one in page]
        below = page[-1].cursor
    assert found == list(range(249, 0, -1))


def test_bounds_hold(years):
    since, until = NOON - timedelta(days=300), NOON - timedelta(days=100)
    assert ids("'~seldom'", since=since, until=until) == [199, 299]
    assert ids("'~seldom'", since=NOON - timedelta(days=150)) == [99]
    assert ids("'~seldom'", until=NOON - timedelta(days=1450)) == [1499]
    below = search.find([Ask(Kind.ENTRY, "'~day' & '~250'")], most=1)[0].cursor
    assert ids("'~seldom'", below=below, until=until) == [day for day in range(1500) if day % 100 == 99][2:]


def test_kinds_are_apart_and_merged_by_time(in_scope):
    search.put([said(1, "both"), said(2, "both", NOON + timedelta(days=1), Kind.CONTACT)])
    assert (ids("'~both'"), ids("'~both'", kind=Kind.CONTACT)) == ([1], [2])
    asks = [Ask(Kind.ENTRY, "'~both'"), Ask(Kind.CONTACT, "'~both'"), Ask(Kind.FILE, "'~both'")]
    assert [(one.kind, one.of) for one in search.find(asks, most=5)] == [(Kind.CONTACT, 2), (Kind.ENTRY, 1)]


def test_words_stand_in_fields_and_phrases_end_with_them(in_scope):
    words = [(Field.FROM, "Dana Okafor"), (Field.SUBJECT, "the order"), (Field.TEXT, "came back")]
    search.put([Text(Kind.ENTRY, 7, NOON, words, ["c5", "f"])])
    assert [ids(f"'~dana':{field}") for field in "ABCD"] == [[7], [], [], []]
    assert [ids(f"'~came':{field}") for field in "ABCD"] == [[], [], [], [7]]
    assert (ids("'~came' <-> '~back'"), ids("'~order' <-> '~came'")) == ([7], [])
    assert (ids("'~=c5' & '~=f'"), ids("'~=c55'"), ids("'~c5'")) == ([7], [], [])


def test_what_is_said_anew_takes_the_place_of_what_was_said(in_scope):
    search.put([said(1, "old words"), said(2, "kept")])
    search.put([said(1, "new words", NOON + timedelta(days=1))])
    assert (ids("'~old'"), ids("'~new'"), ids("'~kept'")) == ([], [1], [2])
    search.drop(Kind.ENTRY, [1])
    assert (ids("'~new'"), SearchRow.objects.count()) == ([], 1)


def test_a_text_beyond_all_bounds_is_stored_and_found_by_how_it_begins(in_scope):
    words = " ".join(f"{number:x}é" for number in range(300_000))
    search.put([said(1, words), said(2, "請" * 300_000), said(3, "x" * 300_000)])
    assert (ids("'~1fe'"), ids("'~請請'"), ids("'~xxxx':*")) == ([1], [2], [3])


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_text_can_be_stored(in_scope, text):
    search.put([said(1, text.replace("\0", ""))])


def test_an_index_without_words_is_asked_nothing(in_scope):
    assert (ids(), search.find([], most=5), ids("'~x'")) == ([], [], [])


def test_the_application_alone_could_not_use_the_index_and_the_function_does(years):
    """The plan of what the function asks, as the role that it runs as."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        asked = "EXPLAIN SELECT id FROM tenancy_searchrow WHERE words @@ '1Eseldom & 1E=a'::tsquery"
        cursor.execute(asked)
        assert "searchrow_words" not in str(cursor.fetchall())
        cursor.execute("SET LOCAL ROLE omnidesk_system")
        cursor.execute(asked)
        assert "Bitmap Index Scan on searchrow_words" in str(cursor.fetchall())
        cursor.execute("RESET ROLE")
