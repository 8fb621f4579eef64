"""Finding rows of other tables by their words. What is searched, and how it is asked, the floors above say.

A row of the index belongs to one row of another table. Its lexemes begin with a mark of its workspace and
kind, so that what many workspaces say meets in no list of the index. Beside words they say in which days a
row stands, so that the newest are found without looking at every match: `tenancy_search`, a function of the
database, walks back in time. Row-level security would keep the index from being used; that function reads
past it, takes the workspace from the open scope, and gives ids away, no more: whoever asks reads the rows
again, under the policy (docs/decisions/).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.contrib.postgres.search import SearchQueryField
from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.functions import Cast

from tenancy.keyset import Cursor
from tenancy.models import SearchRow
from tenancy.scope import current_workspace_id
from tenancy.words import numbers, spelled

LENGTH = 100_000  # characters of a text that are searched
MOST = 16_000  # lexemes of a row; PostgreSQL counts places to 16,383, and takes a megabyte of words
VERSION = 1  # of what is searched and of its words: raised with either, so that all rows are looked at again
DAY = 86_400
SPAN = 5  # a block of days is 2 to the power of this
ONE = """
    SELECT %%(kind%(place)d)s, of, at, id FROM tenancy_search(
        %%(kind%(place)d)s, %%(firm%(place)d)s, %%(typed%(place)d)s,
        %%(below)s, %%(row)s, %%(since)s, %%(until)s, %%(most)s)"""


class Kind(StrEnum):
    """What is found. The letter stands in every lexeme: a capital, which no word has."""

    ENTRY = "E"
    CONVERSATION = "C"
    CONTACT = "P"
    ACCOUNT = "A"
    FILE = "F"


class Field(StrEnum):
    """Where in a row a word stands: the weight that PostgreSQL keeps with it. Most stand in the TEXT."""

    FROM = "A"
    TO = "B"
    SUBJECT = "C"
    TEXT = ""


@dataclass(frozen=True, slots=True)
class Text:
    """What is searched of a row: its words by where they stand, and `facts`, which are found as they are."""

    kind: Kind
    of: int
    at: datetime
    words: Sequence[tuple[Field, str]]
    facts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What rows of a kind must say. Both are conditions as `tsquery` writes them, each lexeme with a ~ before
    it.

    `typed` is apart: a word that may go on, so that it stands for many.
    """

    kind: Kind
    firm: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A row that says it: which, and where it stands among what is found."""

    kind: Kind
    of: int
    at: datetime
    id: int

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.at, self.id)


@dataclass(frozen=True, slots=True)
class Within:
    """Where to look: below a cursor, from a moment on, before another."""

    below: Cursor | None = None
    since: datetime | None = None
    until: datetime | None = None


def put(texts: Sequence[Text], *, fresh: bool = False) -> None:
    """Let these be found by their words, and no longer by what they said before. `fresh`: none is known yet."""
    if not texts:
        return
    rows = [SearchRow(kind=one.kind, of=one.of, at=one.at, words=vector(one)) for one in texts]
    if fresh:
        SearchRow.objects.bulk_create(rows)
    else:
        SearchRow.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["workspace", "kind", "of"],
            update_fields=["at", "words"],
        )


def drop(kind: Kind, ids: Iterable[int]) -> None:
    """Let these be found no more."""
    SearchRow.objects.filter(kind=kind, of__in=list(ids)).delete()


def find(asks: Sequence[Ask], *, within: Within = Within(), most: int) -> list[Found]:
    """The newest rows of each kind that say it, `most` of each, all of them newest first, in one query."""
    if not asks:
        return []
    below = within.below
    facts: dict[str, Any] = {"below": below and below.at, "row": below and below.id, "most": most}
    facts |= {"since": within.since, "until": within.until}
    parts = []
    for place, ask in enumerate(asks):
        parts.append(ONE % {"place": place})
        facts |= {f"kind{place}": ask.kind, f"firm{place}": ask.firm, f"typed{place}": ask.typed}
    with connection.cursor() as cursor:
        cursor.execute(f"{' UNION ALL '.join(parts)} ORDER BY at DESC, id DESC", facts)
        return [Found(Kind(kind), of, at, row) for kind, of, at, row in cursor.fetchall()]


def saying(ask: Ask) -> QuerySet[SearchRow]:
    """All rows that say it, for those who look among few: without the index, as the policy stands before it."""
    said = " & ".join(f"({part})" for part in (ask.firm, ask.typed) if part)
    wanted = Cast(Value(said.replace("~", _mark(ask.kind))), SearchQueryField())
    hit = Func(F("words"), wanted, function="ts_match_vq", output_field=BooleanField())
    return SearchRow.objects.alias(is_hit=hit).filter(kind=ask.kind, is_hit=True)


def _mark(kind: Kind) -> str:
    """What the lexemes of a kind begin with in the open scope."""
    return f"{current_workspace_id():x}{kind}"


def vector(text: Text) -> str:
    """A row's words as PostgreSQL's `tsvector` is written."""
    mark = _mark(text.kind)
    places: defaultdict[str, list[str]] = defaultdict(list)
    place = 0
    for where, said in text.words:
        for spellings in spelled(said[:LENGTH]):
            place += 1
            if place > MOST:
                break
            for lexeme in spellings:
                places[lexeme].append(f"{place}{where}")
        for number in numbers(said[:LENGTH]):
            places.setdefault(number, [f"{place}{where}"])
        place += 1  # no phrase goes on from one field into another
    words = (f"{mark}{lexeme}:{','.join(at)}" for lexeme, at in places.items())
    day = int(text.at.timestamp()) // DAY
    facts = (f"{mark}={fact}" for fact in ("a", f"d{day}", f"b{day >> SPAN}", *text.facts))
    return " ".join([*words, *facts])
