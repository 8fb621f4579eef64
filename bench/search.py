"""Asking the index of words at 1,000,000 entries, of a workspace beside one of 1,000 in the same database.

Each question is asked as the page asks it (`tenancy.search.find`, 21 rows, within an open scope); the floor is the
newest 21 rows by an index alone, without any word. Entries have 60 words out of 60,000, a few of them in nearly
every entry and most in hardly any, as languages have it. MANY and FEW are other sizes, for a quick look.
"""

import os
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import connection
from django.utils import timezone

from bench.harness import Figure, new_workspace, p50_p95, seconds, tidy
from tenancy import search
from tenancy.asked import asked
from tenancy.models import SearchRow
from tenancy.scope import scope
from tenancy.search import Ask, Field, Kind, Text
from tenancy.terms import firm_and_typed

FEW, MANY = int(os.environ.get("FEW", "1000")), int(os.environ.get("MANY", "1000000"))
WARM_UP, TIMES, ROWS = 5, 60, 21
# 90 seconds apart; "often" in every third, "hundredth", "seldom" in 20 of all, "longago" in what is oldest.
FILL = """
    INSERT INTO tenancy_searchrow (workspace_id, kind, of, at, words)
    SELECT %(workspace)s, 'E', one, at, (said.words
        || CASE WHEN one %% 3 = 0 THEN mark || 'often:61' ELSE '' END
        || CASE WHEN one %% 100 = 7 THEN mark || 'hundredth:62' ELSE '' END
        || CASE WHEN one %% (%(count)s / 20) = 3 THEN mark || 'seldom:63' ELSE '' END
        || CASE WHEN one < 5 THEN mark || 'longago:64' ELSE '' END
        || mark || '=a' || mark || '=d' || day || mark || '=b' || (day >> 5))::tsvector
    FROM generate_series(1, %(count)s) one,
        LATERAL (SELECT %(now)s - interval '90 seconds' * (%(count)s - one) AS at) moment,
        LATERAL (
            SELECT floor(extract(epoch FROM at) / 86400)::int AS day, ' ' || to_hex(%(workspace)s) || 'E' AS mark
        ) facts,
        LATERAL (
            SELECT string_agg(mark || translate(
                (floor(exp(random() * 11))::int * 7919 %% 99991)::text, '0123456789', 'etaoinshrd'
            ) || ':' || place, '') AS words
            FROM generate_series(1, 60 + one * 0) place
        ) said
"""
NEWEST = """
    SELECT of, at, id FROM tenancy_searchrow
    WHERE workspace_id = %s AND kind = 'E' ORDER BY at DESC, id DESC LIMIT 21
"""
QUESTIONS = {
    "a word in every third entry": "often ",
    "a word in one of a hundred": "hundredth ",
    "a word in 20 entries of all": "seldom ",
    "a word in 4 entries, the oldest": "longago ",
    "a word in none": "nowhere ",
    "two words together": "often hundredth ",
    "one without another": "hundredth -often ",
    "words in this order": '"often hundredth"',
    "while typing: of": "of",
    "while typing: oft": "oft",
    "while typing: sel": "sel",
    "while typing: seldom of": "seldom of",
}


def main() -> list[Figure]:
    """p50 and p95 of each question in the large workspace and in the small one, by turns."""
    few, many = new_workspace("few").pk, new_workspace("many").pk
    _fill({few: FEW, many: MANY})
    return [*_asking(few, many), *_putting(many)]


def _fill(sizes: dict[int, int]) -> None:
    """Store the rows, and build the index of their words afterwards, as it takes a third of the time."""
    (index,) = [each for each in SearchRow._meta.indexes if each.name == "searchrow_words"]
    with connection.schema_editor() as editor:
        editor.remove_index(SearchRow, index)
    for workspace_id, count in sizes.items():
        with scope(workspace_id), connection.cursor() as cursor:
            cursor.execute(FILL, {"workspace": workspace_id, "count": count, "now": timezone.now()})
    with connection.schema_editor() as editor:
        editor.add_index(SearchRow, index)
    tidy()


def _asking(few: int, many: int) -> Iterator[Figure]:
    for name, question in QUESTIONS.items():
        floors: list[float] = []
        times: dict[int, list[float]] = {few: [], many: []}
        for turn in range(WARM_UP + TIMES):
            for workspace_id, taken in times.items():
                floor, took = _ask(workspace_id, question)
                if turn >= WARM_UP:
                    taken.append(took)
                    floors.append(floor)
        least = p50_p95(floors)
        for where, workspace_id in ((f"{MANY:,}", many), (f"{FEW:,} beside it", few)):
            for what, value, floor in zip(("p50", "p95"), p50_p95(times[workspace_id]), least, strict=True):
                yield Figure(f"{name}, of {where}: {what}", value, "ms", floor)


def _ask(workspace_id: int, question: str) -> tuple[float, float]:
    """Milliseconds of the floor and of the question."""
    firm, typed = firm_and_typed(asked(question))
    with scope(workspace_id), connection.cursor() as cursor:
        floor = seconds(lambda: (cursor.execute(NEWEST, [workspace_id]), cursor.fetchall()))
        took = seconds(lambda: search.find([Ask(Kind.ENTRY, firm, typed)], most=ROWS))
    return floor * 1000, took * 1000


def _putting(workspace_id: int) -> Iterator[Figure]:
    """What it costs to put 50 entries at a time into the index of 1,000,000, beside as many rows without words."""
    words = " ".join(f"w{number * 7919 % 99991}" for number in range(60))
    with scope(workspace_id):
        now = timezone.now()
        full = _per_row(lambda first: _texts(first, words, now), 10**9)
        empty = _per_row(lambda first: _texts(first, "", now), 2 * 10**9)
    yield Figure("put into the index, a row", full, "ms", empty, "beside a row that says nothing")


def _texts(first: int, said: str, now: datetime) -> list[Text]:
    return [
        Text(Kind.ENTRY, first + place, now, [(Field.TEXT, f"{said} {first + place}")]) for place in range(50)
    ]


def _per_row(texts: Callable[[int], list[Text]], start: int) -> float:
    """Milliseconds for each of 2,000 rows."""
    batches = [texts(start + first) for first in range(0, 2000, 50)]
    return sum(seconds(lambda: search.put(batch, fresh=True)) for batch in batches) / 2000 * 1000  # noqa: B023
