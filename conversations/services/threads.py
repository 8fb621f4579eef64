"""Which matter? From a message, its channel and its sender to a conversation, with the rule that joined it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from contacts.models import Identity
from contacts.services.resolve import Resolution
from conversations.kinds import KINDS
from conversations.models import Channel, Conversation, Entry, Participant, ThreadKey
from conversations.queries.candidates import Wanted, candidates
from conversations.tokens import read_token
from conversations.types import Automatic, InboundMessage
from tenancy.scope import current_workspace_id

KEYS = 60  # of a mail's References; more says nothing more


@dataclass(frozen=True, slots=True)
class Decision:
    """`conversation` to join, or None for a new one, which `linked_to` then says what it came from.

    `rule` is token, thread, continuity or new; `why` and its `facts` explain it to people (the words are in
    `conversations.queries.why`); `others` are the numbers of further conversations that would have done.
    """

    conversation: Conversation | None
    rule: str
    why: str = ""
    linked_to: Conversation | None = None
    others: tuple[int, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A message of which it is to be decided where it belongs."""

    message: InboundMessage
    channel: Channel
    who: Resolution
    at: datetime


def keys_of(message: InboundMessage, channel: Channel) -> list[str]:
    """The thread keys under which a message's conversation may be known, nearest first."""
    named = [key for key in message.thread_keys[:KEYS] if key]
    return list(dict.fromkeys([*named, *own_keys(message, channel)]))


def decide_all(questions: Sequence[Question]) -> list[Decision]:
    """Apply DESIGN.md's four rules in order to messages that have nothing to do with each other. A key opens
    nothing to a sender who takes no part, and a token only where it cannot have leaked by mail."""
    named = _named(questions)
    present = _Present(
        (question.who, found.conversation)
        for question, finds in zip(questions, named, strict=True)
        for found in finds
    )
    decided = [_by_name(question, finds, present) for question, finds in zip(questions, named, strict=True)]
    undecided = [one for one, decision in zip(questions, decided, strict=True) if decision is None]
    continued = iter(_by_continuity(undecided))
    return [decision or next(continued) for decision in decided]


def _by_name(question: Question, finds: Sequence["_Find"], present: "_Present") -> Decision | None:
    """The conversation that the message names and its sender may write to; one beside it when they may not."""
    for find in finds:
        if present.has(question.who, find.conversation) or (
            find.rule == "token" and _was_given(find.conversation, question.who)
        ):
            return Decision(find.conversation, find.rule, find.rule)
    return _beside(finds[0].conversation, question.who) if finds else None


def own_keys(message: InboundMessage, channel: Channel) -> list[str]:
    """The message's own id where it can be answered: a mail's, and that of a root. On other channels ids are
    only unique in their chat."""
    answerable = message.starts_thread or KINDS[channel.kind].mails
    return [message.external_id] if answerable and message.external_id else []


def _beside(refused: Conversation, who: Resolution) -> Decision:
    """The conversation opened for the sender when they answered this one before, else a new one."""
    earlier = Conversation.objects.filter(contact=who.contact, linked_to=refused).order_by("-last_at", "-id")
    conversation = earlier.first()
    if conversation is not None and _Present([(who, conversation)]).has(who, conversation):
        return Decision(conversation, "thread", "again")
    return Decision(None, "new", "stranger", refused)


class _Present:
    """Which senders take part in which conversations, read in one query."""

    def __init__(self, asked: Iterable[tuple[Resolution, Conversation]]) -> None:
        pairs = [(who, conversation.pk) for who, conversation in asked]
        theirs = Q(contact__in={who.contact.pk for who, _ in pairs})
        theirs |= Q(identity__in={who.identity.pk for who, _ in pairs})
        people = Participant.objects.filter(theirs, conversation__in={pk for _, pk in pairs})
        found = list(people.values_list("conversation_id", "contact_id", "identity_id")) if pairs else []
        self._contacts = {(conversation, contact) for conversation, contact, _ in found}
        self._identities = {(conversation, identity) for conversation, _, identity in found}

    def has(self, who: Resolution, conversation: Conversation) -> bool:
        """Whether the sender is a participant: by contact when vouched for, else by the very same address."""
        if who.verified:
            return (conversation.pk, who.contact.pk) in self._contacts
        return (conversation.pk, who.identity.pk) in self._identities


def _was_given(conversation: Conversation, who: Resolution) -> bool:
    """Whether only the requester can have given the sender this token: they hold no address of this kind, so it
    never stood in a mail that is quoted, copied and forwarded. It joins the matter; that both are one person is
    for people to say."""
    return (
        conversation.kind == Conversation.Kind.CUSTOMER
        and who.verified
        and who.created
        and not Identity.objects.filter(
            contact=conversation.contact_id, kind=who.identity.kind, holds=True
        ).exists()
    )


@dataclass(frozen=True, slots=True)
class _Find:
    """A conversation that a message names, by a thread key or a token."""

    conversation: Conversation
    rule: str


def _named(questions: Sequence[Question]) -> list[list[_Find]]:
    """For each message the conversations that it names, the one found by thread before the one by token."""
    keys = {key for question in questions for key in keys_of(question.message, question.channel)}
    rows = ThreadKey.objects.filter(key__in=keys).select_related("conversation", "channel") if keys else ()
    threads: dict[str, list[ThreadKey]] = {}
    for row in rows:
        threads.setdefault(row.key, []).append(row)
    tokens = _by_token({token for question in questions for token in question.message.tokens})
    return [
        [
            *(_Find(found, "thread") for found in _by_thread(question, threads)[:1]),
            *[_Find(tokens[token], "token") for token in question.message.tokens if token in tokens][:1],
        ]
        for question in questions
    ]


def _by_thread(question: Question, threads: dict[str, list[ThreadKey]]) -> list[Conversation]:
    """Those that the channel's own thread keys name, on this channel before others of its kind, the nearest first.
    Without a verdict on the sender only our own, unguessable ids count."""
    kind, here = question.channel.kind, question.channel.pk
    keys = keys_of(question.message, question.channel)
    hits = [row for key in keys for row in threads.get(key, ()) if row.channel.kind == kind]
    counting = [row for row in hits if question.who.verified or row.is_ours or not KINDS[kind].mails]
    return [row.conversation for row in sorted(counting, key=lambda row: row.channel_id != here)]


def _by_token(tokens: Iterable[str]) -> dict[str, Conversation]:
    """The conversations that signed case tokens name, from a text, a link or the address that was written to."""
    workspace_id = current_workspace_id()
    read = {token: found for token in tokens if (found := read_token(token)) and found[0] == workspace_id}
    rows = Conversation.objects.in_bulk([pk for _, pk in read.values()]) if read else {}
    return {token: rows[pk] for token, (_, pk) in read.items() if pk in rows}


def _by_continuity(questions: Sequence[Question]) -> list[Decision]:
    """The same person and brand within the window: one matter, unless it has such a thread already.

    A mail that comes here answers nothing that we know, so it is as good as a fresh one.
    """
    wanted = [_wanted(question) for question in questions]
    found = candidates([one for one in wanted if one])
    choices = [
        _choose(question, found[one] if one else ()) for question, one in zip(questions, wanted, strict=True)
    ]
    threaded = _threaded(choice.first for choice in choices if choice)
    return [
        _continued(question, choice, threaded) if choice else Decision(None, "new", "first")
        for question, choice in zip(questions, choices, strict=True)
    ]


def _wanted(question: Question) -> Wanted | None:
    """The conversations among which the message may continue one: its sender's of this brand around that time."""
    window, who = question.channel.continuity, question.who
    if window is None or who.created or not _may_continue(question.message, who):
        return None
    return Wanted(who.contact.pk, question.channel.brand_id, question.at - window, question.at + window)


@dataclass(frozen=True, slots=True)
class _Choice:
    """The conversation to continue, what else would have done, and whether people's word decided it."""

    first: Conversation
    rest: Sequence[Conversation]
    is_moved: bool


def _choose(question: Question, found: Sequence[Conversation]) -> _Choice | None:
    if not found:
        return None
    moved_to = _where_people_moved_it(question.channel, question.who) if len(found) > 1 else None
    first, *rest = sorted(found, key=lambda candidate: candidate.pk != moved_to)
    return _Choice(first, rest, first.pk == moved_to)


def _threaded(conversations: Iterable[Conversation]) -> set[tuple[int, str]]:
    """Which conversations have a thread already, and on which kind of channel."""
    ids = {conversation.pk for conversation in conversations}
    if not ids:
        return set()
    rows = ThreadKey.objects.filter(conversation__in=ids).order_by()
    return set(rows.values_list("conversation_id", "channel__kind").distinct())


def _continued(question: Question, choice: _Choice, threaded: set[tuple[int, str]]) -> Decision:
    kind, window = question.channel.kind, question.channel.continuity
    is_fresh = question.message.starts_thread or KINDS[kind].mails
    if is_fresh and (choice.first.pk, kind) in threaded:
        return Decision(None, "new", "second", choice.first)
    assert window is not None
    facts = {"hours": round(window.total_seconds() / 3600), "after": choice.first.last_at.isoformat()}
    others = tuple(other.number for other in choice.rest)
    why = "moved" if choice.is_moved else "person"
    return Decision(choice.first, "continuity", why, others=others, facts=facts)


def _where_people_moved_it(channel: Channel, who: Resolution) -> int | None:
    """The conversation that people moved the last message from this address to, or that has followed it since:
    their word counts for more than what was active last."""
    said = Entry.objects.filter(identity=who.identity, channel=channel, kind=Entry.Kind.MESSAGE)
    last = said.filter(direction=Entry.Direction.IN).order_by("-id").first()
    if last is None:
        return None
    why = last.data.get("why")
    follows = isinstance(why, dict) and why.get("key") == "moved"
    return last.conversation_id if last.rule == "manual" or follows else None


def _may_continue(message: InboundMessage, who: Resolution) -> bool:
    """Whether it is a person's own word, from an address of theirs alone, that somebody vouches for."""
    by_machine = message.automatic in {Automatic.BULK, Automatic.BOUNCE}
    return who.verified and not (by_machine or message.spam or who.identity.is_shared)
