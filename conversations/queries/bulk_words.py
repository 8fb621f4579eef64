"""What was done to many conversations, in a sentence; and why one of them was left alone."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.models import Conversation
from tenancy.moments import moment

Facts = Mapping[str, Any]


def _assigned(facts: Facts, n: int) -> str:
    if facts.get("team"):
        return ngettext(
            "%(n)s conversation given to the team %(team)s",
            "%(n)s conversations given to the team %(team)s",
            n,
        )
    if "team" in facts:
        return ngettext("%(n)s conversation given to no team", "%(n)s conversations given to no team", n)
    if not facts.get("member"):
        return ngettext("%(n)s conversation assigned to nobody", "%(n)s conversations assigned to nobody", n)
    return ngettext("%(n)s conversation assigned to %(name)s", "%(n)s conversations assigned to %(name)s", n)


DONE: Mapping[str, Callable[[Facts, int], str]] = {
    "assignment": _assigned,
    "resolution": lambda _, n: ngettext("%(n)s conversation resolved", "%(n)s conversations resolved", n),
    "reopening": lambda _, n: ngettext(
        "%(n)s conversation is open again", "%(n)s conversations are open again", n
    ),
    "pending": lambda _, n: ngettext(
        "%(n)s conversation waits for the customer", "%(n)s conversations wait for the customer", n
    ),
    "snooze": lambda _, n: ngettext(
        "%(n)s conversation snoozed until %(until)s", "%(n)s conversations snoozed until %(until)s", n
    ),
    "priority": lambda _, n: ngettext(
        "%(n)s conversation has %(priority)s priority", "%(n)s conversations have %(priority)s priority", n
    ),
    "label": lambda _, n: ngettext(
        "Label %(name)s on %(n)s conversation", "Label %(name)s on %(n)s conversations", n
    ),
    "unlabel": lambda _, n: ngettext(
        "Label %(name)s off %(n)s conversation", "Label %(name)s off %(n)s conversations", n
    ),
    "spam": lambda _, n: ngettext(
        "%(n)s conversation marked as spam", "%(n)s conversations marked as spam", n
    ),
    "not_spam": lambda _, n: ngettext("%(n)s conversation is no spam", "%(n)s conversations are no spam", n),
    "seen": lambda _, n: ngettext(
        "%(n)s conversation marked as read", "%(n)s conversations marked as read", n
    ),
    "unseen": lambda _, n: ngettext(
        "%(n)s conversation marked as unread", "%(n)s conversations marked as unread", n
    ),
    "macro": lambda _, n: ngettext(
        "Ran “%(name)s” in %(n)s conversation", "Ran “%(name)s” in %(n)s conversations", n
    ),
}


def done_words(noun: str, facts: Facts, n: int, *, is_undo: bool = False) -> str:
    """What was done to `n` conversations."""
    if is_undo:
        return ngettext("%(n)s conversation is as it was", "%(n)s conversations are as they were", n) % {
            "n": n
        }
    known = {"n": n, "name": facts.get("name", ""), "until": "", "priority": ""}
    known["team"] = facts.get("team_name", "")
    if "until" in facts:
        known["until"] = moment(datetime.fromisoformat(facts["until"]))
    if "priority" in facts:
        known["priority"] = Conversation.Priority(facts["priority"]).label.lower()
    return DONE[noun](facts, n) % known


def reason_words(reason: str) -> str:
    """Why a conversation was left alone, or could not be done."""
    code, _colon, name = reason.partition(":")
    if code == "changed":
        return _("%(name)s changed it since") % {"name": name} if name else _("It changed since")
    if code == "refused" and name:
        return name
    return {
        "unknown": _("The macro is no longer there"),
        "left": _("This person is no longer a member"),
        "no_team": _("There is no such team any more"),
        "over": _("The time has gone by"),
        "gone": _("The label is no longer there"),
        "stopped": _("Stopped before its turn"),
    }.get(code, _("It could not be changed"))
