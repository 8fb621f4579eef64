"""What makes a table a tenant table: its key, its foreign keys and its policy, kept by migrations.

Declared in `Meta.constraints`, so the autodetector, `migrate`, reverse and squash carry them like any other
constraint. Django still sees a plain `id`; PostgreSQL sees `(workspace_id, id)`, which is also what Citus
distributes.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models.constraints import BaseConstraint
from django.db.models.query import RawQuerySet

from tenancy.scope import SETTING, current_workspace_id, is_system

if TYPE_CHECKING:
    from tenancy.models import Workspace

    TenantForeignKey = models.ForeignKey

    class WorkspaceKey(models.ForeignKey[Workspace, Workspace]):
        def __init__(self) -> None: ...

else:

    class TenantForeignKey(models.ForeignKey):
        """A reference inside one workspace; its database constraint is the composite `TenantFK`."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.setdefault("db_index", False)
            super().__init__(*args, **kwargs | {"db_constraint": False})

        def deconstruct(self) -> tuple[Any, ...]:
            name, path, args, kwargs = super().deconstruct()
            kwargs.pop("db_constraint")
            if kwargs.pop("db_index", True):
                kwargs["db_index"] = True
            return name, path, args, kwargs

    class WorkspaceKey(models.ForeignKey):
        """The owner of a row, filled from the open scope. The policy, not a foreign key, guards it:
        a constraint here would lock the one workspace row on every insert."""

        def __init__(self, **kwargs: Any) -> None:
            kwargs |= {
                "to": "tenancy.Workspace",
                "on_delete": models.DO_NOTHING,
                "db_constraint": False,
                "db_index": False,
                "editable": False,
                "related_name": "+",
            }
            super().__init__(**kwargs)

        def deconstruct(self) -> tuple[Any, ...]:
            name, path, _, _ = super().deconstruct()
            return name, path, [], {}

        def get_default(self) -> int | None:
            # The system scope only reads; a row built by hand there has no owner to be filled in.
            return None if is_system() else current_workspace_id()


Row = TypeVar("Row", bound=models.Model, covariant=True)


class TenantManager(models.Manager[Row]):
    """Rows of the open scope only; raises NoScope outside one."""

    def get_queryset(self) -> models.QuerySet[Row]:
        return super().get_queryset().filter(workspace_id=current_workspace_id())

    def raw(
        self, raw_query: str, params: Any = (), translations: Any = None, using: str | None = None
    ) -> "RawQuerySet[Any]":
        """Rows by SQL of our own, which names the workspace itself, and is held to it by the policy."""
        current_workspace_id()
        return RawQuerySet(raw_query, model=self.model, params=params, translations=translations, using=using)

    def none(self) -> models.QuerySet[Row]:
        """No rows at all, which a form's class may say before any scope is open."""
        return super().get_queryset().none()


class TenantModel(models.Model):
    """Base of every table that belongs to a workspace."""

    workspace = WorkspaceKey()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class _TableConstraint(BaseConstraint):
    """Something PostgreSQL keeps about a table and Django's forms need not validate.

    `_add` and `_drop` give the SQL; `first` puts a queued statement before all others (keys, so that the
    foreign keys of the same migration find them).
    """

    first = False

    def _add(self, model: type[models.Model], quote: Any) -> str:
        raise NotImplementedError

    def _drop(self, model: type[models.Model], quote: Any) -> str:
        raise NotImplementedError

    # Django's schema editor takes None for "nothing to run now", which django-stubs does not know.
    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        """Inside CREATE TABLE: queued until the table is there, as Django does for conditional constraints."""
        self._queue(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        """ALTER TABLE: queued too, for what it refers to may come later in the same migration."""
        self._queue(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> str | None:  # type: ignore[override]
        """Take the statement off the queue if it is still there (a squash adds, removes and adds again)."""
        sql = self._add(model, schema_editor.quote_name)
        if sql in schema_editor.deferred_sql:
            schema_editor.deferred_sql.remove(sql)
            return None
        return self._drop(model, schema_editor.quote_name)

    def _queue(self, model: Any, schema_editor: Any) -> None:
        sql = self._add(model, schema_editor.quote_name)
        if self.first:
            schema_editor.deferred_sql.insert(0, sql)
        else:
            schema_editor.deferred_sql.append(sql)

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Nothing a form could say: the database refuses."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]


class TenantKey(_TableConstraint):
    """The primary key `(workspace_id, id)`.

    No statistics are kept of `workspace_id`: for a workspace that is too new to be in them, the planner would
    expect next to no rows, think every index alike, and read the whole workspace by its primary key.
    """

    first = True

    def _add(self, model: type[models.Model], quote: Any) -> str:
        table, key = quote(model._meta.db_table), quote(f"{model._meta.db_table}_pkey")
        return (
            f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {key}, "
            f"ADD CONSTRAINT {key} PRIMARY KEY (workspace_id, id), "
            f"ALTER COLUMN workspace_id SET STATISTICS 0"
        )

    def _drop(self, model: type[models.Model], quote: Any) -> str:
        table, key = quote(model._meta.db_table), quote(f"{model._meta.db_table}_pkey")
        # A reversed migration may come by here before the foreign keys that point at this key.
        return (
            f"ALTER TABLE {table} DROP CONSTRAINT {key} CASCADE, ADD CONSTRAINT {key} PRIMARY KEY (id), "
            f"ALTER COLUMN workspace_id SET STATISTICS -1"
        )


class TenantFK(_TableConstraint):
    """The composite foreign key behind a TenantForeignKey: a reference across workspaces cannot be stored.

    Checked at once, not at commit: a deferred check would fail far from the line that broke it.
    """

    def __init__(self, *, name: str, field: str) -> None:
        super().__init__(name=name)
        self.field = field

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"field": self.field}

    def unchecked(self, model: type[models.Model], quote: Any) -> str:
        """The statement that adds it without a look at the rows that are there; new ones are held to it."""
        field: Any = model._meta.get_field(self.field)
        target = quote(field.remote_field.model._meta.db_table)
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY (workspace_id, {quote(field.column)}) REFERENCES {target} (workspace_id, id) NOT VALID"
        )

    def _add(self, model: type[models.Model], quote: Any) -> str:
        field: Any = model._meta.get_field(self.field)
        table, target = quote(model._meta.db_table), quote(field.remote_field.model._meta.db_table)
        # The owner who adds it is held by FORCE, sees no row and would call it valid over rows that break it.
        lift, restore = (
            "; ".join(f"ALTER TABLE {one} {word}FORCE ROW LEVEL SECURITY" for one in sorted({table, target}))
            for word in ("NO ", "")
        )
        return f"{lift}; {self.unchecked(model, quote).removesuffix(' NOT VALID')}; {restore}"

    def _drop(self, model: type[models.Model], quote: Any) -> str:
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT IF EXISTS {quote(self.name)}"


class TenantPolicy(_TableConstraint):
    """Row-level security, FORCEd on the owner too: rows of the open scope for all; reading all for the
    system role only."""

    def _add(self, model: type[models.Model], quote: Any) -> str:
        table = quote(model._meta.db_table)
        mine = f"workspace_id = NULLIF(current_setting('{SETTING}', true), '')::bigint"
        return (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; "
            f"CREATE POLICY in_scope ON {table} USING ({mine}) WITH CHECK ({mine}); "
            f"CREATE POLICY system_reads ON {table} FOR SELECT TO omnidesk_system USING (true); "
            f"GRANT SELECT ON {table} TO omnidesk_system"
        )

    def _drop(self, model: type[models.Model], quote: Any) -> str:
        table = quote(model._meta.db_table)
        return (
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY; "
            f"DROP POLICY in_scope ON {table}; DROP POLICY system_reads ON {table}; "
            f"REVOKE ALL ON {table} FROM omnidesk_system"
        )


def tenant_constraints(table: str, *foreign_keys: str) -> list[BaseConstraint]:
    """The key, the policy and a composite foreign key for each named TenantForeignKey.

    `table` is a short prefix for the constraints' names. System check tenancy.E001 compares the list
    with the model's fields.
    """
    return [
        TenantKey(name=f"{table}_key"),
        *(TenantFK(name=f"{table}_{field}_fk", field=field) for field in foreign_keys),
        TenantPolicy(name=f"{table}_policy"),
    ]
