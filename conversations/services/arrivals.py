"""A message on its way into the timeline, with all that is found out about it, step by step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contacts.models import Contact, Identity
from contacts.services.equals import spellings
from contacts.services.resolve import Resolution
from contacts.types import Address
from conversations.models import Channel, Conversation, Entry
from conversations.services.threads import Decision, Question, keys_of
from conversations.types import InboundMessage


class NotOurs(Exception):
    """A message that is no customer's: the text says why, for the ledger."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message. `rule` is token, thread, continuity or new."""

    entry: Entry
    conversation: Conversation | None
    contact: Contact | None
    rule: str
    is_duplicate: bool = False


@dataclass(slots=True, eq=False)
class Arrival:
    """A message that came by a channel. What is not given is found out, in this order."""

    channel: Channel
    message: InboundMessage
    received_at: datetime
    sender: Address = field(init=False)
    copied: Sequence[Address] = field(init=False, default=())  # neither ours nor the sender's
    who: Resolution = field(init=False)
    decision: Decision = field(init=False)
    conversation: Conversation = field(init=False)
    parent: Conversation | None = field(init=False, default=None)  # that which a side conversation is about
    copies: Sequence[Identity] = field(init=False, default=())
    result: Received | NotOurs = field(init=False)

    @property
    def at(self) -> datetime:
        """When it was said."""
        return clamp(self.message.at, channel=self.channel, received_at=self.received_at)

    @property
    def opens(self) -> bool:
        """Whether it begins a conversation."""
        return self.decision.conversation is None

    @property
    def question(self) -> Question:
        """What is to be decided about it, once it is known who writes."""
        return Question(self.message, self.channel, self.who, self.at)

    def touches(self) -> Iterator[tuple[object, ...]]:
        """What it may have to do with another message: people, threads, its own id."""
        for address in (self.sender, *self.sender.also, *self.copied):
            yield from (("address", value) for value in spellings(address))
        yield from (("key", key) for key in keys_of(self.message, self.channel))
        yield from (("token", token) for token in self.message.tokens)
        if self.message.external_id:
            yield ("id", self.channel.pk, self.message.external_thread, self.message.external_id)

    def meets(self) -> Iterator[tuple[str, int]]:
        """What it turned out to have to do with: its sender, the conversation that it joins, and its parent."""
        yield "contact", self.who.contact.pk
        joined = self.decision.conversation
        if joined is not None:
            yield "conversation", joined.pk
            if joined.parent_id is not None:
                yield "conversation", joined.parent_id


def clamp(at: datetime | None, *, channel: Channel, received_at: datetime) -> datetime:
    """The provider's time, between the channel's start and arrival; arrival where it says none."""
    return received_at if at is None else min(max(at, channel.started_at), received_at)
