"""From stored calls to the timeline: the lane "inbound".

An adapter parses each call into typed events, and each of these becomes what it means, with a row of its own: one
that fails never blocks its neighbours. All of it commits together with the calls' new states. The messages of many
calls are received together; everything else is taken by itself, in the order of its call.
Everything here may run twice (a retry, a replay): what is in the timeline already is found, not written again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import structlog
from django.utils import timezone

from channels_ingest.base import ADAPTERS, AdapterError, ChannelFacts, adapter_for, inlet_for
from channels_ingest.models import InboundEvent, InboundItem, RawBody
from channels_ingest.services.accept import LANE
from channels_ingest.services.facts import facts_of, own_addresses
from channels_ingest.services.meanings import AGAIN_AFTER, Became, Place, receive_messages, take
from channels_ingest.types import Consent, InboundMessage, ParsedEvent, Receipt
from conversations.models import Channel
from tenancy.bulk import together
from tenancy.lanes import Fail, Ignore, Lane, Retry, State
from tenancy.live import push
from tenancy.storable import shortened, storable

log = structlog.get_logger(__name__)

PARSE_ATTEMPTS = 3  # the same bytes rarely parse better the fourth time
SUMMARY = 200  # characters
PORTION = 16 * 1024 * 1024  # bytes of calls that are held in memory at once

End = Ignore | Retry | None


@dataclass(slots=True)
class Call:
    """A stored call, and what its adapter made of it."""

    event: InboundEvent
    channel: Channel
    parsed: list[ParsedEvent]
    items: list[InboundItem] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.channel, self.event.received_at)

    @property
    def is_messages(self) -> bool:
        """Whether it brought nothing but messages."""
        return all(isinstance(one, InboundMessage) for one in self.parsed)


def process(events: Sequence[InboundEvent]) -> list[Exception | None]:
    """Turn stored calls into what they mean, and say how each ended: well (None), Ignore, Retry or Fail."""
    ends: dict[int, Exception | None] = {}
    for portion in _portions(events):
        ends |= _process(portion)
    return [ends[event.pk] for event in events]


def _portions(events: Sequence[InboundEvent]) -> Iterator[list[InboundEvent]]:
    """The calls, in lists that are small enough to be held in memory."""
    portion: list[InboundEvent] = []
    for event in events:
        if portion and sum(one.size for one in portion) + event.size > PORTION:
            yield portion
            portion = []
        portion.append(event)
    yield portion


def _process(events: Sequence[InboundEvent]) -> dict[int, Exception | None]:
    read = _Reading(events)
    ends: dict[int, Exception | None] = {}
    calls: list[Call] = []
    for event in events:
        try:
            calls.append(Call(event, *read.parsed(event)))
        except Exception as error:  # noqa: BLE001 - told by the call's own row
            ends[event.pk] = error
    _take_messages([call for call in calls if call.is_messages])
    for call in calls:
        if not call.is_messages:
            call.items = [_take_alone(call, position) for position in range(len(call.parsed))]
    InboundItem.objects.bulk_create(
        [item for call in calls for item in call.items],
        update_conflicts=True,
        unique_fields=["workspace", "event", "position"],
        update_fields=["type", "state", "reason", "entry", "delivery", "conversation", "contact"],
    )
    for call in calls:
        call.event.processed_at, call.event.summary = timezone.now(), _summary(call.parsed)
        ends[call.event.pk] = _end(call.items)
        if ends[call.event.pk] is not None:
            push(call.event.workspace_id, "channels", [call.channel.pk])
    return ends


class _Reading:
    """The bytes of calls and all that their adapters have to know, read at once."""

    def __init__(self, events: Sequence[InboundEvent]) -> None:
        self._stored = {raw.event_id: raw for raw in RawBody.objects.filter(event__in=events)}
        self._channels = Channel.objects.in_bulk({event.channel_id for event in events})
        self._own = frozenset(own_addresses())
        self._facts: dict[int, ChannelFacts] = {}

    def parsed(self, event: InboundEvent) -> tuple[Channel, list[ParsedEvent]]:
        """The channel of a call, and what the call says. Raises Fail when its bytes are gone or make no sense."""
        if event.pk not in self._stored:
            raise Fail("Its bytes have been pruned: it cannot be processed again.")
        channel = self._channels[event.channel_id]
        if channel.pk not in self._facts:
            self._facts[channel.pk] = facts_of(channel, self._own)
        return channel, _parse(event, channel, self._facts[channel.pk], self._stored.pop(event.pk))


def _parse(event: InboundEvent, channel: Channel, facts: ChannelFacts, stored: RawBody) -> list[ParsedEvent]:
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


def _take_messages(calls: Sequence[Call]) -> None:
    """Receive the messages of many calls together; one that fails is told by its own row."""
    messages = [(one, call.place) for call in calls for one in call.parsed if isinstance(one, InboundMessage)]
    results = iter(together(messages, receive_messages, failed=lambda _, error: error))
    for call in calls:
        call.items = [_item(call, position, next(results)) for position in range(len(call.parsed))]


def _take_alone(call: Call, position: int) -> InboundItem:
    """Let one typed event become what it means."""

    def become(places: Sequence[Place]) -> list[Became | Exception]:
        return [take(call.parsed[position], place) for place in places]

    (result,) = together([call.place], become, failed=lambda _, error: error)
    return _item(call, position, result)


def _item(call: Call, position: int, result: Became | Exception) -> InboundItem:
    """The row that says what became of a typed event."""
    item = InboundItem(event=call.event, position=position, type=type(call.parsed[position]).__name__)
    match result:
        case Became():
            item.reason = result.reason
            item.entry_id, item.delivery_id = result.entry_id, result.delivery_id
            item.conversation_id, item.contact_id = result.conversation_id, result.contact_id
        case Ignore():
            item.state, item.reason = State.IGNORED, str(result)
        case Retry():
            item.state, item.reason = State.PENDING, str(result)
        case _:
            item.state, item.reason = State.FAILED, f"{type(result).__name__}: {result}"[:2000]
            log.warning("inbound item failed", row=call.event.pk, position=position, exc_info=result)
    return item


def _end(items: Sequence[InboundItem]) -> End:
    """How the whole call ended: as badly as its worst part, and ignored when every part was."""
    for state in (State.FAILED, State.PENDING):
        if reasons := [item.reason for item in items if item.state == state]:
            return Retry(
                "; ".join(dict.fromkeys(reasons)), after=None if state == State.FAILED else AGAIN_AFTER
            )
    if all(item.state == State.IGNORED for item in items):
        return Ignore("; ".join(dict.fromkeys(item.reason for item in items)) or "It says nothing.")
    return None


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


lane = Lane(LANE, InboundEvent, work=process, together=True, batch=50, also=("processed_at", "summary"))
