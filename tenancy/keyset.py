"""Keyset paging, newest first by (time, id): the millionth page costs what the first one does.

No COUNT and no OFFSET. A cursor names the last row of a page; the next page begins below it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar

from django.db.models import Q

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST = 2**63  # what a bigint cannot hold is no row's id
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The time and id of a row, and the number that comes before them where rows are listed by one."""

    at: datetime
    id: int
    lead: int | None = None

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """The cursor that `str` wrote; None for an empty or garbled one, which means the first page."""
        try:
            leading, _, rest = (text or "").rpartition(".")
            micros, _, row = rest.partition("-")
            lead = int(leading) if leading else None
            cursor = cls(EPOCH + timedelta(microseconds=int(micros)), int(row), lead)
        except (ValueError, OverflowError):
            return None
        return cursor if 0 <= cursor.id < MOST and abs(cursor.lead or 0) < MOST else None

    def __str__(self) -> str:
        lead = "" if self.lead is None else f"{self.lead}."
        return f"{lead}{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.id}"

    def below(self, at: str = "at", row: str = "id") -> Q:
        """Rows that come after this one, newest first; written so that the index is read as one range."""
        return Q(**{f"{at}__lte": self.at}) & (Q(**{f"{at}__lt": self.at}) | Q(**{f"{row}__lt": self.id}))

    def above(self, at: str = "at", row: str = "id") -> Q:
        """Rows that come before this one, newest first."""
        return Q(**{f"{at}__gte": self.at}) & (Q(**{f"{at}__gt": self.at}) | Q(**{f"{row}__gt": self.id}))


def cut(rows: Iterable[Row], size: int) -> tuple[list[Row], bool]:
    """The first `size` of rows that were read with one to spare, and whether there are more."""
    found = list(rows)
    return found[:size], len(found) > size
