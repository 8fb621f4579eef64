"""Many rows in one statement, and many pieces of work in one savepoint."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenancy.bulk import together, update_rows
from tenancy.models import Brand, Workspace
from tenancy.scope import scope
from tests.tenancy.chores import CHORES, chore

PRECISE = datetime.fromisoformat("2026-11-23T12:00:00.123456+00:00")


class Refused(Exception):
    pass


def named(names: Any) -> list[str]:
    """Make brands; refuse any list with a bad one in it."""
    for name in names:
        Brand.objects.create(name=name)
    if any(name.startswith("bad") for name in names):
        raise Refused(names)
    return [name.upper() for name in names]


def unexpected(item: str, error: Exception) -> str:
    raise error


def made() -> list[str]:
    return list(Brand.objects.exclude(name="Acme").order_by("id").values_list("name", flat=True))


def test_what_goes_well_is_done_in_one_savepoint(in_scope):
    with CaptureQueriesContext(connection) as captured:
        assert together("abc", lambda some: ["".join(some)] * len(some), failed=unexpected) == ["abc"] * 3
    assert [query["sql"].split()[0] for query in captured] == ["SAVEPOINT", "RELEASE"]


def test_one_that_fails_undoes_nothing_but_itself(in_scope):
    results = together(["a", "b", "bad", "d", "e"], named, failed=lambda name, error: type(error).__name__)
    assert results == ["A", "B", "Refused", "D", "E"]
    assert set(made()) - {"Default"} >= {"a", "b", "d", "e"}
    assert "bad" not in made()


def test_where_all_fail_each_is_told_alone(in_scope):
    results = together(["bad 1", "bad 2", "bad 3"], named, failed=lambda name, error: f"{name}: {error}")
    assert results == [f"bad {number}: ['bad {number}']" for number in (1, 2, 3)]


def test_no_items_are_no_work(in_scope):
    assert together([], named, failed=unexpected) == []


def test_fields_of_many_rows_are_written_in_one_statement(in_scope):
    rows = [chore(name) for name in "abc"]
    for number, row in enumerate(rows):
        row.size, row.processed_at, row.summary = number, PRECISE + timedelta(days=number), f'"{number}'
    with CaptureQueriesContext(connection) as captured:
        update_rows(rows, ["size", "processed_at"])
    assert len(captured) == 1
    found = CHORES.objects.order_by("id").values_list("summary", "size", "processed_at")
    days = [timedelta(days=number) for number in range(3)]
    assert list(found) == [(name, number, PRECISE + days[number]) for number, name in enumerate("abc")]


def test_nothing_is_written_as_nothing(in_scope):
    row = chore("a", processed_at=timezone.now())
    row.processed_at = None
    update_rows([row], ["processed_at"])
    row.refresh_from_db()
    assert row.processed_at is None


def test_a_text_too_long_for_its_column_is_refused_not_cut(in_scope):
    row = chore("a")
    row.summary = "x" * 201
    with pytest.raises(DataError), transaction.atomic():
        update_rows([row], ["summary"])


def test_rows_of_another_workspace_are_not_touched(workspace: Workspace, other_workspace: Workspace):
    with scope(other_workspace.pk):
        foreign = chore("theirs")
    foreign.summary = "ours"
    with scope(workspace.pk):
        update_rows([foreign], ["summary"])
    with scope(other_workspace.pk):
        assert CHORES.objects.get().summary == "theirs"
