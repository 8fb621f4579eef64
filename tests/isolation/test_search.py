"""The one function of the database that reads past the policy: it answers from one workspace, whatever it is
asked."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenancy import search
from tenancy.models import SearchRow
from tenancy.scope import SETTING, scope
from tenancy.search import Ask, Field, Kind, Text, Within
from tenancy.system import system_scope

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CALL = "SELECT of FROM tenancy_search(%s, %s, %s, %s, %s, %s, %s, %s)"
MARKS = {"acme": 11, "globex": 22}


@pytest.fixture
def both(workspace, other_workspace):
    """Two workspaces that say the same; whose a row is, is told by the id that it is of."""
    for one in (workspace, other_workspace):
        with scope(one.pk):
            first = MARKS[one.slug] * 1_000
            search.put(
                [
                    Text(Kind.ENTRY, first + at, NOON - timedelta(hours=at), [(Field.TEXT, "a secret word")])
                    for at in range(150)
                ]
            )
    return workspace, other_workspace


def call(kind: str = "E", firm: str = "", typed: str = "", *, most: int = 500) -> set[int]:
    """Whose rows it gives, by the thousands of their ids; nothing where it refuses."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(CALL, [kind, firm, typed, None, None, None, None, most])
            return {of // 1_000 for (of,) in cursor.fetchall()}
    except DatabaseError:
        return set()


def hostile(workspace_id: int) -> list[str]:
    """Conditions that name a workspace themselves."""
    mark = f"{workspace_id:x}E"
    return [
        f"'{mark}secret'",
        f"'~secret' | '{mark}secret'",
        f"'{mark}secret':* | '{mark}=a'",
        "!'nothing'",
        f"'~secret') | ('{mark}secret'",
        "'~' ; SELECT 1",
    ]


def test_it_answers_from_the_open_workspace(both):
    mine, other = both
    with scope(mine.pk):
        assert call(firm="'~secret'") == {11}
        assert call(typed="'~sec':*") == {11}
        with scope(other.pk):
            assert call(firm="'~secret'") == {22}
        assert call(firm="'~secret'") == {11}


def test_it_answers_nothing_where_no_workspace_is_open(both):
    assert call(firm="'~secret'") == set()
    for nothing in ("", "-1", "x", "11; --", "999999"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, nothing])
            assert call(firm="'~secret'") == set()
    with system_scope():
        assert call(firm="'~secret'") == set()


def test_conditions_that_name_another_workspace_find_nothing_of_it(both):
    mine, other = both
    with scope(mine.pk):
        for words in hostile(other.pk):
            for kind in ("E", "e", f"E' | '{other.pk:x}E", "", "%", "E:*"):
                assert call(kind=kind, firm=words) <= {11}, (kind, words)
                assert call(kind=kind, typed=words) <= {11}, (kind, words)


def test_even_a_row_that_carries_anothers_words_stays_where_it_is(both):
    mine, other = both
    with scope(other.pk):
        SearchRow.objects.create(
            kind="E", of=33_000, at=NOON, words=f"{mine.pk:x}Esecret:1 {mine.pk:x}E=a {mine.pk:x}E=d20780"
        )
    with scope(mine.pk):
        assert call(firm="'~secret'") == {11}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.text(max_size=3) | st.sampled_from(Kind),
    firm=st.text(max_size=30) | st.sampled_from(hostile(2)),
    typed=st.text(max_size=30) | st.sampled_from(hostile(2)),
    most=st.integers(-2, 10**9),
)
def test_whatever_is_asked(both, kind, firm, typed, most):
    with scope(both[0].pk):
        texts = [text.replace("\0", "") for text in (kind, firm, typed)]
        assert call(*(text.encode(errors="replace").decode() for text in texts), most=min(most, 1000)) <= {11}


def test_other_roles_may_not_call_it(both):
    name = "tenancy_search(text, text, text, timestamptz, bigint, timestamptz, timestamptz, int)"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE has_function_privilege(oid, %s, 'EXECUTE') AND NOT rolsuper"
            " AND rolname !~ '^pg_'",
            [name],
        )
        assert {role for (role,) in cursor.fetchall()} == {"omnidesk", "omnidesk_system"}


def test_the_python_side_asks_inside_a_scope_and_within_bounds(both):
    with scope(both[0].pk):
        found = search.find([Ask(Kind.ENTRY, "'~secret'")], most=3)
        assert [one.of for one in found] == [11_000, 11_001, 11_002]
        below = search.find([Ask(Kind.ENTRY, "'~secret'")], within=Within(below=found[1].cursor), most=2)
        assert [one.of for one in below] == [11_002, 11_003]
        within = Within(since=NOON - timedelta(hours=120), until=NOON - timedelta(hours=110))
        some = search.find([Ask(Kind.ENTRY, "'~secret'")], within=within, most=50)
        assert [one.of for one in some] == list(range(11_111, 11_121))
