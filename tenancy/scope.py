"""One way into a workspace's rows: a transaction that tells PostgreSQL whose rows it may see.

Row-level security reads `omnidesk.workspace_id`; Python reads the same from a context variable, so that a
query outside a scope raises instead of quietly finding nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection, transaction

SETTING = "omnidesk.workspace_id"


class NoScope(RuntimeError):
    """A tenant table was asked for outside of `scope(workspace)`."""


@dataclass(frozen=True, slots=True)
class _State:
    workspace_id: int | None
    system: bool = False


_current: ContextVar[_State | None] = ContextVar("omnidesk_scope", default=None)


def current_workspace_id() -> int:
    """The workspace whose scope is open. Raises NoScope where none is, the system scope included."""
    state = _current.get()
    if state is None or state.workspace_id is None:
        raise NoScope("open scope(workspace) before touching a tenant table")
    return state.workspace_id


def is_system() -> bool:
    """Whether the read-only system scope is open (tenancy.system only)."""
    state = _current.get()
    return state is not None and state.system


@contextmanager
def scope(workspace_id: int) -> Iterator[None]:
    """Open one workspace's scope: a transaction (or savepoint) in which only its rows exist.

    Scopes nest; leaving one puts the outer one back. An exception rolls the transaction back.
    """
    with _entered(_State(workspace_id)):
        yield


@contextmanager
def _entered(state: _State) -> Iterator[None]:
    nested = connection.in_atomic_block
    outer = _current.get()
    with transaction.atomic():
        _tell_database(state, outer)
        token = _current.set(state)
        try:
            yield
        finally:
            _current.reset(token)
        # SET LOCAL outlives a savepoint that ends well, so it is put back by hand; a rollback does it
        # by itself, and so does the end of an outermost transaction.
        if nested and not connection.needs_rollback:
            _tell_database(outer, state)


def _tell_database(state: _State | None, before: _State | None) -> None:
    """Set the workspace and, only where it changes, the role."""
    system = state is not None and state.system
    workspace_id = "" if state is None or state.workspace_id is None else str(state.workspace_id)
    with connection.cursor() as cursor:
        if system != (before is not None and before.system):
            cursor.execute("SET LOCAL ROLE omnidesk_system" if system else "RESET ROLE")
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, workspace_id])
