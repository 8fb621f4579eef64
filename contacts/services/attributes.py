"""The workspace's own attributes: defining them, and keeping their values of contacts and accounts."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from contacts.attributes import Value, checked
from contacts.models import Account, Attribute, Contact
from contacts.services.searching import put_account, put_contacts
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id
from tenancy.services import audit

MOST = 50  # attributes of one thing, choices of one attribute
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
Row = TypeVar("Row", Account, Contact)


@transaction.atomic
def define(
    *,
    of: str,
    name: str,
    kind: str,
    by: Member | None,
    key: str = "",
    choices: Sequence[str] = (),
    request: HttpRequest | None = None,
) -> Attribute:
    """Make an attribute, the last of its thing's. Its key is told by the name unless given.

    Raises ValidationError for a key or name that is taken, for no choices to choose from, and for too many.
    """
    known = list(Attribute.objects.select_for_update().filter(of=of).order_by("position"))
    if sum(attribute.archived_at is None for attribute in known) >= MOST:
        raise ValidationError(_("%(most)s attributes are the most that there can be.") % {"most": MOST})
    _check_name(name, known)
    made = Attribute.objects.create(
        of=of,
        name=name,
        kind=kind,
        key=_key(key, name, {attribute.key for attribute in known}),
        choices=_choices(kind, choices),
        position=known[-1].position + 1 if known else 0,
    )
    _record("made", made, by, request)
    return made


@transaction.atomic
def redefine(
    *,
    attribute: Attribute,
    name: str,
    by: Member | None,
    choices: Sequence[str] = (),
    request: HttpRequest | None = None,
) -> Attribute:
    """Change an attribute's name and choices; a choice taken away stays where it is kept.

    Raises ValidationError as `define` does.
    """
    others = Attribute.objects.select_for_update().filter(of=attribute.of).exclude(pk=attribute.pk)
    _check_name(name, list(others))
    attribute.name, attribute.choices = name, _choices(attribute.kind, choices)
    attribute.save(update_fields=["name", "choices"])
    _record("changed", attribute, by, request)
    return attribute


def archive(*, attribute: Attribute, by: Member | None, request: HttpRequest | None = None) -> Attribute:
    """Put an attribute away: it is asked for and shown no more; what was kept stays."""
    attribute.archived_at = attribute.archived_at or timezone.now()
    attribute.save(update_fields=["archived_at"])
    _record("archived", attribute, by, request)
    return attribute


@transaction.atomic
def bring_back(*, attribute: Attribute, by: Member | None, request: HttpRequest | None = None) -> Attribute:
    """Ask for an archived attribute again. Raises ValidationError where its name is another's by now."""
    others = Attribute.objects.select_for_update().filter(of=attribute.of).exclude(pk=attribute.pk)
    _check_name(attribute.name, list(others))
    attribute.archived_at = None
    attribute.save(update_fields=["archived_at"])
    _record("brought_back", attribute, by, request)
    return attribute


@transaction.atomic
def place(*, attribute: Attribute, position: int) -> None:
    """Put an attribute where `position` says among those of its thing that are in use, from 0."""
    rows = _in_use(attribute.of)
    if attribute not in rows:
        return
    rows.remove(attribute)
    rows.insert(position, attribute)
    for number, row in enumerate(rows):
        row.position = number
    Attribute.objects.bulk_update(rows, ["position"])


@transaction.atomic
def shift(*, attribute: Attribute, places: int) -> None:
    """Move an attribute up (negative) or down among those of its thing that are in use."""
    rows = _in_use(attribute.of)
    if attribute in rows:
        place(attribute=attribute, position=max(0, rows.index(attribute) + places))


def set_attributes(*, row: Row, values: Mapping[Attribute, Value | None]) -> Row:
    """Keep several values of a contact or an account, as `set_attribute` does one."""
    for attribute, value in values.items():
        set_attribute(row=row, attribute=attribute, value=value)
    return row


@transaction.atomic
def set_attribute(*, row: Row, attribute: Attribute, value: Value | None) -> Row:
    """Keep a value of a contact or an account, or with None keep none. Raises ValidationError."""
    check_is_of(attribute, row)
    found: Row = type(row)._default_manager.select_for_update().get(pk=row.pk)
    found.attributes = with_value(found.attributes, attribute, value)
    found.save(update_fields=["attributes"])
    if isinstance(found, Account):
        put_account(found)
    else:
        put_contacts([found])
    row.attributes = found.attributes
    _let_find(found)
    push(current_workspace_id(), f"{attribute.of}:{row.pk}", [row.pk])
    return row


def _let_find(row: Account | Contact) -> None:
    if isinstance(row, Account):
        put_account(row)
    else:
        put_contacts([row])


def check_is_of(attribute: Attribute, row: object) -> None:
    """Raise ValidationError unless an attribute is of such a thing and in use."""
    if attribute.of != type(row).__name__.lower() or attribute.archived_at is not None:
        raise ValidationError(_("There is no such attribute here."))


def with_value(kept: dict[str, Value], attribute: Attribute, value: Value | None) -> dict[str, Value]:
    """Kept values with one of them set, or with None taken away. Raises ValidationError."""
    others = {key: other for key, other in kept.items() if key != attribute.key}
    return others if value is None else others | {attribute.key: checked(attribute, value)}


def _in_use(of: str) -> list[Attribute]:
    rows = Attribute.objects.select_for_update().filter(of=of, archived_at=None)
    return list(rows.order_by("position", "pk"))


def _check_name(name: str, others: Sequence[Attribute]) -> None:
    names = {other.name.lower() for other in others if other.archived_at is None}
    if name.lower() in names:
        raise ValidationError({"name": _("There is an attribute of this name.")})


def _key(asked: str, name: str, taken: set[str]) -> str:
    if asked and (asked in taken or not KEY.fullmatch(asked)):
        raise ValidationError({"key": _("This key is taken, or is none: small letters, digits and _ only.")})
    plain = slugify(name).replace("-", "_").strip("_")[:36]
    base = asked or (plain if KEY.fullmatch(plain) else f"field_{plain}"[:36].strip("_"))
    return next(key for key in (base, *(f"{base}_{n}" for n in range(2, len(taken) + 3))) if key not in taken)


def _choices(kind: str, choices: Sequence[str]) -> list[str]:
    if kind != Attribute.Kind.CHOICE:
        return []
    wanted = list(dict.fromkeys(" ".join(choice.split()) for choice in choices if choice.strip()))
    if not wanted or len(wanted) > MOST or any(len(choice) > 80 for choice in wanted):
        said = _("Give 1 to %(most)s choices of at most 80 characters, one a line.")
        raise ValidationError({"choices": said % {"most": MOST}})
    return wanted


def _record(what: str, attribute: Attribute, by: Member | None, request: HttpRequest | None) -> None:
    data = {"of": attribute.of, "key": attribute.key, "kind": attribute.kind, "choices": attribute.choices}
    audit.record(member=by, action=f"attribute.{what}", target=attribute.name, data=data, request=request)
