"""Ways to narrow a question down: each is the question with an operator more, or one less."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.models import Channel, Conversation
from tenancy.asked import Asked, Operator, Piece
from tenancy.ui import channel_word

KINDS = {
    "conversations": _("Conversations"),
    "messages": _("Messages, calls, notes"),
    "contacts": _("Contacts"),
    "accounts": _("Accounts"),
    "files": _("Files"),
}
TIMES = {"7d": _("Last 7 days"), "30d": _("Last 30 days"), "365d": _("Last 12 months")}


@dataclass(frozen=True, slots=True)
class Facet:
    """One way: the question that it leads to, and whether it is taken now. `channel` is a kind, for its
    glyph."""

    label: str | Promise
    question: str
    is_on: bool
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Facets of one kind."""

    label: str | Promise
    facets: Sequence[Facet]


def facets(asked: Asked, channels: Iterable[Channel]) -> list[Group]:
    """All ways to narrow a question down, in a workspace that has these channels."""
    states = {status.value: status.label for status in Conversation.Status}
    here = {channel.kind: channel_word(channel.kind) for channel in channels}
    return [
        Group(_("Kind"), [_facet(asked, "in", value, label) for value, label in KINDS.items()]),
        Group(
            _("Channel"), [_facet(asked, "channel", kind, word, kind) for kind, word in sorted(here.items())]
        ),
        Group(_("Status"), [_facet(asked, "is", value, label) for value, label in states.items()]),
        Group(_("Time"), [_facet(asked, "since", value, label) for value, label in TIMES.items()]),
    ]


def _facet(asked: Asked, name: str, value: str, label: str | Promise, channel: str = "") -> Facet:
    taken = [piece.start for piece in asked.pieces if _is(piece, name, value)]
    gives_way = [piece.start for piece in asked.pieces if _gives_way(piece, name)]
    rest = asked.without(*taken, *gives_way)
    question = rest if taken else f"{rest} {name}:{value}".strip()
    return Facet(label, question, bool(taken), channel)


def _is(piece: Piece, name: str, value: str) -> bool:
    meaning = piece.meaning
    return (
        isinstance(meaning, Operator)
        and (meaning.name, meaning.value.lower(), meaning.is_negated) == (name, value, False)
    )  # fmt: skip


def _gives_way(piece: Piece, name: str) -> bool:
    """Of times there is one."""
    return name == "since" and isinstance(piece.meaning, Operator) and piece.meaning.name == "since"
