"""The index of words, compared with what it is of, and made again where it differs.

Rows come into the index with what they are of (`searching`, and contacts' own). This is for rows from before
there was an index, or from before something else was searched of them; for what was written past the services
(the demo, an import); and for `fsck`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from contacts.models import Account, Contact
from contacts.services.searching import account_texts, contact_texts
from conversations.models import Attachment, Conversation, Entry
from conversations.services.searching import SEARCHED, conversation_texts, entry_texts, file_texts
from tenancy import search
from tenancy.models import SearchRow, Workspace
from tenancy.scope import scope
from tenancy.search import Kind, Text
from tenancy.tables import TenantModel

AT_ONCE = 200
BUSY = 120  # seconds after which a workspace's turns are taken for lost

Sources = dict[Kind, tuple[type[TenantModel], Q, Callable[[Any], list[Text]]]]
# What each kind is of; those by which people find their way soonest come first.
SOURCES: Sources = {
    Kind.ACCOUNT: (Account, Q(), account_texts),
    Kind.CONTACT: (Contact, Q(), contact_texts),
    Kind.CONVERSATION: (Conversation, Q(), conversation_texts),
    Kind.FILE: (Attachment, Q(entry__isnull=False, entry__kind__in=SEARCHED), file_texts),
    Kind.ENTRY: (Entry, Q(kind__in=SEARCHED) & ~Q(bodies__erased_at__isnull=False), entry_texts),
}
END = 2**63 - 1


def unfinished() -> list[int]:
    """Ids of the workspaces whose rows are not all in the index as they are searched now, and at which nobody
    works."""
    is_behind = Q(searched_since=None) | Q(searched_as__lt=search.VERSION)
    waiting = Workspace.objects.filter(is_behind).values_list("pk", flat=True)
    return [pk for pk in waiting if not cache.get(_busy(pk))]


def go_on(workspace_id: int, kind: Kind | None, below: int) -> tuple[Kind, int] | None:
    """Put the next rows of a workspace into the index where they are missing or differ; returns where to go on,
    None at the end.

    Begun anew, it writes only what is not so still.
    """
    cache.set(_busy(workspace_id), 1, BUSY)
    kind, below = kind or next(iter(SOURCES)), below or END
    with scope(workspace_id):
        if ids := _put_next(kind, below):
            return kind, ids[-1]
        kinds = list(SOURCES)
        if kind != kinds[-1]:
            return kinds[kinds.index(kind) + 1], END
    _finished(workspace_id)
    return None


def put_all() -> None:
    """Put all of the open workspace into the index that is missing there or differs, in its transaction."""
    for kind in SOURCES:
        below = END
        while ids := _put_next(kind, below):
            below = ids[-1]


def rebuild(workspace_id: int) -> Iterator[tuple[Kind, int]]:
    """Make a workspace's index again, in place: at no moment is less found than before. Says after every few
    rows of which kind they were and how many."""
    for kind in SOURCES:
        below = END
        while below:
            with scope(workspace_id):
                ids = _put_next(kind, below)
            yield kind, len(ids)
            below = ids[-1] if ids else 0
        with scope(workspace_id):
            search.drop(kind, _orphans(kind))
    _finished(workspace_id)


def differences() -> Iterator[tuple[Kind, int, str]]:
    """Where the open workspace's index differs from what it is of: kind, id, and how."""
    for kind, (model, _, texts_of) in SOURCES.items():
        for ids in _chunks(kind):
            texts = texts_of(list(model.objects.filter(pk__in=ids)))
            yield from ((kind, of, trouble) for of, trouble in _differing(kind, texts))
        yield from ((kind, of, "there is no such row any more") for of in _orphans(kind))


def _put_next(kind: Kind, below: int) -> list[int]:
    """Locked, so that nothing is put that has just been erased. Returns the ids of all that were looked at."""
    model, _, texts_of = SOURCES[kind]
    ids = _next(kind, below)
    locked = model.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    texts = texts_of(list(locked))
    differing = {of for of, _ in _differing(kind, texts)}
    search.put([text for text in texts if text.of in differing])
    return ids


def _finished(workspace_id: int) -> None:
    done = {"searched_since": timezone.now(), "searched_as": search.VERSION}
    Workspace.objects.filter(pk=workspace_id).update(**done)


def _next(kind: Kind, below: int) -> list[int]:
    model, which, _ = SOURCES[kind]
    rows = model.objects.filter(which, pk__lt=below).order_by("-pk")
    return list(rows.values_list("pk", flat=True)[:AT_ONCE])


def _chunks(kind: Kind) -> Iterator[list[int]]:
    below = END
    while ids := _next(kind, below):
        yield ids
        below = ids[-1]


def _differing(kind: Kind, texts: Sequence[Text]) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT is_so.of, CASE WHEN row.id IS NULL THEN 'is missing' ELSE 'says something else' END
            FROM unnest(%(ids)s::bigint[], %(ats)s::timestamptz[], %(words)s::text[]) is_so(of, at, words)
            LEFT JOIN tenancy_searchrow row ON row.kind = %(kind)s AND row.of = is_so.of
            WHERE row.id IS NULL OR row.at <> is_so.at OR row.words <> is_so.words::tsvector
            """,
            {
                "kind": kind,
                "ids": [one.of for one in texts],
                "ats": [one.at for one in texts],
                "words": [search.vector(one) for one in texts],
            },
        )
        return [(int(of), str(trouble)) for of, trouble in cursor.fetchall()]


def _orphans(kind: Kind) -> list[int]:
    model, which, _ = SOURCES[kind]
    there = model.objects.filter(which, pk=OuterRef("of"))
    return list(SearchRow.objects.filter(~Exists(there), kind=kind).values_list("of", flat=True))


def _busy(workspace_id: int) -> str:
    return f"reindex:{workspace_id}"
