"""Changing tenant tables that hold rows.

Migrations run as the tables' owner, whom FORCE ROW LEVEL SECURITY holds too: outside a scope they see no row. A
data migration would quietly change nothing, and null could not become NOT NULL, for Django's UPDATE finds no row
to fill. Wrap such operations; a TenantFK needs no wrapping, it looks at all rows by itself.

Both lock their tables while they look. Where a table is large, add the key of a new, empty column with
AddKeyUnchecked and a ValidateKey in a migration of its own, and read rows workspace by workspace (in_each_scope).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddConstraint, RunPython, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tenancy.scope import SETTING


class WithAllRows(SeparateDatabaseAndState):
    """Other operations, run with every row of some models of the migration's own app in sight::

        WithAllRows(models=["contact"], operations=[migrations.AlterField(...), migrations.RunPython(...)])

    FORCE is off for as long as they run. The policies hold for everybody who is not the owner, ALTER TABLE has
    the tables locked until the migration commits, and a failure rolls all of it back.
    """

    serialization_expand_args = ["models", "operations"]

    def __init__(self, models: list[str], operations: list[Operation]) -> None:
        super().__init__(database_operations=operations, state_operations=operations)
        self.models = models
        self.operations = operations

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [], {"models": self.models, "operations": self.operations}

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        with self._all_in_sight(app_label, schema_editor, from_state):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        with self._all_in_sight(app_label, schema_editor, from_state):
            super().database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)

    @contextmanager
    def _all_in_sight(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState
    ) -> Iterator[None]:
        tables = [
            schema_editor.quote_name(state.apps.get_model(app_label, model)._meta.db_table)
            for model in self.models
        ]
        for table in tables:
            schema_editor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        yield
        for table in tables:
            schema_editor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


class AddKeyUnchecked(AddConstraint):
    """The TenantFK of a column that is new: no row has a value yet, so none is looked at and nothing waits."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        key: Any = self.constraint
        schema_editor.execute(key.unchecked(model, schema_editor.quote_name))


class ValidateKey(Operation):
    """Look at the rows of a key that was added unchecked, while others read and write; for a migration with
    `atomic = False`."""

    def __init__(self, model_name: str, name: str) -> None:
        self.model_name, self.name = model_name, name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing that a model says changes."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        quote, model = schema_editor.quote_name, from_state.apps.get_model(app_label, self.model_name)
        schema_editor.execute(
            f"ALTER TABLE {quote(model._meta.db_table)} VALIDATE CONSTRAINT {quote(self.name)}"
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """It may stay validated."""

    def describe(self) -> str:
        return f"Validate {self.name} on {self.model_name}"


def in_each_scope(statement: str) -> RunPython:
    """Run a statement in the scope of each workspace, which it calls `%(workspace)s`; it is not taken back."""

    def run(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT id FROM tenancy_workspace ORDER BY id")
            for (workspace,) in cursor.fetchall():
                cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, str(workspace)])
                cursor.execute(statement, {"workspace": workspace})
            cursor.execute("SELECT set_config(%s, '', true)", [SETTING])

    return RunPython(run, RunPython.noop)
