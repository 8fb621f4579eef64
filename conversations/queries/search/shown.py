"""What is found as people see it: a line of what it is, why it was found, and where it leads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Left
from markupsafe import Markup

from contacts import queries as people
from conversations.models import Attachment, Conversation, Entry, EntryBody
from conversations.queries.search.excerpts import READ, Marker
from conversations.queries.search.found import Page, Search
from tenancy.search import Found, Kind

NO_TEXT = Markup("")


@dataclass(frozen=True, slots=True)
class Hit:
    """One line. `row` is what was found: a conversation, an entry, a file, or what lists of contacts and
    accounts show of one. `title` and `excerpt` are marked where it says what was asked."""

    found: Found
    row: Any
    title: Markup
    excerpt: Markup = NO_TEXT

    @property
    def kind(self) -> str:
        return self.found.kind.name.lower()


def shown(wanted: Search, page: Page) -> list[Hit]:
    """The lines of a page, in some queries for each kind.

    A message that says nothing of it itself stands behind its conversation, where that is on the same page.
    """
    marker = Marker.of(wanted.asked)
    hits: dict[Found, Hit] = {}
    for kind, read in READING.items():
        found = {one.of: one for one in page.found if one.kind is kind}
        if found:
            hits |= {hit.found: hit for hit in read(found, marker)}
    matters = {one.of for one in page.found if one.kind is Kind.CONVERSATION}
    lines = [hits[one] for one in page.found if one in hits]
    return [hit for hit in lines if not _is_behind(hit, matters)]


def _is_behind(hit: Hit, matters: set[int]) -> bool:
    if hit.found.kind is not Kind.ENTRY or hit.row.conversation_id not in matters:
        return False
    return "<mark>" not in hit.excerpt and "<mark>" not in hit.title


def _conversations(found: Mapping[int, Found], marker: Marker) -> list[Hit]:
    rows = Conversation.objects.select_related("contact", "assignee", "last_channel", "account")
    return [
        Hit(found[row.pk], row, marker.marked(row.subject), marker.excerpt(row.preview))
        for row in rows.filter(pk__in=found)
    ]


def _entries(found: Mapping[int, Found], marker: Marker) -> list[Hit]:
    rows = Entry.objects.select_related("channel", "contact", "member", "conversation").filter(pk__in=found)
    texts = _texts(found)
    return [
        Hit(found[row.pk], row, marker.marked(_author(row)), marker.excerpt(texts.get(row.pk, "")))
        for row in rows
    ]


def _texts(entries: Mapping[int, Found]) -> dict[int, str]:
    """The beginnings of what entries say now."""
    newest: QuerySet[Any, Any] = EntryBody.objects.filter(entry__in=list(entries)).annotate(
        said=Left("text", READ)
    )
    ordered = newest.order_by("entry", "-version").distinct("entry")
    return dict(ordered.values_list("entry_id", "said"))


def _author(entry: Entry) -> str:
    """Whose an entry is."""
    author = entry.contact if entry.direction == Entry.Direction.IN else entry.member
    return str(author or entry.contact or "")


def _files(found: Mapping[int, Found], marker: Marker) -> list[Hit]:
    rows = Attachment.objects.select_related("entry__contact", "entry__member", "entry__conversation")
    return [Hit(found[row.pk], row, marker.marked(row.name)) for row in rows.filter(pk__in=found)]


def _contacts(found: Mapping[int, Found], marker: Marker) -> list[Hit]:
    notes = people.private_notes("contact", list(found))
    return [
        Hit(found[pk], row, marker.marked(str(row.contact)), _said_in(notes.get(pk, ()), marker))
        for row in people.contact_rows(list(found))
        if (pk := row.contact.pk)
    ]


def _accounts(found: Mapping[int, Found], marker: Marker) -> list[Hit]:
    notes = people.private_notes("account", list(found))
    return [
        Hit(
            found[pk],
            row,
            marker.marked(row.account.name),
            _said_in([row.account.notes, *notes.get(pk, ())], marker),
        )
        for row in people.account_rows(list(found))
        if (pk := row.account.pk)
    ]


def _said_in(notes: Iterable[str], marker: Marker) -> Markup:
    return next((marker.excerpt(note) for note in notes if marker.says(note)), NO_TEXT)


READING: dict[Kind, Callable[[Mapping[int, Found], Marker], Sequence[Hit]]] = {
    Kind.CONVERSATION: _conversations,
    Kind.ENTRY: _entries,
    Kind.FILE: _files,
    Kind.CONTACT: _contacts,
    Kind.ACCOUNT: _accounts,
}
