"""Many rows in one statement, and many pieces of work in one savepoint."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import connection, models, transaction

from tenancy.scope import current_workspace_id

Item = TypeVar("Item")
Result = TypeVar("Result")

_LENGTH = re.compile(r"\(\d+\)")


def together(
    items: Sequence[Item],
    work: Callable[[Sequence[Item]], Sequence[Result]],
    *,
    failed: Callable[[Item, Exception], Result],
) -> list[Result]:
    """Work on all items in one savepoint; where that fails, on each half in one of its own.

    So one bad item undoes nothing but itself, and many good ones cost one savepoint. Returns a result for each
    item, in order; `failed(item, error)` gives that of an item which fails alone.
    """
    if not items:
        return []
    try:
        with transaction.atomic():
            return list(work(items))
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not cost the other items
        if len(items) == 1:
            return [failed(items[0], error)]
    middle = len(items) // 2
    return [
        result for half in (items[:middle], items[middle:]) for result in together(half, work, failed=failed)
    ]


def update_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of rows of one tenant table, in one statement.

    `bulk_update` does the same by a CASE of as many branches as there are rows for each field, which takes Django
    longer to build than PostgreSQL to run.
    """
    if not rows or not fields:
        return
    table = type(rows[0])
    changed: list[Any] = [table._meta.get_field(field) for field in fields]
    values = [
        {"id": row.pk}
        | {field.column: field.get_prep_value(field.value_from_object(row)) for field in changed}
        for row in rows
    ]
    quote = connection.ops.quote_name
    types = ", ".join(
        f"{quote(field.column)} {_LENGTH.sub('', field.db_type(connection))}" for field in changed
    )
    assignments = ", ".join(f"{quote(field.column)} = new.{quote(field.column)}" for field in changed)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {quote(table._meta.db_table)} AS old SET {assignments}
            FROM json_to_recordset(%s) AS new(id bigint, {types})
            WHERE old.workspace_id = %s AND old.id = new.id
            """,  # noqa: S608 - names of our own tables and columns
            [json.dumps(values, default=str), current_workspace_id()],
        )
