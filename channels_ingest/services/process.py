"""From a stored call to the timeline: the lane "inbound".

An adapter parses the call into typed events, and each becomes what it means, in a savepoint and with a row of
its own: one that fails never blocks its neighbours. All of it commits together with the call's new state.
Everything here may run twice (a retry, a replay): what is in the timeline already is found, not written again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import singledispatch

import structlog
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.utils import timezone

from channels_ingest.base import ADAPTERS, AdapterError, adapter_for, inlet_for
from channels_ingest.models import InboundEvent, InboundItem, RawBody
from channels_ingest.services import fetching
from channels_ingest.services.accept import LANE
from channels_ingest.services.chat import visitors
from channels_ingest.services.facts import facts_of, own_addresses
from channels_ingest.types import Consent, Delete, Edit, Ignored, InboundMessage, ParsedEvent, Receipt
from contacts.services.resolve import resolve
from conversations import kinds
from conversations.models import Channel, Entry
from conversations.services import deliveries, edits, optouts
from conversations.services.receive import NotOurs, clamp, receive
from conversations.tokens import read_message_id
from tenancy.lanes import Fail, Ignore, Lane, Retry, State
from tenancy.live import push
from tenancy.storable import shortened, storable

log = structlog.get_logger(__name__)

PARSE_ATTEMPTS = 3  # the same bytes rarely parse better the fourth time
PATIENCE = timedelta(minutes=1)  # how long news of a message may be ahead of the message
AGAIN_AFTER = 15  # seconds
SUMMARY = 200  # characters
KNOWN = "It was known already."


@dataclass(frozen=True, slots=True)
class Arrival:
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


def process(event: InboundEvent) -> Ignore | Retry | None:
    """Turn one stored call into what it means, and say how it ended.

    Raises Fail when its bytes are gone or cannot be parsed.
    """
    stored = _stored(event)
    parsed = _parse(event, stored)
    arrival = Arrival(stored.event.channel, event.received_at)
    items = [_take(one, arrival, event, position) for position, one in enumerate(parsed)]
    InboundItem.objects.bulk_create(
        items,
        update_conflicts=True,
        unique_fields=["workspace", "event", "position"],
        update_fields=["type", "state", "reason", "entry", "delivery", "conversation", "contact"],
    )
    event.processed_at, event.summary = timezone.now(), _summary(parsed)
    end = _end(items)
    if end is not None:
        push(event.workspace_id, "channels", [event.channel_id])
    return end


def _stored(event: InboundEvent) -> RawBody:
    """The bytes, the channel and the workspace's own addresses, in one query."""
    stored = (
        RawBody.objects.select_related("event__channel")
        .annotate(own_addresses=ArraySubquery(own_addresses()))
        .filter(event=event)
        .first()
    )
    if stored is None:
        raise Fail("Its bytes have been pruned: it cannot be processed again.")
    return stored


def _parse(event: InboundEvent, stored: RawBody) -> list[ParsedEvent]:
    channel = stored.event.channel
    own: Iterable[str] = stored.own_addresses  # type: ignore[attr-defined]
    facts = facts_of(channel, own)
    if channel.kind not in ADAPTERS:
        raise Fail(f"This installation has no adapter for channels of kind {channel.kind}.")
    inlet = inlet_for(event.hook) if event.hook else adapter_for(channel.kind)
    try:
        return [storable(one) for one in inlet.parse(bytes(stored.body), stored.headers, facts)]
    except AdapterError as error:  # what the call only points to cannot be had
        raise (Retry if error.retryable else Fail)(error.detail) from error
    except Exception as error:
        if event.attempts >= PARSE_ATTEMPTS:
            raise Fail(f"It cannot be parsed: {type(error).__name__}: {error}") from error
        raise


def _take(parsed: ParsedEvent, arrival: Arrival, event: InboundEvent, position: int) -> InboundItem:
    """Let one typed event become what it means; whatever goes wrong is told by its row."""
    item = InboundItem(event=event, position=position, type=type(parsed).__name__)
    try:
        with transaction.atomic():
            became = take(parsed, arrival)
    except Ignore as ignored:
        item.state, item.reason = State.IGNORED, str(ignored)
    except Retry as retry:
        item.state, item.reason = State.PENDING, str(retry)
    except Exception as error:
        item.state, item.reason = State.FAILED, f"{type(error).__name__}: {error}"[:2000]
        log.warning("inbound item failed", row=event.pk, position=position, exc_info=error)
    else:
        item.reason = became.reason
        item.entry_id, item.delivery_id = became.entry_id, became.delivery_id
        item.conversation_id, item.contact_id = became.conversation_id, became.contact_id
    return item


def _end(items: list[InboundItem]) -> Ignore | Retry | None:
    """How the whole call ended: as badly as its worst part, and ignored when every part was."""
    for state in (State.FAILED, State.PENDING):
        if reasons := [item.reason for item in items if item.state == state]:
            return Retry(
                "; ".join(dict.fromkeys(reasons)), after=None if state == State.FAILED else AGAIN_AFTER
            )
    if all(item.state == State.IGNORED for item in items):
        return Ignore("; ".join(dict.fromkeys(item.reason for item in items)) or "It says nothing.")
    return None


@singledispatch
def take(parsed: ParsedEvent, arrival: Arrival) -> Became:
    """What a typed event becomes; registered for each type. Raises Ignore, with the reason, for one that means
    nothing to us, and Retry for one that is ahead of what it is about."""
    raise Ignore(f"No {type(parsed).__name__} is kept yet.")


@take.register
def _(parsed: Ignored, arrival: Arrival) -> Became:
    raise Ignore(parsed.reason)


@take.register
def _(parsed: InboundMessage, arrival: Arrival) -> Became:
    ours = read_message_id(parsed.external_id)
    if ours and ours[0] == arrival.channel.workspace_id:
        raise Ignore("Our own message, come back.")
    try:
        received = receive(channel=arrival.channel, message=parsed, received_at=arrival.received_at)
    except NotOurs as reason:
        raise Ignore(str(reason)) from reason
    if any(file.source for file in parsed.files):
        fetching.expect(received.entry, arrival.channel)
    if kinds.KINDS[arrival.channel.kind].live and received.entry.identity:
        visitors.tell(received.entry.identity, [received.entry.pk])
    return Became(
        entry_id=received.entry.pk,
        conversation_id=received.conversation.pk if received.conversation else None,
        contact_id=received.contact.pk if received.contact else None,
        reason="It was in the timeline already." if received.is_duplicate else "",
    )


@take.register
def _(parsed: Receipt, arrival: Arrival) -> Became:
    found = deliveries.find(channel=arrival.channel, aliases=parsed.aliases, recipient=parsed.recipient)
    if found is None:
        return _unmatched(parsed, arrival)
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


def _unmatched(receipt: Receipt, arrival: Arrival) -> Became:
    """A report on no sending of ours: kept as a message where it came as one."""
    if receipt.unmatched is not None:
        return take(receipt.unmatched, arrival)
    if arrival.is_early:
        raise Retry("No message is known under this id yet.", after=AGAIN_AFTER)
    raise Ignore("A report on a message that is not ours.")


@take.register
def _(parsed: Consent, arrival: Arrival) -> Became:
    """The word of somebody who has written nothing else counts as well: they are found by it, or made."""
    identity = resolve(address=parsed.sender).identity
    at = clamp(parsed.at, channel=arrival.channel, received_at=arrival.received_at)
    if parsed.is_given:
        entry = optouts.opt_in(channel=arrival.channel, identity=identity, at=at)
    else:
        entry = optouts.opt_out(channel=arrival.channel, identity=identity, at=at)
    if entry is None:
        return Became(contact_id=identity.contact_id, reason=KNOWN)
    return _on(entry)


@take.register
def _(parsed: Edit, arrival: Arrival) -> Became:
    entry = _entry(parsed, arrival)
    at = parsed.at or arrival.received_at
    news = edits.edit(entry=entry, text=parsed.text, html=parsed.html, at=at)
    return _on(entry, reason="" if news else KNOWN)


@take.register
def _(parsed: Delete, arrival: Arrival) -> Became:
    entry = _entry(parsed, arrival)
    edits.delete(entry=entry, at=parsed.at or arrival.received_at, erase_body=parsed.erase)
    return _on(entry)


def _entry(parsed: Edit | Delete, arrival: Arrival) -> Entry:
    found = edits.find(
        channel=arrival.channel, external_id=parsed.external_id, external_thread=parsed.external_thread
    )
    if found is not None:
        return found
    if arrival.is_early:
        raise Retry("The message that it changes has not arrived yet.", after=AGAIN_AFTER)
    raise Ignore("It changes a message that never arrived.")


def _on(entry: Entry, reason: str = "") -> Became:
    return Became(
        entry_id=entry.pk,
        conversation_id=entry.conversation_id,
        contact_id=entry.contact_id,
        reason=reason,
    )


def _summary(parsed: list[ParsedEvent]) -> str:
    """A line for the ledger: who, and what about."""
    return next((shortened(line, SUMMARY) for one in parsed if (line := _line(one))), "")


def _line(parsed: ParsedEvent) -> str:
    match parsed:
        case InboundMessage(sender=sender):
            who, what = sender.name or sender.value, " ".join((parsed.subject or parsed.text).split())
            return f"{who}: {what}" if what else who
        case Consent(sender=sender):
            return f"{sender.value}: {'START' if parsed.is_given else 'STOP'}"
        case Receipt():
            return ": ".join(filter(None, (f"{parsed.status} {parsed.recipient}".strip(), parsed.detail)))
    return ""


lane = Lane(LANE, InboundEvent, work=process, also=("processed_at", "summary"))
