"""In which order a list is read: each by an index in that order, so that a page costs what the first does.

Where a column may be empty, the rows that lack it come last, in the order in which they were made. The page across
that border is read as two, for no index can begin "after this one, or where there is none".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenancy.keyset import EPOCH, MOST

BREAK = "_"
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of a list: by these columns, then by id. `lacks` says that the first may be empty."""

    key: str
    label: str | Promise
    by: tuple[str, ...]
    down: bool = False
    lacks: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.by, "listed_id")

    @property
    def order(self) -> str:
        """As ORDER BY has it."""
        return ", ".join(f"{column} DESC" if self.down else column for column in self.columns)

    def page(self, listed: str, place: "Place | None") -> str:
        """A page of what `listed` selects, below a place, as SQL that asks for `rows` and the place's facts."""
        rows = f"({listed}) listed"
        if place is None:
            return self._rows(rows, "true")
        if place.values[0] is None:
            return self._rows(rows, f"{self.by[0]} IS NULL AND listed_id > %(rows_id)s")
        given = ", ".join(f"%(rows_{column})s" for column in self.by)
        columns, than = ", ".join(self.columns), "<" if self.down else ">"
        below = self._rows(rows, f"({columns}) {than} ({given}, %(rows_id)s)")
        if not self.lacks:
            return below
        return f"({below}) UNION ALL ({self._rows(rows, f'{self.by[0]} IS NULL')})"

    def _rows(self, rows: str, where: str) -> str:
        return f"SELECT * FROM {rows} WHERE {where} ORDER BY {self.order} LIMIT %(rows)s"


NEWEST = Sort("newest", _("Newest"), ("listed_at",), down=True)
OLDEST = Sort("oldest", _("Oldest"), ("listed_at",))
WAITING = Sort("waiting", _("Longest waiting"), ("waiting_since",), lacks=True)
PRIORITY = Sort("priority", _("Priority"), ("priority", "listed_at"), down=True)
DUE = Sort("due", _("Due"), ("due_at",), lacks=True)
WAKING = Sort("waking", _("First to come back"), ("snoozed_until",), lacks=True)

BY_KEY = {sort.key: sort for sort in (NEWEST, OLDEST, WAITING, PRIORITY, DUE, WAKING)}
OF_WORK = (NEWEST, OLDEST, WAITING, PRIORITY, DUE)
OF_SNOOZED = (NEWEST, OLDEST, WAKING)
OF_REST = (NEWEST, OLDEST)
OF_SAVED = (NEWEST,)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the sort, and what its last row has in the sort's columns; written so that an address can
    carry it."""

    sort: Sort
    values: tuple[Any, ...]
    id: int

    @classmethod
    def of(cls, sort: Sort, row: Mapping[str, Any]) -> Self:
        """The place of a row as it was read."""
        return cls(sort, tuple(_read(row[column]) for column in sort.by), row["listed_id"])

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """The place that `str` wrote; None for an empty or garbled one, which means the first page."""
        key, *values = (text or "").split(BREAK)
        sort = BY_KEY.get(key)
        if sort is None or len(values) != len(sort.columns):
            return None
        try:
            *facts, row = values
            place = cls(sort, tuple(map(_parsed, sort.by, facts)), int(row))
        except (ValueError, OverflowError):
            return None
        lacks = sum(value is None for value in place.values)
        return place if 0 <= place.id < MOST and lacks <= sort.lacks else None

    def __str__(self) -> str:
        return BREAK.join([self.sort.key, *map(_written, self.values), str(self.id)])

    @property
    def facts(self) -> dict[str, Any]:
        """What `Sort.page` asks for."""
        return {f"rows_{column}": value for column, value in zip(self.sort.by, self.values, strict=True)} | {
            "rows_id": self.id
        }


def _read(value: Any) -> Any:
    """A value of a row that came as JSON."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return str((value - EPOCH) // MICROSECOND)
    return "" if value is None else str(value)


def _parsed(column: str, text: str) -> Any:
    if column == "priority":
        return min(int(text), 9)
    return EPOCH + int(text) * MICROSECOND if text else None
