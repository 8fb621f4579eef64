"""What a question finds, newest first: rows of the index, those of them whose conversation is as asked, as
they read.

Everything stands where it came to be: conversations where they began, also where no words are asked for, so
that `since:` means one thing. Three steps, each of a fixed number of statements: the index gives candidates,
the conversations that they belong to are asked whether they are so, and what is left is read. A question that
few answer is looked for some hundreds of rows at a time; the cursor says how far back has been looked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q

from contacts.models import Account, Contact
from conversations.models import Attachment, Conversation, Entry
from conversations.queries.search.myself import as_member
from conversations.queries.search.narrowing import MATTERS, Narrowed, narrowed
from tenancy import search
from tenancy.asked import Asked
from tenancy.keyset import Cursor
from tenancy.models import Member
from tenancy.search import Ask, Found, Kind, Within
from tenancy.terms import firm_and_typed, joined

PAGE = 20
LOOK = 60  # candidates of a kind that are looked at in a round where conversations are asked as well
LISTED = 1_000  # conversations, where no words are asked for
ROUNDS = 4
EVERYTHING = "'~=a'"


@dataclass(frozen=True)
class Search:
    """A question of a member, ready to be looked for."""

    asked: Asked
    narrowed: Narrowed

    @classmethod
    def of(cls, asked: Asked, member: Member) -> "Search":
        wanted = cls(as_member(asked, member), narrowed(asked, member))
        if not wanted.is_of_words:
            wanted.narrowed.itself &= Q(kind=Conversation.Kind.CUSTOMER)
        return wanted

    @cached_property
    def asks(self) -> list[Ask]:
        """What the index is asked, for each kind that can be found."""
        firm, typed = firm_and_typed(self.asked)
        more = dict.fromkeys((Kind.ENTRY, Kind.FILE), self.narrowed.of_entries)
        more[Kind.CONVERSATION] = self.narrowed.of_matters
        if not self.asked.terms:
            firm = EVERYTHING
        kinds = [kind for kind in Kind if kind in self.narrowed.kinds]
        asks = [Ask(kind, joined([firm, *more.get(kind, ())]), typed) for kind in kinds]
        return [ask for ask in asks if ask.firm or ask.typed]

    @property
    def is_of_words(self) -> bool:
        """Whether more is asked for than what conversations are like: that finds no more than themselves."""
        is_said = bool(self.asked.terms or self.narrowed.of_matters)
        return is_said or Kind.CONVERSATION not in self.narrowed.kinds

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.asked.terms or self.asked.operators)

    def within(self, below: Cursor | None) -> Within:
        return Within(below, self.narrowed.since, self.narrowed.until)


@dataclass(frozen=True, slots=True)
class Page:
    """What was found, newest first, and where to look further; `is_short` where that is for want of time, not
    room."""

    found: Sequence[Found]
    older: Cursor | None
    is_short: bool = False


def page(wanted: Search, *, below: Cursor | None = None, size: int = PAGE) -> Page:
    """A page of what a question finds."""
    if wanted.is_empty or not wanted.narrowed.kinds:
        return Page([], None)
    found: list[Found] = []
    for _ in range(ROUNDS):
        candidates, below = _candidates(wanted, wanted.narrowed.past_gaps(below), size)
        found += kept(candidates, wanted.narrowed)
        if len(found) > size or (len(found) == size and below):
            return Page(found[:size], found[size - 1].cursor)
        if below is None:
            return Page(found, None)
    return Page(found, below, is_short=True)


def _candidates(wanted: Search, below: Cursor | None, size: int) -> tuple[list[Found], Cursor | None]:
    """Candidates out of the index, and the place down to which all kinds have been looked for."""
    most, asks = max(size + 1, LOOK if wanted.narrowed.asks_of_matters else 0), wanted.asks
    if not wanted.is_of_words:
        most, asks = LISTED, [ask for ask in asks if ask.kind is Kind.CONVERSATION]
    found = search.find(asks, within=wanted.within(below), most=most)
    # A kind of which there are more has been seen down to its last row alone.
    last = {kind: [one for one in found if one.kind is kind] for kind in Kind}
    ends = [rows[-1].cursor for rows in last.values() if len(rows) >= most]
    if not ends:
        return found, None
    end = max(ends, key=lambda cursor: (cursor.at, cursor.id))
    return [one for one in found if (one.at, one.id) >= (end.at, end.id)], end


def kept(candidates: Sequence[Found], narrowed: Narrowed) -> list[Found]:
    """Those that are as asked; and never what has been taken back, nor what is in spam unless that is asked
    for."""
    by_kind = {kind: [one.of for one in candidates if one.kind is kind] for kind in Kind}
    matter_of = _matters_of(by_kind)
    asked = {matter for matters in matter_of.values() for matter in matters.values() if matter}
    good = set(
        Conversation.objects.filter(narrowed.conversations, pk__in=asked).values_list("pk", flat=True)
        if asked
        else ()
    )
    good_itself = good
    if narrowed.itself and (ids := good & set(by_kind[Kind.CONVERSATION])):
        good_itself = set(
            Conversation.objects.filter(narrowed.itself, pk__in=ids).values_list("pk", flat=True)
        )
    kept: dict[Kind, set[int]] = {
        kind: {of for of, matter in matter_of[kind].items() if matter in good} for kind in MATTERS
    }
    kept[Kind.CONVERSATION] &= good_itself
    kept |= _people(by_kind, narrowed)
    return [one for one in candidates if one.of in kept[one.kind] and not narrowed.is_in_gap(one.at)]


def _matters_of(by_kind: Mapping[Kind, Sequence[int]]) -> dict[Kind, dict[int, int | None]]:
    """The conversation of each entry, file and conversation, by their kinds and ids."""
    found: dict[Kind, dict[int, int | None]] = {kind: {} for kind in MATTERS}
    found[Kind.CONVERSATION] = {pk: pk for pk in by_kind[Kind.CONVERSATION]}
    if ids := by_kind[Kind.ENTRY]:
        rows = Entry.objects.filter(pk__in=ids, deleted_at=None)
        found[Kind.ENTRY] = dict(rows.values_list("pk", "conversation"))
    if ids := by_kind[Kind.FILE]:
        files = Attachment.objects.filter(pk__in=ids, entry__deleted_at=None)
        found[Kind.FILE] = dict(files.values_list("pk", "entry__conversation"))
    return found


def _people(by_kind: Mapping[Kind, Sequence[int]], narrowed: Narrowed) -> dict[Kind, set[int]]:
    contacts, accounts = by_kind[Kind.CONTACT], by_kind[Kind.ACCOUNT]
    if contacts and narrowed.people:
        contacts = list(_narrow(Contact, contacts, narrowed.people))
    if accounts and narrowed.accounts:
        accounts = list(_narrow(Account, accounts, narrowed.accounts))
    return {Kind.CONTACT: set(contacts), Kind.ACCOUNT: set(accounts)}


def _narrow(model: Any, ids: Sequence[int], which: Q) -> Any:
    return model.objects.filter(which, pk__in=ids).values_list("pk", flat=True)
