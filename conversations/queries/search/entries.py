"""Entries by their words, for lists that narrow down by more than words."""

from django.db.models import QuerySet

from conversations.models import Entry
from conversations.queries.search.asked import asked
from conversations.queries.search.terms import firm_and_typed
from tenancy import search
from tenancy.search import Ask, Kind

FINDS = 500


def with_words(rows: QuerySet[Entry], words: str) -> QuerySet[Entry]:
    """Those of the entries that a question finds."""
    firm, typed = firm_and_typed(asked(words))
    found = search.find([Ask(Kind.ENTRY, firm, typed)], most=FINDS) if firm or typed else []
    return rows.filter(pk__in=[one.of for one in found])
