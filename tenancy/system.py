"""The only module that may read across workspaces: which of them have work due. It never writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection
from django.db.models import Model

from tenancy.scope import _entered, _State


@contextmanager
def system_scope() -> Iterator[None]:
    """Enter the role whose policy lets it read, not write, every workspace's rows.

    For sweeps that find out where work is due; claiming it happens inside that workspace's own scope.
    """
    with _entered(_State(workspace_id=None, system=True)):
        yield


def workspaces_due(table: type[Model], *, now: datetime) -> list[int]:
    """Ids of the workspaces that have rows due in a lane's table (pending, or taken by a worker that died)."""
    name = connection.ops.quote_name(table._meta.db_table)
    with system_scope(), connection.cursor() as cursor:
        # A loose index scan: one probe a workspace, however many rows wait in it.
        cursor.execute(
            f"""
            WITH RECURSIVE due(workspace_id) AS (
                (SELECT workspace_id FROM {name} WHERE state IN ('pending', 'taken') ORDER BY workspace_id LIMIT 1)
                UNION ALL
                SELECT (SELECT t.workspace_id FROM {name} t
                        WHERE t.state IN ('pending', 'taken') AND t.workspace_id > due.workspace_id
                        ORDER BY t.workspace_id LIMIT 1)
                FROM due WHERE due.workspace_id IS NOT NULL
            )
            SELECT workspace_id FROM due WHERE workspace_id IS NOT NULL AND EXISTS (
                SELECT 1 FROM {name} p
                WHERE p.workspace_id = due.workspace_id AND p.state IN ('pending', 'taken') AND p.due_at <= %s)
            """,  # noqa: S608 - a quoted table name of ours
            [now],
        )
        return [row[0] for row in cursor.fetchall()]


def workspaces_having(table: type[Model], condition: str) -> list[int]:
    """Ids of the workspaces that have rows of a kind; `condition` is SQL of our own, without parameters."""
    name = connection.ops.quote_name(table._meta.db_table)
    with system_scope(), connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT workspace_id FROM {name} WHERE {condition}")  # noqa: S608 - see above
        return [row[0] for row in cursor.fetchall()]
