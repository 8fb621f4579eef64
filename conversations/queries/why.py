"""Why a message stands where it stands, in words: which rule joined it, who is thought to have written it, and who
moved it since.

`data["why"]` and `data["who"]` of an entry hold a key with its facts. Entries of older versions hold a sentence
there, which is shown as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.models import Entry
from tenancy.moments import moment
from tenancy.ui import channel_word

JOINED: dict[str, str | Promise] = {
    "first": gettext_lazy("It begins this conversation: there was none to join."),
    "thread": gettext_lazy("It answers a message of this conversation."),
    "again": gettext_lazy(
        "It answers again what its sender takes no part in: this was opened when they first did."
    ),
    "token": gettext_lazy("It carries the signed address of this conversation."),
    "stranger": gettext_lazy(
        "It answers a conversation that its sender takes no part in, so that it got one of its own."
    ),
    "second": gettext_lazy(
        "It begins a new thread while the other conversation already has one: a second matter."
    ),
    "person": gettext_lazy(
        "It comes from the same person within %(hours)s hours of the message of %(after)s."
    ),
    "moved": gettext_lazy("It follows what the same person wrote before, which somebody moved here."),
}
KNOWN: dict[str, str | Promise] = {
    "known": gettext_lazy("A known address of theirs."),
    "new": gettext_lazy("A new address, of a new contact."),
    "same": gettext_lazy("The same as their %(kind)s address %(value)s."),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """One time that people moved it: by whom, when, and out of which conversation (its number)."""

    by: str
    at: str
    source: int


@dataclass(frozen=True, slots=True)
class Why:
    """`others` are numbers of conversations that would have done, `linked_to` of the one that it began beside."""

    joined: str
    who: str
    moves: Sequence[Moved]
    others: Sequence[int]
    linked_to: int | None


def why_of(entry: Entry) -> Why | None:
    """All that can be said of how an entry came here; None when nothing can: it was written here."""
    joined, who, moves = why_words(entry), who_words(entry), _moves(entry)
    if not (joined or who or moves):
        return None
    return Why(joined, who, moves, entry.data.get("others", ()), entry.data.get("linked_to"))


def why_words(entry: Entry) -> str:
    """The rule that joined a message to its conversation, as a sentence; empty for what nothing joined."""
    return _sentence(JOINED, entry.data.get("why"))


def who_words(entry: Entry) -> str:
    """How its sender was known, as a sentence; empty for what nobody sent."""
    return _sentence(KNOWN, entry.data.get("who"))


def _sentence(words: dict[str, str | Promise], said: Any) -> str:
    if not isinstance(said, dict):
        return str(said or "")
    sentence = words.get(said.get("key", ""))
    facts = {name: _fact(name, value) for name, value in said.items()}
    return str(sentence) % _Facts(facts) if sentence else ""


class _Facts(dict[str, str]):
    """The facts of a sentence; one that an older version did not keep is a question mark."""

    def __missing__(self, name: str) -> str:
        return "?"


def _fact(name: str, value: Any) -> str:
    if name == "kind":
        return channel_word(value)
    return moment(datetime.fromisoformat(value)) if name == "after" else str(value)


def _moves(entry: Entry) -> list[Moved]:
    """The newest first."""
    return [
        Moved(each.get("by") or _("somebody"), moment(datetime.fromisoformat(each["at"])), each["from"])
        for each in reversed(entry.data.get("moves", []))
    ]
