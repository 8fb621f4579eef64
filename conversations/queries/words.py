"""What happened, in a sentence: the words for the events that services write."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.attributes import value_words
from conversations.models import Conversation, Entry
from tenancy.moments import moment

# %(who)s is a member, a contact, or the workspace's own automation.
SENTENCES: dict[str, str | Promise] = {
    "assigned": _("%(who)s assigned this to %(to)s"),
    "unassigned": _("%(who)s took %(from)s off this"),
    "team_given": _("%(who)s gave this to the team %(to)s"),
    "team_taken": _("%(who)s took this from the team %(from)s"),
    "resolved": _("%(who)s resolved this"),
    "reopened": _("%(who)s reopened this"),
    "snoozed": _("%(who)s snoozed this until %(until)s"),
    "woke": _("Snooze is over"),
    "pending": _("%(who)s set this to wait for the customer"),
    "priority": _("%(who)s set the priority to %(to)s"),
    "due": _("%(who)s set this due on %(until)s"),
    "not_due": _("%(who)s took the due date off this"),
    "renamed": _("%(who)s renamed this from “%(from)s” to “%(to)s”"),
    "attribute_set": _("%(who)s set %(name)s to %(to)s"),
    "attribute_cleared": _("%(who)s cleared %(name)s"),
    "spam": _("%(who)s marked this as spam"),
    "not_spam": _("%(who)s took this back from spam"),
    "labelled": _("%(who)s added the label %(label)s"),
    "unlabelled": _("%(who)s removed the label %(label)s"),
    "escalated": _("%(who)s escalated this to %(to)s"),
    "chat_disconnected": _("%(who)s lost the connection; the chat is kept open for any channel"),
    "opted_out": _("%(who)s wants no more messages from %(channel)s"),
    "opted_in": _("%(who)s wants messages from %(channel)s again"),
    "chat_followed_by_mail": _("%(who)s had left the chat: the answer went by e-mail to %(to)s"),
    "chat_left": _(
        "%(who)s has left the chat and nobody vouches for an e-mail address of theirs: your answer waits until"
        " they are back"
    ),
    "complained": _("%(to)s reported a message of ours as spam"),
    "send_undone": _("%(who)s took back a reply before it was sent"),
    "side_opened": _("%(who)s opened the side conversation %(side)s with %(with)s"),
    "side_answered": _("%(who)s answered in the side conversation %(side)s"),
    "moved_out": _("%(who)s moved %(count)s to %(to)s"),
    "moved_in": _("%(who)s moved %(count)s here from %(from)s"),
    "split_out": _("%(who)s split %(count)s off into %(to)s"),
    "split_in": _("%(who)s split this off from %(from)s"),
    "moved_back_out": _("%(who)s took a move back: %(count)s returned to %(to)s"),
    "macro": _("%(who)s ran the macro “%(name)s”"),
    "macro_undone": _("%(who)s took the macro “%(name)s” back"),
    "moved_back_in": _("%(who)s took a move back: %(count)s came back from %(from)s"),
}
NAMES_CONVERSATIONS = ("moved_", "split_", "side_")  # events whose `NUMBERS` are those of conversations
NUMBERS = {"to", "from", "side"}
CONTINUED: dict[str, str | Promise] = {
    "email": _("Continued by e-mail"),
    "chat": _("Continued by chat"),
    "sms": _("Continued by SMS"),
    "whatsapp": _("Continued by WhatsApp"),
    "twilio-whatsapp": _("Continued by WhatsApp"),
    "messenger": _("Continued on Messenger"),
    "instagram": _("Continued on Instagram"),
    "x": _("Continued on X"),
    "slack": _("Continued on Slack"),
    "telegram": _("Continued on Telegram"),
    "phone": _("Continued by phone"),
    "zoom": _("Continued by video"),
    "api": _("Continued through the API"),
}


def event_words(entry: Entry, address: Callable[[int], str] | None = None) -> SafeString:
    """The sentence for an event, with who and what in bold; its bare name where it has none yet.

    `address` gives the address of a conversation by its number, to make links of numbers.
    """
    sentence = _variant(entry) or SENTENCES.get(entry.event)
    if sentence is None:
        return conditional_escape(entry.event.replace("_", " ").capitalize())
    # An event written by an older version may lack a fact.
    facts = {"who": who(entry)} | {
        name: _fact(entry, name, value)
        for name, value in entry.data.items()
        if not isinstance(value, dict | list)
    }
    bold = {name: format_html("<b>{}</b>", fact) for name, fact in facts.items()}
    if entry.event.startswith(NAMES_CONVERSATIONS):
        bold |= {name: _numbered(value, address) for name, value in entry.data.items() if name in NUMBERS}
    return mark_safe(conditional_escape(str(sentence)) % defaultdict(lambda: "?", bold))  # noqa: S308 - escaped


def who(entry: Entry) -> str:
    """Who did it."""
    return str(entry.member or entry.contact or _("Omnidesk"))


def _variant(entry: Entry) -> str | Promise | None:
    """Assigning to oneself reads as taking, and a first name is not a change of it."""
    if entry.event == "assigned" and entry.member and entry.data.get("to") == entry.member.name:
        return _("%(who)s took this")
    if entry.event == "team_given" and entry.data.get("off"):
        return _("%(who)s gave this to the team %(to)s and took %(off)s off it")
    if entry.event == "renamed" and not entry.data.get("from"):
        return _("%(who)s named this “%(to)s”")
    if entry.event == "moved_out" and entry.data.get("all"):
        return _("%(who)s moved everything to %(to)s")
    return None


def _fact(entry: Entry, name: str, value: Any) -> str:
    event = entry.event
    if event == "attribute_set" and name in {"to", "from"}:
        return value_words(str(entry.data.get("kind")), value)
    if event == "priority" and value in Conversation.Priority.values:
        return str(Conversation.Priority(value).label).lower()
    if name == "until":
        return moment(datetime.fromisoformat(value))
    if name == "count" and event.startswith(NAMES_CONVERSATIONS):
        return (
            ngettext("%(n)d message", "%(n)d messages", value) % {"n": value} if value else gettext("a note")
        )
    return str(value)


def _numbered(number: int, address: Callable[[int], str] | None) -> SafeString:
    if address is None:
        return format_html("<b>#{}</b>", number)
    return format_html('<a href="{}">#{}</a>', address(number), number)


def switch_words(entry: Entry) -> str:
    """That the conversation went on by the channel of this entry."""
    kind = entry.channel.kind if entry.channel else ""
    return str(CONTINUED.get(kind) or _("Continued on another channel"))
