import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.models import Channel
from conversations.services.channels import create_channel
from tenancy import prepared

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
    statement = "SELECT *, 7 AS further FROM conversations_channel WHERE id = %(id)s"
    found = prepared.first(Channel, statement, {"id": channel.pk})
    assert found is not None
    assert (found, found.config, found.created_at) == (channel, {"colour": "blue"}, channel.created_at)
    assert (vars(found)["further"], found.workspace) == (7, workspace)
    assert prepared.first(Channel, statement, {"id": 0}) is None
