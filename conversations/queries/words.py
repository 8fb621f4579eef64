"""What happened, in a sentence: the words for the events that services write."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation, Entry

# %(who)s is a member, a contact, or the workspace's own automation.
SENTENCES: dict[str, str | Promise] = {
    "assigned": _("%(who)s assigned this to %(to)s"),
    "unassigned": _("%(who)s took %(from)s off this"),
    "resolved": _("%(who)s resolved this"),
    "reopened": _("%(who)s reopened this"),
    "snoozed": _("%(who)s snoozed this until %(until)s"),
    "woke": _("Snooze is over"),
    "pending": _("%(who)s set this to wait for the customer"),
    "priority": _("%(who)s set the priority to %(to)s"),
    "renamed": _("%(who)s renamed this from “%(from)s” to “%(to)s”"),
    "spam": _("%(who)s marked this as spam"),
    "not_spam": _("%(who)s took this back from spam"),
    "labelled": _("%(who)s added the label %(label)s"),
    "unlabelled": _("%(who)s removed the label %(label)s"),
    "send_undone": _("%(who)s took back a reply before it was sent"),
}


def event_words(entry: Entry) -> str:
    """The sentence for an event; its bare name where it has none yet."""
    sentence = _taken(entry) or SENTENCES.get(entry.event)
    if sentence is None:
        return entry.event.replace("_", " ").capitalize()
    # An event written by an older version may lack a fact.
    facts = defaultdict(lambda: "?", who=who(entry))
    facts |= {name: _fact(entry.event, name, value) for name, value in entry.data.items()}
    return str(sentence) % facts


def who(entry: Entry) -> str:
    """Who did it."""
    return str(entry.member or entry.contact or _("Omnidesk"))


def _taken(entry: Entry) -> str | Promise | None:
    """Assigning to oneself reads as taking."""
    if entry.event == "assigned" and entry.member and entry.data.get("to") == entry.member.name:
        return _("%(who)s took this")
    return None


def _fact(event: str, name: str, value: Any) -> str:
    if event == "priority":
        return str(Conversation.Priority(value).label).lower()
    if name == "until":
        return formats.date_format(timezone.localtime(datetime.fromisoformat(value)), "D j M, H:i")
    return str(value)
