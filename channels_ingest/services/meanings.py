"""What typed events become in the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import singledispatch

from django.utils import timezone

from channels_ingest.services import fetching
from channels_ingest.services.chat import visitors
from channels_ingest.types import Consent, Delete, Edit, Ignored, InboundMessage, ParsedEvent, Receipt
from contacts.services.resolve import resolve
from conversations import kinds
from conversations.models import Channel, Entry
from conversations.services import deliveries, edits, optouts
from conversations.services.arrivals import Arrival, NotOurs, Received, clamp
from conversations.services.receive import receive_all
from conversations.tokens import read_message_id
from tenancy.lanes import Ignore, Retry

PATIENCE = timedelta(minutes=1)  # how long news of a message may be ahead of the message
AGAIN_AFTER = 15  # seconds
KNOWN = "It was known already."


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a typed event arrived."""

    channel: Channel
    received_at: datetime

    @property
    def is_early(self) -> bool:
        """Whether what the event is about may still be on its way to us."""
        return timezone.now() - self.received_at < PATIENCE


@dataclass(frozen=True, slots=True)
class Became:
    """Ids of what a typed event became, and what a person might wonder about it."""

    entry_id: int | None = None
    delivery_id: int | None = None
    conversation_id: int | None = None
    contact_id: int | None = None
    reason: str = ""


@singledispatch
def take(parsed: ParsedEvent, place: Place) -> Became:
    """What a typed event becomes; registered for each type. Raises Ignore, with the reason, for one that means
    nothing to us, and Retry for one that is ahead of what it is about."""
    raise Ignore(f"No {type(parsed).__name__} is kept yet.")


@take.register
def _(parsed: Ignored, place: Place) -> Became:
    raise Ignore(parsed.reason)


@take.register
def _(parsed: InboundMessage, place: Place) -> Became:
    (result,) = receive_messages([(parsed, place)])
    if isinstance(result, Ignore):
        raise result
    return result


def receive_messages(messages: Sequence[tuple[InboundMessage, Place]]) -> list[Became | Ignore]:
    """Put messages into the timeline; says of each what it became, or why it is none of ours."""
    arrivals = {
        number: Arrival(place.channel, message, place.received_at)
        for number, (message, place) in enumerate(messages)
        if not _is_own(message, place)
    }
    results = dict(zip(arrivals, receive_all(list(arrivals.values())), strict=True))
    return [
        _became(results[number], message, place)
        if number in results
        else Ignore("Our own message, come back.")
        for number, (message, place) in enumerate(messages)
    ]


def _is_own(message: InboundMessage, place: Place) -> bool:
    ours = read_message_id(message.external_id)
    return ours is not None and ours[0] == place.channel.workspace_id


def _became(received: Received | NotOurs, message: InboundMessage, place: Place) -> Became | Ignore:
    if isinstance(received, NotOurs):
        return Ignore(str(received))
    if any(file.source for file in message.files):
        fetching.expect(received.entry, place.channel)
    if kinds.KINDS[place.channel.kind].live and received.entry.identity:
        visitors.tell(received.entry.identity, [received.entry.pk])
    return Became(
        entry_id=received.entry.pk,
        conversation_id=received.conversation.pk if received.conversation else None,
        contact_id=received.contact.pk if received.contact else None,
        reason="It was in the timeline already." if received.is_duplicate else "",
    )


@take.register
def _(parsed: Receipt, place: Place) -> Became:
    found = deliveries.find(channel=place.channel, aliases=parsed.aliases, recipient=parsed.recipient)
    if found is None:
        return _unmatched(parsed, place)
    news = deliveries.apply_receipt(
        delivery=found, status=parsed.status, at=parsed.at, code=parsed.code, detail=parsed.detail
    )
    if parsed.code == deliveries.COMPLAINED:
        news = deliveries.note_complaint(delivery=found) or news
    return Became(
        entry_id=found.entry_id,
        delivery_id=found.pk,
        conversation_id=found.entry.conversation_id,
        contact_id=found.identity.contact_id,
        reason="" if news else KNOWN,
    )


def _unmatched(receipt: Receipt, place: Place) -> Became:
    """A report on no sending of ours: kept as a message where it came as one."""
    if receipt.unmatched is not None:
        return take(receipt.unmatched, place)
    if place.is_early:
        raise Retry("No message is known under this id yet.", after=AGAIN_AFTER)
    raise Ignore("A report on a message that is not ours.")


@take.register
def _(parsed: Consent, place: Place) -> Became:
    """The word of somebody who has written nothing else counts as well: they are found by it, or made."""
    identity = resolve(address=parsed.sender).identity
    at = clamp(parsed.at, channel=place.channel, received_at=place.received_at)
    if parsed.is_given:
        entry = optouts.opt_in(channel=place.channel, identity=identity, at=at)
    else:
        entry = optouts.opt_out(channel=place.channel, identity=identity, at=at)
    if entry is None:
        return Became(contact_id=identity.contact_id, reason=KNOWN)
    return _on(entry)


@take.register
def _(parsed: Edit, place: Place) -> Became:
    entry = _entry(parsed, place)
    at = parsed.at or place.received_at
    news = edits.edit(entry=entry, text=parsed.text, html=parsed.html, at=at)
    return _on(entry, reason="" if news else KNOWN)


@take.register
def _(parsed: Delete, place: Place) -> Became:
    entry = _entry(parsed, place)
    edits.delete(entry=entry, at=parsed.at or place.received_at, erase_body=parsed.erase)
    return _on(entry)


def _entry(parsed: Edit | Delete, place: Place) -> Entry:
    found = edits.find(
        channel=place.channel, external_id=parsed.external_id, external_thread=parsed.external_thread
    )
    if found is not None:
        return found
    if place.is_early:
        raise Retry("The message that it changes has not arrived yet.", after=AGAIN_AFTER)
    raise Ignore("It changes a message that never arrived.")


def _on(entry: Entry, reason: str = "") -> Became:
    return Became(
        entry_id=entry.pk,
        conversation_id=entry.conversation_id,
        contact_id=entry.contact_id,
        reason=reason,
    )
