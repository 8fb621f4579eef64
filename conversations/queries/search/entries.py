"""Entries by their words, for lists that narrow down by more than words."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from conversations.models import Conversation, Entry
from conversations.queries.search.found import Search, kept
from tenancy import search
from tenancy.asked import Asked
from tenancy.models import Member
from tenancy.search import Kind, Within

FINDS = 500  # that one look at the index gives


def with_words(rows: QuerySet[Entry], question: Asked, member: Member, within: Within) -> QuerySet[Entry]:
    """Those of the entries that a question of a member finds, the newest 500 within the bounds."""
    wanted = Search.of(question, member)
    asks = [ask for ask in wanted.asks if ask.kind is Kind.ENTRY]
    narrowed = wanted.narrowed
    bounds = Within(
        since=max(filter(None, (within.since, narrowed.since)), default=None),
        until=min(filter(None, (within.until, narrowed.until)), default=None),
    )
    found = search.find(asks, within=bounds, most=FINDS)
    found = [one for one in found if not narrowed.is_in_gap(one.at)]
    if narrowed.asks_of_matters:
        found = kept(found, narrowed)
    return rows.filter(pk__in=[one.of for one in found])


def among(rows: QuerySet[Entry], question: Asked, member: Member) -> QuerySet[Entry]:
    """The same where the rows are few already, as those of one conversation: each is asked, without the
    index."""
    wanted = Search.of(question, member)
    narrowed = wanted.narrowed
    for ask in wanted.asks:
        if ask.kind is Kind.ENTRY:
            rows = rows.filter(Exists(search.saying(ask).filter(of=OuterRef("pk"))))
            if narrowed.since:
                rows = rows.filter(at__gte=narrowed.since)
            if narrowed.until:
                rows = rows.filter(at__lt=narrowed.until)
            if narrowed.asks_of_matters:
                rows = rows.filter(conversation__in=Conversation.objects.filter(narrowed.conversations))
            return rows
    return rows.filter(Q(pk__in=[]))
