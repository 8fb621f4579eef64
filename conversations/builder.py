"""What the builder of a view holds while somebody builds it: conditions as they are chosen and typed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from contacts.queries import accounts_named, contacts_named
from conversations.queries.fields import OPS, SPANS, UNITS, VALUELESS, Field, Type, Words
from conversations.queries.filters import MOST_CONDITIONS, Condition, Filter, Match, Unfit, checked
from conversations.queries.saved import Catalogue

NUMBERED = re.compile(r"field-([0-9]{1,3})")
YES, NO = "yes", "no"
FIRST = Condition("status", "is", ["open", "pending"])


@dataclass(frozen=True)
class Line:
    """A condition as it stands in the form, by its place; `typed` are texts, whatever its field holds."""

    place: int
    field: Field
    op: str
    typed: Sequence[str] = ()
    unit: str = "days"
    options: Sequence[tuple[str, Words]] = ()
    error: str = ""

    @property
    def ops(self) -> list[tuple[str, Words]]:
        """What can be said of its field."""
        return [(op, OPS[op]) for op in self.field.ops]

    @property
    def units(self) -> Mapping[str, Words]:
        """In what a length of time is said."""
        return UNITS

    @property
    def control(self) -> str:
        """What takes its value: none, span, choice, truth, number, date, row or text."""
        if self.op in VALUELESS:
            return "none"
        if self.op in SPANS:
            return "span"
        return "date" if self.field.type == Type.MOMENT else self.field.type.value

    @property
    def value(self) -> str:
        """What is typed, of a field that takes one text."""
        return self.typed[0] if self.typed else ""

    @property
    def chosen(self) -> list[Words]:
        """What is chosen, in words."""
        return [words for value, words in self.options if value in self.typed]

    def condition(self) -> Condition:
        """As a filter has it, still to be checked. Raises ValidationError for a name that nobody has."""
        return Condition(self.field.key, self.op, self._value())

    def _value(self) -> Any:
        if self.control == "row":
            return _row(self.field.key, self.value)
        plain: dict[str, Any] = {
            "none": None,
            "span": {"count": int(self.value) if self.value.isdecimal() else None, "unit": self.unit},
            "choice": list(self.typed),
            "truth": {YES: True, NO: False}.get(self.value),
            "number": _number(self.value),
        }
        return plain.get(self.control, self.value)


@dataclass(frozen=True)
class Draft:
    """A view that is being built."""

    name: str = ""
    is_shared: bool = False
    match: Match = "all"
    lines: Sequence[Line] = ()
    error: str = ""

    @property
    def may_grow(self) -> bool:
        """Whether there is room for one more condition."""
        return len(self.lines) < MOST_CONDITIONS

    def filter(self) -> Filter:
        """What has been built so far, still to be checked. Raises Unfit for a name that nobody has."""
        found, wrong = list[Condition](), dict[int | None, str]()
        for position, line in enumerate(self.lines):
            try:
                found.append(line.condition())
            except ValidationError as error:
                wrong[position] = error.messages[0]
        if wrong:
            raise Unfit(wrong)
        return Filter(self.match, found)

    def fit(self, known: Catalogue) -> Filter:
        """The filter, checked. Raises Unfit."""
        return checked(self.filter(), known.fields, known.choices)

    def blamed(self, unfit: Unfit) -> "Draft":
        """The same, with what is wrong where it is."""
        lines = [
            replace(line, error=unfit.found.get(position, "")) for position, line in enumerate(self.lines)
        ]
        return replace(self, lines=lines, error=unfit.found.get(None, ""))


def fresh(known: Catalogue) -> Draft:
    """What a builder begins with."""
    return Draft(lines=[_line(0, FIRST, known, {})])


def of_filter(filter: Filter, known: Catalogue, names: Mapping[tuple[str, int], str]) -> list[Line]:
    """The lines of a filter; a condition on what is put away is left out. `names` are of contacts and accounts."""
    kept = [each for each in filter.conditions if each.field in known.fields]
    return [_line(place, each, known, names) for place, each in enumerate(kept)]


def posted(data: QueryDict, known: Catalogue) -> Draft:
    """What a form holds, with a line more or less where it asks for one."""
    places = sorted(int(found[1]) for key in data if (found := NUMBERED.fullmatch(key)))
    lines = [_posted(data, place, known) for place in places if str(place) != data.get("remove")]
    if "add" in data:
        lines.append(_line(0, FIRST if not lines else Condition("subject", "has", ""), known, {}))
    return Draft(
        name=" ".join(data.get("name", "").split())[:80],
        is_shared="is_shared" in data,
        match="any" if data.get("match") == "any" else "all",
        lines=[replace(line, place=place) for place, line in enumerate(lines[: MOST_CONDITIONS + 1])],
    )


def _posted(data: QueryDict, place: int, known: Catalogue) -> Line:
    """A line as it was filled in. What was typed means nothing any more where its field has become another."""
    field = known.fields.get(data.get(f"field-{place}", "")) or known.fields["status"]
    is_same = data.get(f"was-{place}", field.key) == field.key
    op = data.get(f"op-{place}", "") if is_same else ""
    return Line(
        place=place,
        field=field,
        op=op if op in field.ops else field.ops[0],
        typed=data.getlist(f"value-{place}") if is_same else (),
        unit=data.get(f"unit-{place}", "days"),
        options=known.options.get(field.key, ()),
    )


def _line(place: int, condition: Condition, known: Catalogue, names: Mapping[tuple[str, int], str]) -> Line:
    """A condition as the form shows it."""
    field, value = known.fields[condition.field], condition.value
    options, unit = known.options.get(field.key, ()), "days"
    if condition.op in SPANS:
        typed, unit = [str(value["count"])], value["unit"]
    elif isinstance(value, list):
        typed = [str(each) for each in value]
    elif isinstance(value, bool):
        typed = [YES if value else NO]
    elif field.type == Type.ROW:
        typed = [names.get((field.key, value), "")]
    else:
        typed = [] if value is None else [str(value)]
    return Line(place, field, condition.op, typed, unit, options)


def _number(typed: str) -> int | float | None:
    try:
        number = float(typed.replace(",", "."))
        return int(number) if number.is_integer() else number
    except (ValueError, OverflowError):
        return None


def _row(key: str, typed: str) -> int:
    """The id of the contact or account that is meant. Raises ValidationError for none, and for several."""
    found = contacts_named(typed) if key == "contact" else accounts_named(typed)
    if not found:
        raise ValidationError(_("Nobody is known by this."))
    if len(found) > 1:
        raise ValidationError(_("Several are called so: give an address."))
    return found[0].pk
