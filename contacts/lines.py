"""What the card says of a contact or an account line by line, each of which can be changed in its place."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from contacts.attributes import value_words
from contacts.models import Account, Attribute, Contact


@dataclass(frozen=True, slots=True)
class Line:
    """`key` names it in its address: a field, or `attribute-` and an id; `words` are empty where none are kept."""

    key: str
    label: str
    words: str


def lines_of(row: Contact | Account, attributes: Iterable[Attribute]) -> list[Line]:
    """The fields that are changed so, then the workspace's own attributes."""
    fields = (
        [line_of(row, key) for key in ("title", "language", "time_zone")] if isinstance(row, Contact) else []
    )
    return [*fields, *(attribute_line(row, attribute) for attribute in attributes)]


def line_of(contact: Contact, key: str) -> Line:
    """One field of a contact."""
    labels = {
        "name": _("Name"),
        "title": _("Title"),
        "language": _("Language"),
        "time_zone": _("Time zone"),
    }
    return Line(key, labels[key], getattr(contact, key))


def attribute_line(row: Contact | Account, attribute: Attribute) -> Line:
    """What a row keeps of an attribute."""
    value = row.attributes.get(attribute.key)
    words = "" if value is None else value_words(attribute.kind, value)
    return Line(f"attribute-{attribute.pk}", attribute.name, words)
