"""Filters: conditions of which all or any have to hold, and what fits into them."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from conversations.queries.fields import SPANS, UNITS, VALUELESS, Field, Type
from tenancy.keyset import MOST
from tenancy.storable import storable

MOST_CONDITIONS, MOST_CHOICES, LONGEST = 20, 100, 200
LONGEST_SPAN = 3650  # days
Match = Literal["all", "any"]
Fields = Mapping[str, Field]
# The choices of a field by its key, as they may be said; none for one whose choices are not known here.
Choices = Mapping[str, Iterable[str]]


@dataclass(frozen=True, slots=True)
class Condition:
    """That a field is as `op` and `value` say; see `fields`. Lengths of time are {"count": 2, "unit": "hours"}."""

    field: str
    op: str
    value: Any = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        said = {"field": self.field, "op": self.op}
        return said if self.op in VALUELESS else said | {"value": self.value}


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions of which all or any have to hold."""

    match: Match
    conditions: Sequence[Condition]

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"match": self.match, "conditions": [each.as_json() for each in self.conditions]}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Filter":
        """What `as_json` wrote."""
        conditions = [
            Condition(said["field"], said["op"], said.get("value")) for said in kept.get("conditions", ())
        ]
        return cls("any" if kept.get("match") == "any" else "all", conditions)


class Unfit(ValidationError):
    """What is wrong with a filter: messages by the position of the condition, and under None of the whole."""

    def __init__(self, found: Mapping[int | None, str]) -> None:
        self.found = dict(found)
        super().__init__([_at(position, words) for position, words in found.items()])


def _at(position: int | None, words: str) -> str:
    if position is None:
        return words
    return _("Condition %(number)s: %(words)s") % {"number": position + 1, "words": words}


def checked(filter: Filter, fields: Fields, choices: Choices) -> Filter:
    """The filter as it is kept. Raises Unfit."""
    found, wrong = list[Condition](), dict[int | None, str]()
    for position, condition in enumerate(filter.conditions[:MOST_CONDITIONS]):
        try:
            found.append(_checked(condition, fields, choices))
        except ValidationError as error:
            wrong[position] = error.messages[0]
    if not filter.conditions:
        wrong[None] = _("Give a condition.")
    elif len(filter.conditions) > MOST_CONDITIONS:
        wrong[None] = _("%(most)s conditions are the most that there can be.") % {"most": MOST_CONDITIONS}
    elif filter.match == "any" and any(each.field == "spam" for each in filter.conditions):
        wrong[None] = _("Spam can be asked for only where all conditions have to hold.")
    if wrong:
        raise Unfit(wrong)
    return Filter(filter.match, found)


def _checked(condition: Condition, fields: Fields, choices: Choices) -> Condition:
    field = fields.get(condition.field)
    if field is None:
        raise ValidationError(_("There is no such field."))
    if condition.op not in field.ops:
        raise ValidationError(_("This cannot be asked of %(field)s.") % {"field": field.label})
    if condition.op in VALUELESS:
        return Condition(field.key, condition.op)
    if condition.op in SPANS:
        return Condition(field.key, condition.op, _span(condition.value))
    value = CHECKS[field.type](condition.value)
    if field.type == Type.CHOICE:
        offered = choices.get(field.key)
        if offered is not None and not {str(each) for each in value} <= {str(each) for each in offered}:
            raise ValidationError(_("This choice is not there any more."))
        value = [int(each) if field.is_id and each not in field.specials else each for each in value]
    return Condition(field.key, condition.op, value)


def _choices(value: Any) -> list[str | int]:
    fits = isinstance(value, list) and all(type(each) in {str, int} for each in value)
    if not fits or not 0 < len(value) <= MOST_CHOICES:
        raise ValidationError(_("Choose at least one."))
    return list(dict.fromkeys(value))


def _text(value: Any) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text or len(text) > LONGEST or storable(text) != text:
        raise ValidationError(_("Give a text of at most %(most)s characters.") % {"most": LONGEST})
    return text


def _number(value: Any) -> int | float:
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not math.isfinite(value) or abs(value) > 10**15:
        raise ValidationError(_("Give a number."))
    found: int | float = value
    return found


def _date(value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise ValidationError(_("Give a date.")) from error


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValidationError(_("Say yes or no."))
    return value


def _row(value: Any) -> int:
    if type(value) is not int or not 0 < value < MOST:
        raise ValidationError(_("Nobody is known by this."))
    return int(value)


def _span(value: Any) -> dict[str, Any]:
    count, unit = (value.get("count"), value.get("unit")) if isinstance(value, dict) else (None, None)
    if type(count) is not int or unit not in UNITS or not 0 < count <= 1_000_000:
        raise ValidationError(_("Say for how long."))
    if timedelta(**{str(unit): count}) > timedelta(days=LONGEST_SPAN):
        raise ValidationError(_("Ten years are the longest."))
    return {"count": count, "unit": unit}


CHECKS: dict[Type, Callable[[Any], Any]] = {
    Type.CHOICE: _choices,
    Type.TEXT: _text,
    Type.NUMBER: _number,
    Type.MOMENT: _date,
    Type.DATE: _date,
    Type.TRUTH: _truth,
    Type.ROW: _row,
}
