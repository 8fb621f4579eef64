"""Views that members made: finding them, what they hold, how many, and what can be asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from contacts.models import Account, Attribute, Contact
from conversations.kinds import KINDS
from conversations.models import Channel, Conversation, Label, SavedView
from conversations.queries import lists, walks
from conversations.queries.compiled import Compiled, compiled
from conversations.queries.fields import PRIORITIES, Field, Type, Words, all_fields
from conversations.queries.filters import Filter
from conversations.queries.lists import UnknownView, View
from conversations.queries.parts import BRANDS, CHANNELS, COLLEAGUES, LABELS, SAVED, TEAMS
from tenancy.models import Brand, Member, Team
from tenancy.reading import Found, Reading, together
from tenancy.ui import channel_word

PREFIX = "view:"
ATTRIBUTES = """
    SELECT id, of, key, name, kind, choices, archived_at FROM contacts_attribute
    WHERE workspace_id = %(workspace)s ORDER BY position, id"""
ONE = f"SELECT * FROM ({SAVED.replace('LIMIT 100', '')}) own WHERE id = %(saved)s"

Options = Mapping[str, Sequence[tuple[str, Words]]]


def visible_to(member: Member) -> "QuerySet[SavedView]":
    """A member's own views, and what others share."""
    rows = SavedView.objects.filter(Q(member=member) | Q(is_shared=True), archived_at=None)
    return rows.select_related("member").order_by("is_shared", "position", "pk")


def find_view(key: str, member: Member) -> View:
    """The view of that name, saved ones included. Raises UnknownView."""
    number = key.removeprefix(PREFIX)
    if not key.startswith(PREFIX):
        return lists.find_view(key, member)
    if not number.isdecimal() or len(number) > 18:
        raise UnknownView(key)

    def make(found: Found) -> View | None:
        saved = found.one(SavedView, "one")
        return view_of(saved, all_fields(found.of(Attribute, "attributes"))) if saved else None

    facts = {"member": member.pk, "saved": int(number)}
    view = Reading({"one": ONE, "attributes": ATTRIBUTES}, make, facts=facts).read()
    if view is None:
        raise UnknownView(key)
    return view


def view_of(saved: SavedView, fields: Mapping[str, Field]) -> View:
    """A saved view as one of the inbox."""
    return View(
        saved.key, saved.name, "filter", of=saved.pk, filter=compiled(Filter.of(saved.filter), fields)
    )


def view_of_filter(filter: Filter, fields: Mapping[str, Field]) -> View:
    """What a filter would hold, were it saved."""
    return View("", _("Preview"), "filter", filter=compiled(filter, fields))


@dataclass(frozen=True, slots=True)
class Count:
    """How many a filter finds: exactly, or at least."""

    found: int
    is_exact: bool

    def __str__(self) -> str:
        return str(self.found) if self.is_exact else f"{self.found}+"

    def __bool__(self) -> bool:
        return self.found > 0


def count(filter: Compiled, member: Member, *, part: str = "count") -> Reading[Count]:
    """How many a filter finds, up to 99, among as many conversations as one count looks at."""

    def make(found: Found) -> Count:
        (row,) = found.rows(part)
        if row["found"] > walks.MOST:
            return Count(walks.MOST, False)
        return Count(row["found"], not row["goes_on"])

    facts = {"member": member.pk, "counted": walks.COUNTED, "most": walks.MOST}
    return Reading({part: walks.count(filter)}, make, facts={**facts, **filter.facts})


def counts(views: Iterable[SavedView], member: Member) -> dict[int, Count]:
    """How many each of these views holds, by its id, in two queries."""
    saved = list(views)
    if not saved:
        return {}
    fields = all_fields(Attribute.objects.all())
    readings = [
        count(
            compiled(Filter.of(each.filter), fields, named=f"saved_{each.pk}"),
            member,
            part=f"count_{each.pk}",
        )
        for each in saved
    ]
    return dict(zip((each.pk for each in saved), together(*readings).read(), strict=True))


@dataclass(frozen=True)
class Catalogue:
    """What can be asked for: fields by their keys, and the choices of those that have some."""

    fields: Mapping[str, Field]
    options: Options

    @property
    def choices(self) -> dict[str, list[str]]:
        """The values of the options."""
        return {key: [value for value, _words in options] for key, options in self.options.items()}


def catalogue() -> Reading[Catalogue]:
    """All that conversations of the workspace can be asked for now."""

    def make(found: Found) -> Catalogue:
        rows: dict[str, Sequence[Any]] = {
            "assignee": found.of(Member, "colleagues"),
            "team": found.of(Team, "teams"),
            "brand": found.of(Brand, "brands"),
            "channel": found.of(Channel, "channels"),
            "label": found.of(Label, "labels"),
        }
        in_use = [each for each in found.of(Attribute, "attributes") if each.archived_at is None]
        fields = all_fields(in_use)
        words = {key: _words(field, rows.get(key, ())) for key, field in fields.items()}
        return Catalogue(fields, {key: options for key, options in words.items() if options})

    parts = {"colleagues": COLLEAGUES, "teams": TEAMS, "brands": BRANDS, "channels": CHANNELS}
    return Reading(parts | {"labels": LABELS, "attributes": ATTRIBUTES}, make)


def _words(field: Field, rows: Sequence[Any]) -> list[tuple[str, Words]]:
    """The options of a field of choices."""
    if field.type != Type.CHOICE:
        return []
    if field.attribute is not None:
        return [(choice, choice) for choice in field.attribute.choices]
    fixed: dict[str, Sequence[tuple[str, Words]]] = {
        "status": Conversation.Status.choices,
        "priority": list(PRIORITIES.items()),
        "channel_kind": [(kind, channel_word(kind)) for kind in KINDS],
    }
    return [*fixed.get(field.key, ()), *field.specials.items(), *((str(row.pk), str(row)) for row in rows)]


def rows_named(filter: Filter) -> dict[tuple[str, int], str]:
    """The names of the contacts and accounts that a filter asks for, by field and id."""
    asked = [(each.field, each.value) for each in filter.conditions if each.field in {"contact", "account"}]
    found: dict[tuple[str, int], str] = {}
    for field, model in (("contact", Contact), ("account", Account)):
        ids = [value for key, value in asked if key == field and isinstance(value, int)]
        if ids:
            named = model._default_manager.filter(pk__in=ids)
            found |= {(field, row.pk): str(row) for row in named}
    return found
