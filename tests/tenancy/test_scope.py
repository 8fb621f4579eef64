"""One workspace's scope: opened, nested, left, lost, and never leaked."""

import threading
from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.db import connection, connections, transaction

from tenancy.models import Brand
from tenancy.scope import NoScope, current_workspace_id, is_system, scope
from tenancy.system import system_scope
from tests.people import new_workspace

FOREIGN = "SELECT name FROM tenancy_brand ORDER BY name"


def asked(sql: str) -> list[str]:
    """What plain SQL finds, whatever Python believes about the scope."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def told() -> tuple[str, str]:
    """The workspace and the role that PostgreSQL has been told."""
    (workspace,) = asked("SELECT coalesce(current_setting('omnidesk.workspace_id', true), '')")
    (role,) = asked("SELECT current_user")
    return workspace, role


@pytest.fixture
def both(workspace, other_workspace):
    return workspace, other_workspace


def test_a_query_outside_a_scope_raises(both):
    acts: list[Callable[[], object]] = [
        Brand.objects.all,
        Brand.objects.count,
        lambda: Brand.objects.create(name="x"),
        lambda: Brand(name="x"),
        lambda: Brand.objects.bulk_create([]),
        current_workspace_id,
    ]
    for act in acts:
        with pytest.raises(NoScope):
            act()


def test_a_form_may_say_none_before_there_is_a_scope(db):
    assert list(Brand.objects.none()) == []


def test_a_scope_shows_its_workspace_by_orm_and_by_sql(both):
    for one in both:
        with scope(one.pk):
            assert [brand.name for brand in Brand.objects.all()] == [one.name]
            assert asked(FOREIGN) == [one.name]
    assert asked(FOREIGN) == []


def test_a_queryset_does_not_take_its_scope_along(both):
    with scope(both[0].pk):
        lazy = Brand.objects.all()
    with scope(both[1].pk):
        assert list(lazy) == []


def test_scopes_nest_and_put_the_outer_one_back(both):
    mine, other = both
    with scope(mine.pk):
        with scope(other.pk):
            assert told() == (str(other.pk), "omnidesk")
        assert told() == (str(mine.pk), "omnidesk")
        assert current_workspace_id() == mine.pk
        with pytest.raises(ZeroDivisionError), scope(other.pk):
            _ = 1 / 0
        assert told() == (str(mine.pk), "omnidesk")


def test_set_local_would_outlive_a_nested_block_so_a_scope_takes_it_back(both):
    """The trap: SET LOCAL lasts until the transaction ends, not until the savepoint is released."""
    with transaction.atomic():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('omnidesk.trap', 'leaked', true)")
        assert asked("SELECT current_setting('omnidesk.trap')") == ["leaked"]
        with scope(both[0].pk):
            pass
        with system_scope():
            pass
        assert told() == ("", "omnidesk")


def test_what_a_failed_scope_wrote_is_undone(both):
    def fail_midway() -> None:
        with scope(both[0].pk):
            Brand.objects.create(name="Second")
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        fail_midway()
    with scope(both[0].pk):
        assert Brand.objects.count() == 1


def test_a_rollback_asked_for_inside_a_scope_leaves_nothing_behind(both):
    with scope(both[0].pk):
        Brand.objects.create(name="Second")
        transaction.set_rollback(True)
    assert told() == ("", "omnidesk")
    with scope(both[0].pk):
        assert Brand.objects.count() == 1


def test_the_system_scope_reads_all_and_writes_nothing(both):
    with system_scope():
        assert is_system()
        assert told() == ("", "omnidesk_system")
        assert asked(FOREIGN) == ["Acme", "Globex"]
        with pytest.raises(NoScope):
            Brand.objects.count()
    for write in ("UPDATE tenancy_brand SET name = 'x'", "DELETE FROM tenancy_brand"):
        with pytest.raises(Exception, match="permission denied"), system_scope():
            asked(write)
    assert not is_system()


def test_a_system_scope_inside_a_scope_gives_the_role_back(both):
    with scope(both[0].pk):
        with system_scope():
            pass
        assert told() == (str(both[0].pk), "omnidesk")
        with system_scope(), scope(both[1].pk):
            assert told() == (str(both[1].pk), "omnidesk")
            assert asked(FOREIGN) == ["Globex"]
        assert asked(FOREIGN) == ["Acme"]


def test_a_thread_starts_without_a_scope(both):
    found: list[object] = []

    def elsewhere() -> None:
        try:
            found.append(current_workspace_id())
        except NoScope as error:
            found.append(error)

    with scope(both[0].pk):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert isinstance(found[0], NoScope)


@pytest.mark.django_db(transaction=True)
def test_scopes_of_threads_that_run_at_once_do_not_mix():
    workspaces = [new_workspace(slug) for slug in ("acme", "globex", "zenith")]
    together = threading.Barrier(len(workspaces))
    wrong: list[object] = []

    def work(workspace) -> None:
        together.wait(10)
        for _ in range(50):
            with scope(workspace.pk):
                if asked(FOREIGN) != [workspace.name]:
                    wrong.append(workspace)
            if asked(FOREIGN):
                wrong.append(None)
        connection.close()

    threads = [threading.Thread(target=work, args=[one]) for one in workspaces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []


@pytest.mark.django_db(transaction=True)
async def test_asynchronous_code_opens_a_scope_where_its_queries_run():
    workspace = await sync_to_async(new_workspace)("acme")

    @database_sync_to_async
    def names() -> list[str]:
        with scope(workspace.pk):
            return asked(FOREIGN)

    assert await names() == ["Acme"]
    with pytest.raises(NoScope):
        current_workspace_id()
    await sync_to_async(connections.close_all)()


def test_nothing_of_a_scope_outlives_its_transaction(both):
    """What makes PgBouncer in transaction mode safe: no SET but SET LOCAL, no session state."""
    statements: list[str] = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        with scope(both[0].pk):
            pass
        with system_scope():
            pass
    told = [sql for sql in statements if "SAVEPOINT" not in sql]
    assert set(told) == {"SELECT set_config(%s, %s, true)", "SET LOCAL ROLE omnidesk_system", "RESET ROLE"}
