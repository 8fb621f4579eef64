"""What people type into the search box, taken apart: words, "exact words", -without, and operators.

    refund -spam "exact words" from:dana is:open or is:pending before:2026-11-01 #48213

Nothing that is typed is an error: an operator that nobody knows, or whose value says nothing, is searched as
text or left out, and a remark says so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from tenancy.search import Field
from tenancy.storable import storable
from tenancy.words import NUMBER

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
DAYS = {"before", "after", "since", "on"}
_OR = rf"or\s+(?=-?(?:{'|'.join(OPERATORS)}):\S|#\d)"  # goes with the operator behind it
_PIECE = re.compile(
    rf"""(?P<or>{_OR})?"""
    r"""(?P<minus>-(?=\S))?(?:(?P<name>[a-z]+):(?=\S))?(?:["“”„](?P<phrase>[^"“”„]*)["“”]?|(?P<word>\S+))""",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that are looked for where they stand in `field`; in a phrase, in this order. `fact`: what is looked
    for in place of words."""

    text: str
    field: Field = Field.TEXT
    is_phrase: bool = False
    is_negated: bool = False
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition that is no word. `is_other`: another way to meet the one before it, of the same name."""

    name: str
    value: str
    is_negated: bool = False
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what was typed, as it stands there, and what it means."""

    text: str
    start: int
    meaning: Term | Operator
    is_or: bool = False

    @property
    def name(self) -> str:
        """What stands before the colon, with its minus, and an `or` before it."""
        return self.text.partition(":")[0] if self.is_token else ""

    @property
    def value(self) -> str:
        return self.text.partition(":")[2].strip('"“”„') if self.is_token else self.text

    @property
    def alone(self) -> str:
        """Its text without an `or` before it."""
        return self.text.split(maxsplit=1)[1] if self.is_or else self.text

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

    def without(self, *starts: int) -> str:
        """The question without the pieces that start there."""
        kept, is_first = list[str](), False
        for piece in self.pieces:
            if piece.start in starts:
                is_first = is_first or not piece.is_or  # of those that an `or` goes on from
            else:
                kept.append(piece.alone if is_first else piece.text)
                is_first = False
        return " ".join(kept)

    def values(self, name: str) -> list[Operator]:
        """The operators of a name, in their order."""
        return [one for one in self.operators if one.name == name]


def asked(text: str) -> Asked:
    """Take a question apart."""
    text = storable(text)[:LONGEST]
    pieces, remarks = list(_pieces(text)), list[str]()
    terms: list[list[Term]] = []
    operators: list[Operator] = []
    for piece, is_other in _joined(pieces, remarks):
        if isinstance(piece.meaning, Operator):
            operators.append(replace(piece.meaning, is_other=is_other))
        elif is_other:
            terms[-1].append(piece.meaning)
        else:
            terms.append([piece.meaning])
        if remark := _unknown(piece):
            remarks.append(remark)
    last = pieces[-1].meaning if pieces else None
    is_open = isinstance(last, Term) and not (last.is_phrase or last.is_negated) and not text[-1].isspace()
    return Asked(text, pieces, terms, operators, is_open, remarks)


def _joined(pieces: Sequence[Piece], remarks: list[str]) -> Iterator[tuple[Piece, bool]]:
    """Each piece, and whether an `or` makes it another way to meet the one before it; without those `or`s."""
    last, joins = None, False
    for place, piece in enumerate(pieces):
        is_end = place == len(pieces) - 1
        if last and piece.text.lower() == "or" and not (is_end and isinstance(last.meaning, Operator)):
            joins = True
            continue
        is_or = bool(last) and (joins or piece.is_or)
        is_other = is_or and last is not None and _goes_with(piece.meaning, last.meaning)
        if is_or and not is_other:
            remarks.append(
                _("“or” joins words, or operators of one name that are no days and have no minus.")
            )
        yield piece, is_other
        last, joins = piece, False


def _goes_with(meaning: Term | Operator, last: Term | Operator) -> bool:
    if isinstance(meaning, Operator) and isinstance(last, Operator):
        is_alike = meaning.name == last.name and meaning.name not in DAYS
        return is_alike and not (meaning.is_negated or last.is_negated)
    return isinstance(meaning, Term) and isinstance(last, Term) and not meaning.is_negated


def _pieces(text: str) -> Iterator[Piece]:
    at = 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        found = NUMBER.match(text, at)
        if found and not text[found.end() : found.end() + 1].strip():
            yield Piece(found[0], at, Term(found[0]))
        else:
            found = _PIECE.match(text, at)
            assert found is not None  # a sign that is no space is a word
            yield Piece(found[0], at, _meaning(found), found["or"] is not None)
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
