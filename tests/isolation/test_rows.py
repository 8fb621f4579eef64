"""Rows of another workspace, asked for by ORM and by SQL: every tenant model, as it is found."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from tenancy.scope import scope
from tenancy.tables import TenantModel
from tests.isolation.worlds import FOREIGN, MINE, TENANT_MODELS


def refusals(world, act) -> list[str]:
    """The models for which an act, inside the world's scope, was not refused; each is undone."""
    allowed = []
    for model in TENANT_MODELS:
        try:
            with transaction.atomic(), scope(world.workspace.pk):
                act(model)
                transaction.set_rollback(True)
        except (IntegrityError, ProgrammingError, model.DoesNotExist):
            continue
        allowed.append(model.__name__)
    return allowed


def sql(statement: str, *parameters: int | str) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def test_both_worlds_are_full_of_look_alikes(mine, other):
    for world in (mine, other):
        with scope(world.workspace.pk):
            empty = [model.__name__ for model in TENANT_MODELS if not model.objects.filter(pk=world.row)]
        assert empty == []
    assert mine.snapshot().keys() == other.snapshot().keys()


def test_the_orm_lists_and_gets_own_rows_alone(mine, other):
    with scope(mine.workspace.pk):
        for model in TENANT_MODELS:
            assert {row.workspace_id for row in model.objects.all()} == {mine.workspace.pk}
            assert not model.objects.filter(pk=FOREIGN).exists()
            assert model._base_manager.filter(pk=FOREIGN).count() == 0
    assert refusals(mine, lambda model: model.objects.get(pk=FOREIGN)) == []


def test_sql_without_any_condition_reads_own_rows_alone(mine, other):
    for model in TENANT_MODELS:
        everything = f"SELECT DISTINCT workspace_id FROM {model._meta.db_table}"
        assert sql(everything) == []
        with scope(mine.workspace.pk):
            assert sql(everything) == [(mine.workspace.pk,)]


def test_updates_and_deletes_of_foreign_rows_change_nothing(mine, other):
    before = other.snapshot()
    with scope(mine.workspace.pk):
        for model in TENANT_MODELS:
            table = model._meta.db_table
            assert model.objects.filter(pk=FOREIGN).update(workspace=mine.workspace) == 0
            assert sql(f"UPDATE {table} SET id = id WHERE id = %s", FOREIGN) == [(0,)]
            assert sql(f"UPDATE {table} SET id = id WHERE workspace_id = %s", other.workspace.pk) == [(0,)]
            assert sql(f"DELETE FROM {table} WHERE id = %s", FOREIGN) == [(0,)]
    assert other.snapshot() == before


def test_a_row_cannot_be_moved_to_another_workspace(mine, other):
    def move(model: type[TenantModel]) -> None:
        statement = f"UPDATE {model._meta.db_table} SET workspace_id = %s WHERE id = %s"
        sql(statement, other.workspace.pk, MINE)

    assert refusals(mine, move) == []


def test_a_row_cannot_be_written_into_another_workspace(mine, other):
    def write(model: type[TenantModel]) -> None:
        """A copy of an own row, as the other's."""
        fields = [field for field in model._meta.local_fields if not field.generated]
        names = [field.column for field in fields if field.column not in {"id", "workspace_id"}]
        columns = ", ".join(f'"{name}"' for name in names)
        table = model._meta.db_table
        sql(
            f"INSERT INTO {table} (workspace_id, {columns}) SELECT %s, {columns} FROM {table} WHERE id = %s",
            other.workspace.pk,
            MINE,
        )

    assert refusals(mine, write) == []


def test_no_reference_can_lead_to_another_workspace(mine, other):
    loose = []
    for model in TENANT_MODELS:
        for field in model._meta.local_fields:
            target = field.related_model
            if field.name == "workspace" or not (
                isinstance(target, type) and issubclass(target, TenantModel)
            ):
                continue
            try:
                with transaction.atomic(), scope(mine.workspace.pk):
                    model.objects.filter(pk=MINE).update(**{field.attname: FOREIGN})
            except IntegrityError:
                continue
            loose.append(str(field))
    assert loose == []


def test_outside_a_scope_nothing_can_be_written(mine):
    for model in TENANT_MODELS:
        assert sql(f"DELETE FROM {model._meta.db_table}") == [(0,)]


@pytest.mark.parametrize("setting", ["", "0", "-1", "999999999"])
def test_a_made_up_workspace_shows_nothing(mine, other, setting):
    sql("SELECT set_config('omnidesk.workspace_id', %s, true)", setting)
    for model in TENANT_MODELS:
        assert sql(f"SELECT 1 FROM {model._meta.db_table} LIMIT 1") == []
