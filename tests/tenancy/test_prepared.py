import pytest
from django.core.signals import request_started
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.models import Channel
from conversations.services.channels import create_channel
from tenancy import prepared
from tenancy.models import User

pytestmark = pytest.mark.django_db


def answer(value: int) -> int:
    with prepared.cursor() as cursor:
        cursor.execute("SELECT %(value)s::int * 2", {"value": value})
        (found,) = cursor.fetchone()
    return int(found)


def test_what_comes_again_is_prepared_once():
    assert [answer(value) for value in (2, 3, 4)] == [4, 6, 8]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement = %s",
            ["SELECT $1::int * 2"],
        )
        assert cursor.fetchall() == [(2,)]


def test_it_is_logged_as_queries_are():
    with CaptureQueriesContext(connection) as captured:
        answer(2)
    assert [query["sql"] for query in captured.captured_queries] == ["SELECT 2::int * 2"]


def test_a_row_is_one_of_the_models(workspace, in_scope):
    channel = create_channel(kind="api", name="Ours", config={"colour": "blue"}, secrets={})[0]
    statement = "SELECT one.*, 7 AS further FROM conversations_channel one WHERE id = %(id)s"
    found = prepared.first(Channel, statement, {"id": channel.pk})
    assert found is not None
    assert (found, found.config, found.created_at) == (channel, {"colour": "blue"}, channel.created_at)
    assert (vars(found)["further"], found.workspace) == (7, workspace)
    assert prepared.first(Channel, statement, {"id": 0}) is None


@pytest.mark.django_db(transaction=True)
def test_a_column_that_a_migration_adds_disturbs_nobody(workspace):
    statement = "SELECT one.* FROM tenancy_user one WHERE id = %(id)s"
    user = workspace.seats.earliest("id").user
    assert [prepared.first(User, statement, {"id": user.pk}) for _ in range(3)] == [user] * 3
    elsewhere("ALTER TABLE tenancy_user ADD COLUMN shoe_size integer")
    try:
        assert prepared.first(User, statement, {"id": user.pk}) == user
    finally:
        elsewhere("ALTER TABLE tenancy_user DROP COLUMN shoe_size")


def elsewhere(statement: str) -> None:
    """Execute it on another connection."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(statement)
    other.close()


def test_numbers_of_any_size_are_one_statement():
    for number in (1, 40_000, 3_000_000_000):
        with prepared.cursor() as cursor:
            cursor.execute("SELECT %(number)s + 0", {"number": number})
            assert cursor.fetchone() == (number,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1 + 0'")
        assert cursor.fetchone() == (1,)


def test_a_number_that_no_column_holds_finds_nothing():
    assert (
        prepared.first(User, "SELECT one.* FROM tenancy_user one WHERE id = %(id)s", {"id": 10**30}) is None
    )


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_is_opened_anew():
    with prepared.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    elsewhere(f"SELECT pg_terminate_backend({pid})")
    request_started.send(sender=None)
    assert answer(2) == 4
