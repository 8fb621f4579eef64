"""How one conversation stands after an act on it, or after that has been taken back, in a few words."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from contacts.attributes import value_words
from contacts.models import Attribute
from conversations.models import Conversation, Label
from tenancy.models import Member, Team
from tenancy.moments import moment

Facts = Mapping[str, Any]
Words = Callable[[Facts, Facts], str]


def how_it_stands(noun: str, facts: Facts, kept: Facts, *, is_back: bool = False) -> str:
    """What is so now of what an act changes: `kept` is what its deed tells of the conversation; `is_back` where
    the act has been taken back."""
    return (BACK if is_back and noun in BACK else WORDS)[noun](facts, kept)


def _whose(facts: Facts, kept: Facts) -> str:
    if "team" in facts:
        team = Team.objects.filter(pk=kept["team"]).first() if kept["team"] else None
        return _("Given to the team %(name)s") % {"name": team} if team else _("Given to no team")
    who = Member.objects.filter(pk=kept["assignee"]).first() if kept["assignee"] else None
    if who and who.pk == facts["by"]:
        return _("Assigned to you")
    return _("Assigned to %(name)s") % {"name": who} if who else _("Assigned to nobody")


def _status(_facts: Facts, kept: Facts) -> str:
    match kept["status"]:
        case Conversation.Status.SNOOZED:
            return _("Snoozed until %(until)s") % {"until": moment(_time(kept["snoozed_until"]))}
        case Conversation.Status.PENDING:
            return _("Waiting on the customer")
        case Conversation.Status.RESOLVED:
            return _("Resolved")
        case _open:
            return _("Open again")


def _priority(_facts: Facts, kept: Facts) -> str:
    return _("Priority: %(name)s") % {"name": Conversation.Priority(kept["priority"]).label.lower()}


def _label(facts: Facts, kept: Facts) -> str:
    said = _("Label %(name)s added") if kept["on"] else _("Label %(name)s removed")
    return said % {"name": Label.objects.get(pk=facts["label"]).name}


def _spam(_facts: Facts, kept: Facts) -> str:
    return _("Marked as spam") if kept["is_spam"] else _("Back among the others")


def _due(_facts: Facts, kept: Facts) -> str:
    return _("Due %(when)s") % {"when": moment(_time(kept["due"]))} if kept["due"] else _("Due by no time")


def _value(facts: Facts, kept: Facts) -> str:
    attribute = Attribute.objects.get(pk=facts["attribute"])
    said = _("%(name)s cleared") if kept["value"] is None else _("%(name)s: %(value)s")
    return said % {"name": attribute.name, "value": value_words(attribute.kind, kept["value"])}


def _follows(_facts: Facts, kept: Facts) -> str:
    return (
        _("You follow this conversation") if kept["follows"] else _("You no longer follow this conversation")
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


WORDS: Mapping[str, Words] = {
    "assignment": _whose,
    **dict.fromkeys(["resolution", "reopening", "pending", "snooze"], _status),
    "priority": _priority,
    **dict.fromkeys(["label", "unlabel"], _label),
    **dict.fromkeys(["spam", "not_spam"], _spam),
    "unseen": lambda facts, kept: _("Marked as unread"),
    "due": _due,
    "subject": lambda facts, kept: _("Renamed"),
    "attribute": _value,
    **dict.fromkeys(["following", "unfollowing"], _follows),
}
BACK: Mapping[str, Words] = {"unseen": lambda facts, kept: _("Marked as read")}
