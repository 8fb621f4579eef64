"""What people type into the search box, taken apart: words, "exact words", -without, and operators.

    refund -spam "exact words" from:dana channel:phone is:open before:2026-11-01 #48213

Nothing that is typed is an error: an operator that nobody knows, or whose value says nothing, is searched as
text or left out, and a remark says so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenancy.search import Field
from tenancy.storable import storable
from tenancy.words import MANY_DIGITS

FIELDS = {"from": Field.FROM, "to": Field.TO, "subject": Field.SUBJECT}
OPERATORS = (
    *FIELDS,
    "in",
    "channel",
    "label",
    "is",
    "assignee",
    "before",
    "after",
    "since",
    "on",
    "has",
    "account",
    "number",
)
LONGEST = 400  # characters that are read of a question
_PIECE = re.compile(
    r"""(?P<minus>-(?=\S))?(?:(?P<name>[a-z]+):(?=\S))?(?:["“”„](?P<phrase>[^"“”„]*)["“”]?|(?P<word>\S+))""",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that are looked for where they stand in `field`; in a phrase, in this order. `fact`: what is looked for
    in place of words."""

    text: str
    field: Field = Field.TEXT
    is_phrase: bool = False
    is_negated: bool = False
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition that is no word."""

    name: str
    value: str
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what was typed, as it stands there, and what it means."""

    text: str
    start: int
    meaning: Term | Operator

    @property
    def name(self) -> str:
        """What stands before the colon, with its minus."""
        return self.text.partition(":")[0] if self.is_token else ""

    @property
    def value(self) -> str:
        return self.text.partition(":")[2].strip('"“”„') if self.is_token else self.text

    @property
    def is_token(self) -> bool:
        """Whether it is an operator, which the page shows as a thing that can be taken away."""
        return isinstance(self.meaning, Operator) or bool(self.meaning.field)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question. `terms` are groups of which each must be met, by one of its terms.

    `is_open` while the last word may go on.
    """

    text: str
    pieces: Sequence[Piece]
    terms: Sequence[Sequence[Term]]
    operators: Sequence[Operator]
    is_open: bool
    remarks: Sequence[str]

    @property
    def plain(self) -> str:
        """What stands beside the operators."""
        return " ".join(piece.text for piece in self.pieces if not piece.is_token)

    def without(self, start: int) -> str:
        """The question without the piece that starts there."""
        return " ".join(piece.text for piece in self.pieces if piece.start != start)

    def values(self, name: str) -> list[Operator]:
        """The operators of a name, in their order."""
        return [one for one in self.operators if one.name == name]


def asked(text: str) -> Asked:
    """Take a question apart."""
    text = storable(text)[:LONGEST]
    pieces, remarks = list(_pieces(text)), list[str]()
    terms: list[list[Term]] = []
    joins = False
    for piece in pieces:
        if not isinstance(piece.meaning, Term):
            continue
        if piece.text.lower() == "or" and terms:
            joins = True
        elif joins and not piece.meaning.is_negated:
            terms[-1].append(piece.meaning)
            joins = False
        else:
            terms.append([piece.meaning])
            joins = False
        if remark := _unknown(piece):
            remarks.append(remark)
    operators = [piece.meaning for piece in pieces if isinstance(piece.meaning, Operator)]
    last = pieces[-1].meaning if pieces else None
    is_open = isinstance(last, Term) and not (last.is_phrase or last.is_negated) and not text[-1].isspace()
    return Asked(text, pieces, terms, operators, is_open, remarks)


def _pieces(text: str) -> Iterator[Piece]:
    at = 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        found = MANY_DIGITS.match(text, at)
        if found and not text[found.end() : found.end() + 1].strip():
            yield Piece(found[0], at, Term(found[0]))
        else:
            found = _PIECE.match(text, at)
            assert found is not None  # a sign that is no space is a word
            yield Piece(found[0], at, _meaning(found))
        at = found.end()


def _meaning(found: re.Match[str]) -> Term | Operator:
    name, negated = (found["name"] or "").lower(), bool(found["minus"])
    is_phrase = found["phrase"] is not None
    value = found["phrase"] if is_phrase else found["word"]
    if name in FIELDS:
        return Term(value, FIELDS[name], is_phrase, negated)
    if name in OPERATORS:
        return Operator(name, value, negated)
    if not name and value.startswith("#") and value[1:].isdecimal():
        return Operator("number", value[1:], negated)
    return Term(f"{found['name']}:{value}" if name else value, Field.TEXT, is_phrase, negated)


def _unknown(piece: Piece) -> str:
    """A remark on what looks like an operator and is none."""
    name, colon, value = piece.text.lstrip("-").partition(":")
    looks_like = colon and value and name.isascii() and name.isalpha() and not value.startswith("//")
    if not looks_like or name.lower() in OPERATORS:
        return ""
    return _("“%(name)s:” is no operator, so it is searched as text.") % {"name": name}
