"""The actions that a macro is made of, as JSON keeps them and as the code reads them.

One is an object with `do` and what that needs: {"do": "assign", "assignee": "me"}.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.variables import unknown
from tenancy.keyset import MOST as MOST_IDS

MOST = 20  # actions of a macro
LONGEST = 20_000  # characters of a text
MOST_HOURS = 24 * 366
ASSIGNEE = re.compile(r"me|none|[1-9][0-9]{0,17}")
PRIORITIES = ("low", "normal", "high", "urgent")
STATUSES = ("open", "pending", "snoozed", "resolved")


class Do(StrEnum):
    """What there is to do."""

    REPLY = "reply"
    NOTE = "note"
    ASSIGN = "assign"
    TEAM = "team"
    STATUS = "status"
    PRIORITY = "priority"
    LABEL = "label"
    UNLABEL = "unlabel"
    SPAM = "spam"


WORDS: Mapping[Do, str | Promise] = {
    Do.REPLY: gettext_lazy("Reply"),
    Do.NOTE: gettext_lazy("Add a note"),
    Do.ASSIGN: gettext_lazy("Assign"),
    Do.TEAM: gettext_lazy("Give to a team"),
    Do.STATUS: gettext_lazy("Set the status"),
    Do.PRIORITY: gettext_lazy("Set the priority"),
    Do.LABEL: gettext_lazy("Add a label"),
    Do.UNLABEL: gettext_lazy("Remove a label"),
    Do.SPAM: gettext_lazy("Mark as spam"),
}
# What each can say besides `do`.
SAYS: Mapping[Do, tuple[str, ...]] = {
    Do.REPLY: ("canned", "text", "send"),
    Do.NOTE: ("text",),
    Do.ASSIGN: ("assignee",),
    Do.TEAM: ("team",),
    Do.STATUS: ("status", "hours"),
    Do.PRIORITY: ("priority",),
    Do.LABEL: ("label",),
    Do.UNLABEL: ("label",),
    Do.SPAM: (),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. Only what `SAYS` names for it means anything.

    `canned`, `team` (None for no team) and `label` are ids; `assignee` is `me`, `none` or a member's id; `hours`
    is how long a snooze lasts, None until the next morning. A reply without `send` is put into the composer.
    """

    do: Do
    canned: int | None = None
    text: str = ""
    send: bool = True
    assignee: str = ""
    team: int | None = None
    status: str = ""
    hours: int | None = None
    priority: str = ""
    label: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        said = asdict(self)
        return {"do": self.do.value} | {name: said[name] for name in SAYS[self.do]}


def read(kept: Any) -> list[Action]:
    """Actions as they were kept."""
    return [Action(**action | {"do": Do(action["do"])}) for action in kept]


def summary(kept: Any) -> str:
    """What actions do, in a few words for each."""
    return ", ".join(str(WORDS[action.do]) for action in read(kept))


def check(said: Any) -> list[Action]:
    """Actions that somebody has written down. Raises ValidationError, which says which one is wrong and why."""
    if not isinstance(said, list) or not said:
        raise ValidationError(_("A macro needs an action."))
    if len(said) > MOST:
        raise ValidationError(_("A macro has at most %(limit)d actions.") % {"limit": MOST})
    found = [_checked(place, action) for place, action in enumerate(said, start=1)]
    if sum(action.do == Do.REPLY for action in found) > 1:
        raise ValidationError(_("A macro replies once."))
    return found


def _checked(place: int, said: Any) -> Action:
    try:
        action = _typed(said)
        _check(action)
    except ValidationError as error:
        words = _("Action %(place)d: %(why)s") % {"place": place, "why": error.messages[0]}
        raise ValidationError(words) from error
    return action


def _typed(said: Any) -> Action:
    """An action of the right types that says nothing which has no meaning."""
    if not isinstance(said, dict) or said.get("do") not in list(Do):
        raise ValidationError(_("Say what to do: %(words)s.") % {"words": ", ".join(Do)})
    do = Do(said["do"])
    if strange := said.keys() - {"do", *SAYS[do]}:
        raise ValidationError(_("“%(name)s” has no meaning here.") % {"name": min(strange)})
    for name in said.keys() - {"do"}:
        if not _is_of_type(name, said[name]):
            raise ValidationError(_("“%(name)s” is not what it should be.") % {"name": name})
    return Action(**said | {"do": do})


def _is_of_type(name: str, value: Any) -> bool:
    """Whether a value is one that an action's field of this name can have; a truth value is no number."""
    if name in {"canned", "team", "label", "hours"}:
        return value is None or (type(value) is int and 0 < value < MOST_IDS)
    return type(value) is (bool if name == "send" else str)


def _check(action: Action) -> None:
    match action.do:
        case Do.REPLY | Do.NOTE:
            _check_text(action)
        case Do.ASSIGN if not ASSIGNEE.fullmatch(action.assignee):
            raise ValidationError(_("Choose whom to assign to."))
        case Do.STATUS:
            _check_status(action)
        case Do.PRIORITY if action.priority not in PRIORITIES:
            raise ValidationError(_("Choose a priority."))
        case Do.LABEL | Do.UNLABEL if action.label is None:
            raise ValidationError(_("Choose a label."))


def _check_text(action: Action) -> None:
    if not action.text.strip() and action.canned is None:
        raise ValidationError(_("Write the text."))
    if len(action.text) > LONGEST:
        raise ValidationError(_("The text is longer than %(limit)d characters.") % {"limit": LONGEST})
    if names := unknown(action.text):
        raise ValidationError(_("There is no variable {{%(name)s}}.") % {"name": names[0]})


def _check_status(action: Action) -> None:
    if action.status not in STATUSES:
        raise ValidationError(_("Choose a status."))
    if action.hours is not None and (action.status != "snoozed" or not 0 < action.hours <= MOST_HOURS):
        raise ValidationError(_("A snooze lasts from one hour to a year."))
