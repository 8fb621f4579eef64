"""Statements that PostgreSQL plans once for each connection: for large ones planning takes longer than running.

Django binds values on the client, so that each statement is another text. Here they are sent beside the text,
which stays the same, and psycopg has it prepared once it comes again. Fit for statements that look up by keys:
their plan must not hang on the values. Where it does, as in search, Django's own cursor plans each one anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import ClientCursor, Cursor


@contextmanager
def cursor() -> Iterator[CursorWrapper]:
    """A cursor as Django's, wrapped and counted like it, that prepares what it executes."""
    connection.ensure_connection()
    raw: Any = (_Told if connection.queries_logged else Cursor)(connection.connection)
    with (
        connection.make_debug_cursor(raw)
        if connection.queries_logged
        else connection.make_cursor(raw) as made
    ):
        yield made


class _Told(Cursor[Any]):
    """Keeps what it executed where Django's log of queries looks for it."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> "_Told":
        super().execute(query, params, **kwargs)
        text = ClientCursor(self.connection).mogrify(query, params)
        self._query: Any = SimpleNamespace(query=text.encode())
        return self
