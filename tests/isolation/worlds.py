"""Two workspaces full of look-alike rows: one of every tenant model, made from what its fields say of themselves.

A new model is covered by being there. In every table the first workspace's row has the id MINE and the other's the
id FOREIGN, so whatever a number in an address or a form stands for, FOREIGN is somebody else's. Every text says
whose it is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.core.files.base import ContentFile
from django.db import connection, models

from contacts.models import PrivateNote
from conversations.models import CannedReply, Channel, Macro, Notice, TimelineRef
from conversations.models.view import SavedView
from conversations.services.channels import create_channel
from tenancy.models import Locator, Member, Role, Seat, User, Workspace
from tenancy.scope import scope
from tenancy.services.users import create_user
from tenancy.tables import TenantModel
from tests.people import member_of, new_workspace

MINE, FOREIGN = 1_000_001, 10_000_001
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]


# What a check constraint or a service asks for that no field says of itself; and what all see.
EXCEPT: dict[type[models.Model], dict[str, Any]] = {
    TimelineRef: {"account": None},
    PrivateNote: {"account": None},
    CannedReply: {"owner": None},
    SavedView: {
        "is_shared": True,
        "filter": {"match": "all", "conditions": [{"field": "subject", "op": "set"}]},
    },
    Macro: {"owner": None, "actions": [{"do": "status", "status": "open", "hours": None}]},
}


@dataclass
class World:
    """One of the two workspaces: its people, its mark, which stands in its every text, and the id of its rows."""

    workspace: Workspace
    mark: str
    row: int
    owner: Member
    agent: Member

    def snapshot(self) -> dict[str, list[str]]:
        """All that the database holds of it, to see whether anything changed."""
        with scope(self.workspace.pk):
            found = {
                model.__name__: [repr(row) for row in model.objects.order_by("pk").values_list()]
                for model in TENANT_MODELS
            }
        for table in (Seat, Locator):
            rows = table.objects.filter(workspace=self.workspace).order_by("pk")
            found[table.__name__] = [repr(row) for row in rows.values_list()]
        return found


def two_worlds() -> tuple[World, World]:
    """Mine and the other."""
    return _world("acme", MINE), _world("globex", FOREIGN)


def _world(slug: str, row: int) -> World:
    _count_from(1)
    workspace = new_workspace(slug)
    _count_from(row)
    world = World(
        workspace, f"{slug}-only", row, member_of(workspace, Role.OWNER), member_of(workspace, Role.AGENT)
    )
    with scope(workspace.pk):
        made: dict[type[models.Model], models.Model] = {}
        for model in in_order(TENANT_MODELS):
            made[model] = _row(model, world, made)
            assert made[model].pk == row, f"{model.__name__} takes its ids from elsewhere"
    return world


def _count_from(row: int) -> None:
    """Have every table's next row get this id."""
    with connection.cursor() as cursor:
        for model in TENANT_MODELS:
            sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
            cursor.execute(f"SELECT setval({sequence}, %s, false)", [row])


def in_order(found: Iterable[type[models.Model]]) -> list[type[models.Model]]:
    """Models after those that they refer to."""
    done: list[type[models.Model]] = []

    def visit(model: type[models.Model], path: tuple[type[models.Model], ...]) -> None:
        for target in (field.related_model for field in _references(model)):
            if target not in (*path, *done, model) and issubclass(target, TenantModel):
                visit(target, (*path, model))
        if model not in done:
            done.append(model)

    for model in found:
        visit(model, ())
    return done


def _references(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.local_fields if field.is_relation and field.name != "workspace"]


def _row(
    model: type[models.Model], world: World, made: dict[type[models.Model], models.Model]
) -> models.Model:
    if model is Channel:  # its token and its secrets are no mere columns
        channel, _ = create_channel(
            kind="email", name=f"{world.mark} name", config={"address": f"a@{world.mark}.example"}, secrets={}
        )
        return channel
    values: dict[str, Any] = {}
    for field in model._meta.local_fields:
        if field.primary_key or field.generated or field.name == "workspace":
            continue
        if field.is_relation:
            found = _referred(field, world, made)
            is_used = found in values.values() and not field.null
            # Two required references to one kind of row mean two rows, as of two people who may be one.
            values[field.name] = _row(type(found), world, made) if found and is_used else found
        else:
            values[field.name] = _value(field, world)
    if model is Notice:  # which nobody but its member can read
        values["member"] = world.owner
    return model._default_manager.create(**values | EXCEPT.get(model, {}))


def _referred(field: Any, world: World, made: dict[type[models.Model], models.Model]) -> models.Model | None:
    if field.related_model is User:
        return create_user(email=f"{field.model.__name__}@{world.mark}.example", password=None)
    found = made.get(field.related_model)
    assert found or field.null, f"{field} refers in a circle that it cannot leave empty"
    return found


def _value(field: Any, world: World) -> Any:
    """Something that the field takes, and that says whose it is where it can. A choice is its default or first."""
    if field.choices:
        return field.default if field.has_default() else field.choices[0][0]
    for kind, sample in SAMPLES:
        if isinstance(field, kind):
            return sample(field, world.mark, world.row)
    raise NotImplementedError(f"say here what {field} may hold")


# For each kind of field a sample from the field, the world's mark and its number; the first kind that fits.
SAMPLES: list[tuple[type[Any], Callable[[Any, str, int], Any]]] = [
    (SearchVectorField, lambda _, mark, __: mark),
    (models.EmailField, lambda field, mark, _: f"{field.model.__name__}@{mark}.example".lower()),
    (models.FileField, lambda _, mark, __: ContentFile(mark.encode(), name=f"{mark}.txt")),
    (models.GenericIPAddressField, lambda *_: "192.0.2.1"),
    (models.CharField, lambda field, mark, _: f"{mark} {field.name}"[: field.max_length]),
    (models.TextField, lambda field, mark, _: f"{mark} {field.name}"),
    (models.BooleanField, lambda *_: False),
    (models.DateTimeField, lambda field, *_: None if field.null else NOON),
    (models.DurationField, lambda *_: timedelta(hours=1)),
    (models.PositiveBigIntegerField, lambda _, __, row: row),
    (models.IntegerField, lambda field, *_: field.default if field.has_default() else 1),
    (models.BinaryField, lambda _, mark, __: mark.encode()),
    (models.JSONField, lambda _, mark, __: {"mark": mark}),
    (ArrayField, lambda *_: []),
]
