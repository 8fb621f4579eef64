"""What conversations can be asked for: fields, their types, what can be said of each, and the SQL that reads them.

An expression is about a row `c` of the conversations' table. KEY stands for an attribute's key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import Attribute
from conversations.models import Conversation

Words = str | Promise


class Type(StrEnum):
    """What a field holds, and so what is compared with it."""

    CHOICE = "choice"  # a list of words, or of ids of rows
    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"  # a time; compared with a date, or with a length of time from now
    DATE = "date"
    TRUTH = "truth"
    ROW = "row"  # the id of a contact or an account


OPS: dict[str, Words] = {
    "is": _("is"),
    "is_not": _("is not"),
    "has": _("contains"),
    "has_not": _("does not contain"),
    "above": _("is more than"),
    "below": _("is less than"),
    "older": _("is longer ago than"),
    "within": _("is within the last"),
    "next": _("is within the next"),
    "before": _("is before"),
    "after": _("is on or after"),
    "set": _("has a value"),
    "not_set": _("has no value"),
}
VALUELESS = frozenset({"set", "not_set"})
SPANS = frozenset({"older", "within", "next"})  # compared with a length of time
UNITS: dict[str, Words] = {"minutes": _("minutes"), "hours": _("hours"), "days": _("days")}
OF_TYPE: dict[Type, tuple[str, ...]] = {
    Type.CHOICE: ("is", "is_not"),
    Type.TEXT: ("has", "has_not", "is", "is_not", "set", "not_set"),
    Type.NUMBER: ("is", "is_not", "above", "below", "set", "not_set"),
    Type.MOMENT: ("within", "older", "before", "after"),
    Type.DATE: ("is", "before", "after", "within", "next", "set", "not_set"),
    Type.TRUTH: ("is",),
    Type.ROW: ("is", "is_not", "set", "not_set"),
}
# What stands among the ids of rows: whoever looks, one of their teams, nobody.
ME, MINE, NONE = "me", "mine", "none"


@dataclass(frozen=True)
class Field:
    """Something to ask for. `is_id`: its choices are ids of rows; `specials` are words among them.

    `among` is the test of a choice, about VALUES, where it is no mere comparison; `empty` that there is none.
    """

    key: str
    label: Words
    type: Type
    sql: str
    group: Words = ""
    ops: tuple[str, ...] = ()
    is_id: bool = False
    specials: Mapping[str, Words] = field(default_factory=dict)
    among: str = ""
    empty: str = ""
    attribute: Attribute | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "group", self.group or _("Conversation"))
        object.__setattr__(self, "ops", self.ops or OF_TYPE[self.type])
        object.__setattr__(self, "among", self.among or f"{self.sql} = ANY(VALUES)")
        object.__setattr__(self, "empty", self.empty or f"{self.sql} IS NULL")


def _there(table: str, column: str, key: str) -> str:
    """A column of what the conversation refers to."""
    return f"(SELECT {column} FROM {table} WHERE workspace_id = c.workspace_id AND id = c.{key})"


_CARRIED = (
    "FROM conversations_conversationlabel WHERE workspace_id = c.workspace_id AND conversation_id = c.id"
)
_SEEN = """(
    SELECT at FROM conversations_seen
    WHERE workspace_id = c.workspace_id AND conversation_id = c.id AND member_id = %(member)s)"""
_MAYBE = ("within", "older", "before", "after", "set", "not_set")
_NUMBERS = ("is", "is_not", "above", "below")
PRIORITIES = {priority.name.lower(): priority.label for priority in Conversation.Priority}
_PRIORITY = f"(ARRAY[{', '.join(repr(name) for name in PRIORITIES)}])[c.priority]"

FIELDS = (
    Field("status", _("Status"), Type.CHOICE, "c.status"),
    Field("priority", _("Priority"), Type.CHOICE, _PRIORITY),
    Field(
        "assignee",
        _("Assignee"),
        Type.CHOICE,
        "c.assignee_id",
        is_id=True,
        specials={ME: _("Me"), NONE: _("Nobody")},
    ),
    Field(
        "team",
        _("Team"),
        Type.CHOICE,
        "c.team_id",
        is_id=True,
        specials={MINE: _("One of mine"), NONE: _("None")},
    ),
    Field("brand", _("Brand"), Type.CHOICE, "c.brand_id", is_id=True),
    Field("channel", _("Last channel"), Type.CHOICE, "c.last_channel_id", is_id=True),
    Field(
        "channel_kind",
        _("Kind of last channel"),
        Type.CHOICE,
        _there("conversations_channel", "kind", "last_channel_id"),
    ),
    Field(
        "label",
        _("Label"),
        Type.CHOICE,
        "",
        is_id=True,
        specials={NONE: _("None")},
        among=f"EXISTS (SELECT {_CARRIED} AND label_id = ANY(VALUES))",
        empty=f"NOT EXISTS (SELECT {_CARRIED})",
    ),
    Field("subject", _("Subject"), Type.TEXT, "nullif(c.subject, '')"),
    Field("number", _("Number"), Type.NUMBER, "c.number", ops=_NUMBERS),
    Field("created", _("Created"), Type.MOMENT, "c.created_at"),
    Field("last_activity", _("Last activity"), Type.MOMENT, "c.last_at"),
    Field("waiting", _("Waiting since"), Type.MOMENT, "c.waiting_since", ops=_MAYBE),
    Field(
        "snoozed_until",
        _("Snoozed until"),
        Type.MOMENT,
        "c.snoozed_until",
        ops=("next", "before", "after", "set", "not_set"),
    ),
    Field("resolved", _("Resolved at"), Type.MOMENT, "c.resolved_at", ops=_MAYBE),
    Field("unread", _("Unread"), Type.TRUTH, f"(c.last_inbound_at > coalesce({_SEEN}, '-infinity'))"),
    Field("answered", _("Last word is ours"), Type.TRUTH, "c.preview_is_ours"),
    Field("spam", _("Spam"), Type.TRUTH, "c.is_spam"),
    Field("contact", _("Contact"), Type.ROW, "c.contact_id", group=_("Contact")),
    Field(
        "contact_name",
        _("Contact's name"),
        Type.TEXT,
        f"nullif({_there('contacts_contact', 'name', 'contact_id')}, '')",
        group=_("Contact"),
    ),
    Field("account", _("Account"), Type.ROW, "c.account_id", group=_("Account")),
    Field(
        "account_name",
        _("Account's name"),
        Type.TEXT,
        _there("contacts_account", "name", "account_id"),
        group=_("Account"),
    ),
)

_KEPT = {
    Attribute.Of.CONVERSATION: "c.attributes",
    Attribute.Of.CONTACT: _there("contacts_contact", "attributes", "contact_id"),
    Attribute.Of.ACCOUNT: _there("contacts_account", "attributes", "account_id"),
}
_GROUPS: dict[str, Words] = {
    Attribute.Of.CONVERSATION: _("Conversation"),
    Attribute.Of.CONTACT: _("Contact"),
    Attribute.Of.ACCOUNT: _("Account"),
}
_TYPES = {
    Attribute.Kind.TEXT: Type.TEXT,
    Attribute.Kind.NUMBER: Type.NUMBER,
    Attribute.Kind.DATE: Type.DATE,
    Attribute.Kind.CHOICE: Type.CHOICE,
    Attribute.Kind.YES_NO: Type.TRUTH,
}


def all_fields(attributes: Iterable[Attribute]) -> dict[str, Field]:
    """Every field by its key, those of attributes as `contact.plan`."""
    return {each.key: each for each in (*FIELDS, *map(_field_of, attributes))}


def _field_of(attribute: Attribute) -> Field:
    kept = _KEPT[Attribute.Of(attribute.of)]
    kind = Attribute.Kind(attribute.kind)
    text = f"({kept} ->> KEY)"
    sql = {
        # What an older definition let in is no number, no date and no truth: then there is no value.
        Attribute.Kind.NUMBER: f"(CASE jsonb_typeof({kept} -> KEY) WHEN 'number' THEN {text}::numeric END)",
        Attribute.Kind.YES_NO: f"({text} = 'true')",
        Attribute.Kind.DATE: f'{text} COLLATE "C"',
    }.get(kind, text)
    ops = (*OF_TYPE[_TYPES[kind]], "set", "not_set")
    return Field(
        f"{attribute.of}.{attribute.key}",
        attribute.name,
        _TYPES[kind],
        sql,
        group=_GROUPS[attribute.of],
        ops=tuple(dict.fromkeys(ops)),
        attribute=attribute,
    )
