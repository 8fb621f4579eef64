"""Statements that PostgreSQL plans once for each connection, and what they find, without Django's query builder.

For what every request asks, building and planning a query take ten times as long as answering it. Django binds
values on the client, so that each statement is another text. Here they are sent beside the text, which stays the
same, and psycopg has it prepared once it comes again. Fit for statements that look up by keys: their plan must not
hang on the values. Where it does, as in search, Django's own cursor plans each one anew.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeVar

from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from psycopg import ClientCursor, Cursor
from psycopg.adapt import PyFormat
from psycopg.types.numeric import Int8, Int8Dumper, IntDumper

Row = TypeVar("Row", bound=models.Model)


@contextmanager
def cursor() -> Iterator[CursorWrapper]:
    """A cursor as Django's, wrapped and counted like it, that prepares what it executes."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_thread_sharing()
    with connection.wrap_database_errors:
        raw: Any = (_Told if connection.queries_logged else Cursor)(connection.connection)
        raw.adapters.register_dumper(int, _WideDumper)
    with (
        connection.make_debug_cursor(raw)
        if connection.queries_logged
        else connection.make_cursor(raw) as made
    ):
        yield made


def first(model: type[Row], statement: str, facts: Mapping[str, Any]) -> Row | None:
    """The first row that a statement finds, as one of a model's, or None.

    Its `one.*` stands for the model's columns, which are spelled out: a prepared `*` fails after a migration that
    adds a column. Others become attributes. Of a tenant table it names the workspace
    itself, and is held to it by the policy.
    """
    with cursor() as asked:
        asked.execute(_spelled(model, statement), facts)
        row = asked.fetchone()
        return _maker(model, tuple(column.name for column in asked.description))(row) if row else None


@cache
def _spelled(model: type[models.Model], statement: str) -> str:
    names = ", ".join(f'one."{field.column}"' for field in model._meta.concrete_fields)
    return statement.replace("one.*", names)


@cache
def _maker(model: type[Row], columns: Sequence[str]) -> Callable[[Sequence[Any]], Row]:
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    own = [(columns.index(field.column), field.get_db_converters(connection)) for field in fields]
    others = [(at, name) for at, name in enumerate(columns) if at not in {place for place, _ in own}]

    def make(row: Sequence[Any]) -> Row:
        values = [_converted(row[at], converters) for at, converters in own]
        made = model.from_db(connection.alias, names, values)
        for at, name in others:
            setattr(made, name, row[at])
        return made

    return make


def _converted(value: Any, converters: Sequence[Callable[..., Any]]) -> Any:
    for convert in converters:
        value = convert(value, None, connection)
    return value


class _WideDumper(IntDumper):
    """Sends every int as a bigint: by its size it would be one of three types, and each a statement of its own."""

    def get_key(self, obj: int, format: PyFormat) -> Any:
        return Int8 if _fits(obj) else super().get_key(obj, format)

    def upgrade(self, obj: int, format: PyFormat) -> Any:
        return Int8Dumper(Int8) if _fits(obj) else super().upgrade(obj, format)


def _fits(number: int) -> bool:
    return -(2**63) <= number < 2**63


class _Told(Cursor[Any]):
    """Keeps what it executed where Django's log of queries looks for it."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> "_Told":
        super().execute(query, params, **kwargs)
        text = ClientCursor(self.connection).mogrify(query, params)
        self._query: Any = SimpleNamespace(query=text.encode())
        return self
