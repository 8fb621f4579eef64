"""Values of the workspace's own attributes: what each kind takes, and how it reads."""

import math
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _

from contacts.models import Attribute
from tenancy.storable import storable

Value = str | int | float | bool
Kind = Attribute.Kind
LONGEST = 500  # characters of a text
LARGEST = 10**15  # up to which a float is exact


def checked(attribute: Attribute, value: Any) -> Value:
    """A value as it is kept. Raises ValidationError for what the attribute's kind does not take."""
    return CHECKS[Kind(attribute.kind)](attribute, value)


def value_words(kind: str, value: Any) -> str:
    """A kept value as people read it; one that an older definition let in, as it is."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if kind == Kind.DATE:
        try:
            return formats.date_format(date.fromisoformat(value), "j M Y")
        except (TypeError, ValueError):
            return str(value)
    return formats.localize(value) if kind == Kind.NUMBER else str(value)


def _text(attribute: Attribute, value: Any) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text or storable(text) != text:
        raise ValidationError(_("%(name)s is a text.") % {"name": attribute.name})
    if len(text) > LONGEST:
        raise ValidationError(
            _("%(name)s has at most %(most)s characters.") % {"name": attribute.name, "most": LONGEST}
        )
    return text


def _number(attribute: Attribute, value: Any) -> int | float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or abs(value) > LARGEST:
        raise ValidationError(_("%(name)s is a number.") % {"name": attribute.name})
    return int(value) if value == int(value) else float(value)


def _date(attribute: Attribute, value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        said = _("%(name)s is a date, as in 2026-01-31.") % {"name": attribute.name}
        raise ValidationError(said) from error


def _choice(attribute: Attribute, value: Any) -> str:
    if value not in attribute.choices:
        said = _("%(name)s is one of: %(choices)s.")
        raise ValidationError(said % {"name": attribute.name, "choices": ", ".join(attribute.choices)})
    return str(value)


def _yes_no(attribute: Attribute, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValidationError(_("%(name)s is yes or no.") % {"name": attribute.name})
    return value


CHECKS: dict[Attribute.Kind, Callable[[Attribute, Any], Value]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.YES_NO: _yes_no,
}
