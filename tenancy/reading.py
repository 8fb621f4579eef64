"""Several reads in one statement: what a page shows costs one round trip, not one for each table.

A part is a SELECT of the columns that are shown, which names `%(workspace)s` as every query inside a scope does.
Its rows come back as JSON and become rows of a model: of its own columns, and, where a column is called
`relation__column`, of the row that it refers to. Other names become attributes of their own. What was not read is
deferred, as after `only()`.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection, models

from tenancy import prepared
from tenancy.scope import current_workspace_id

Row = TypeVar("Row", bound=models.Model)
Made = TypeVar("Made", covariant=True)
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Made]):
    """Named SELECTs, the `facts` that they ask for, and how to `make` something of what they find.

    `given` are SELECTs that several parts share, as WITH has them, in order. What readings that are read together
    call by the same name is the same.
    """

    parts: Mapping[str, str]
    make: Callable[["Found"], Made]
    given: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def into(self, make: Callable[[Made], Other]) -> "Reading[Other]":
        """The same, made into something else."""
        return Reading(self.parts, lambda found: make(self.make(found)), self.given, self.facts)

    def read(self) -> Made:
        """What it makes of the open scope. Raises NoScope outside one."""
        facts = {"workspace": current_workspace_id(), **self.facts}
        with prepared.cursor() as cursor:
            cursor.execute(_statement(self.parts, self.given), facts)
            row = cursor.fetchone()
        return self.make(Found({name: rows or [] for name, rows in zip(self.parts, row, strict=True)}))


def together(*readings: Reading[Any]) -> Reading[tuple[Any, ...]]:
    """Readings as one: what each of them makes."""
    parts, given, facts = dict[str, str](), dict[str, str](), dict[str, Any]()
    for each in readings:
        parts |= each.parts
        given |= each.given
        facts |= each.facts
    return Reading(parts, lambda found: tuple(each.make(found) for each in readings), given, facts)


def _statement(parts: Mapping[str, str], given: Mapping[str, str]) -> str:
    shared = ", ".join(f"{name} AS ({sql})" for name, sql in given.items())
    columns = ", ".join(f"(SELECT json_agg(part) FROM ({sql}) part) AS {name}" for name, sql in parts.items())
    return f"WITH {shared} SELECT {columns}" if shared else f"SELECT {columns}"


class Found:
    """What a reading found. A row that several refer to is one object."""

    def __init__(self, parts: Mapping[str, list[dict[str, Any]]]) -> None:
        self._parts = parts
        self._known: dict[tuple[int, int], models.Model] = {}

    def rows(self, part: str) -> list[dict[str, Any]]:
        """A part's rows as they came: moments are texts (see `moment`)."""
        return self._parts[part]

    def of(self, model: type[Row], part: str) -> list[Row]:
        """A part's rows, as those of a model."""
        rows = self._parts[part]
        if not rows:
            return []
        shape, owner = _shape(model, tuple(rows[0])), current_workspace_id()
        return [self._row(shape, [*row.values(), owner]) for row in rows]

    def one(self, model: type[Row], part: str) -> Row | None:
        """The row of a part that has one at most."""
        return next(iter(self.of(model, part)), None)

    def _row(self, shape: "_Shape", values: list[Any]) -> Any:
        made = shape.make(values)
        for relation, position, other in shape.relations:
            made._state.fields_cache[relation] = values[position] and self._shared(other, position, values)
        return made

    def _shared(self, shape: "_Shape", position: int, values: list[Any]) -> models.Model:
        key = id(shape), values[position]
        if key not in self._known:
            self._known[key] = shape.make(values)
        return self._known[key]


def refers(relation: str, table: str, *columns: str) -> str:
    """Columns of what a `row` refers to, for a part's SELECT: the id, and others by look-ups of their own.

    Not by a join: of a workspace the planner knows next to nothing (tenancy.tables.TenantKey), so that it may take
    all contacts for one and read every one of them for each row.
    """
    key = f"row.{relation}_id"
    there = f"FROM {table} WHERE workspace_id = row.workspace_id AND id = {key}"
    return ", ".join(
        [f"{key} AS {relation}__id", *(f"(SELECT {name} {there}) AS {relation}__{name}" for name in columns)]
    )


def row_of(model: type[Row], columns: Mapping[str, Any]) -> Row:
    """A row of a table that belongs to no workspace, out of its JSON."""
    made: Row = _shape(model, tuple(columns)).make([*columns.values(), None])
    return made


def moment(text: str | None) -> datetime | None:
    """A moment of a row as it came."""
    return datetime.fromisoformat(text) if text else None


class _Shape(NamedTuple):
    """Where among a row's values those of a model are. `own` are in the order in which the model declares them."""

    model: type[models.Model]
    names: tuple[str, ...]
    own: tuple[tuple[int, bool], ...]  # position, and whether it is a moment
    further: tuple[tuple[str, int], ...]
    relations: tuple[tuple[str, int, "_Shape"], ...]

    def make(self, values: list[Any]) -> Any:
        """A row of the model, made as Django makes one of what it has read."""
        found = [moment(values[at]) if is_moment else values[at] for at, is_moment in self.own]
        made = self.model.from_db(connection.alias, self.names, found)
        for name, at in self.further:
            setattr(made, name, values[at])
        return made


@cache
def _shape(model: type[models.Model], columns: tuple[str, ...]) -> _Shape:
    return _shape_of(model, {name: at for at, name in enumerate((*columns, "workspace_id"))})


def _shape_of(model: Any, at: Mapping[str, int]) -> _Shape:
    own = [each for each in model._meta.concrete_fields if each.attname in at]
    names = tuple(each.attname for each in own)
    related: defaultdict[str, dict[str, int]] = defaultdict(lambda: {"workspace_id": at["workspace_id"]})
    for name in at:
        relation, _, column = name.partition("__")
        if column:
            related[relation][column] = at[name]
    return _Shape(
        model,
        names,
        tuple((at[each.attname], isinstance(each, models.DateTimeField)) for each in own),
        tuple((name, at[name]) for name in at if "__" not in name and name not in {*names, "workspace_id"}),
        tuple(
            (relation, columns["id"], _shape_of(model._meta.get_field(relation).related_model, columns))
            for relation, columns in related.items()
        ),
    )
