"""What the settings pages show: how channels are doing, and the ledger of what arrived."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from channels_ingest.models import InboundEvent, InboundItem, RawBody
from conversations.models import Channel, Entry
from tenancy.keyset import Cursor, cut
from tenancy.lanes import State

PAGE = 50
COUNTED = 1000  # failures that are counted; more are told as "more than"


@dataclass(frozen=True, slots=True)
class Health:
    """A channel with how it is doing. `state` is ok, bad or off."""

    channel: Channel
    state: str
    failed: int


@dataclass(frozen=True, slots=True)
class Page:
    """Events, newest first, and the cursor below them where there are more."""

    events: Sequence[InboundEvent]
    older: Cursor | None


def channels() -> list[Health]:
    """Every channel that is not archived, with its health: two queries, however many there are."""
    rows = Channel.objects.filter(archived_at=None).select_related("brand", "owner").order_by("name", "id")
    failures = failures_by_channel()
    return [Health(channel, state_of(channel), failures[channel.pk]) for channel in rows]


def state_of(channel: Channel) -> str:
    """ok, bad while the last attempt to receive or to send failed, off when switched off."""
    if not channel.is_enabled:
        return "off"
    return "bad" if channel.last_error else "ok"


def failures_by_channel() -> Counter[int]:
    """How many of the latest failed events each channel has, COUNTED in all."""
    failed = InboundEvent.objects.filter(state=State.FAILED).order_by("-received_at", "-id")
    return Counter(failed.values_list("channel_id", flat=True)[:COUNTED])


def ledger(*, state: str = "", channel: int | None = None, cursor: Cursor | None = None) -> Page:
    """One page of what arrived, newest first: one query."""
    events = InboundEvent.objects.select_related("channel").order_by("-received_at", "-id")
    if state:
        events = events.filter(state=state)
    if channel:
        events = events.filter(channel=channel)
    if cursor:
        events = events.filter(cursor.below("received_at"))
    rows, more = cut(events[: PAGE + 1], PAGE)
    return Page(rows, Cursor(rows[-1].received_at, rows[-1].pk) if more else None)


def first_event(channel: Channel) -> InboundEvent | None:
    """What came in first on a channel."""
    return InboundEvent.objects.filter(channel=channel).order_by("received_at", "id").first()


def items_of(event: InboundEvent) -> list[InboundItem]:
    """What an event became, part by part."""
    rows = InboundItem.objects.filter(event=event).order_by("position")
    return list(rows.select_related("entry", "conversation", "contact"))


def raw_of(event: InboundEvent) -> RawBody | None:
    """The bytes of an event, unless they have been pruned."""
    return RawBody.objects.filter(event=event).first()


def original_of(entry: Entry) -> RawBody | None:
    """The bytes that an entry was made of; None for one that did not arrive from outside."""
    item = InboundItem.objects.filter(entry=entry).order_by("id").first()
    return RawBody.objects.filter(event=item.event_id).first() if item else None


def outcome_of(event_id: int) -> dict[str, str | int | None]:
    """What became of an event, as commands print it: ids, and the conversation by its number."""
    event = InboundEvent.objects.get(pk=event_id)
    items = InboundItem.objects.filter(event=event).order_by("position").select_related("conversation")
    item = next((item for item in items if item.conversation or item.entry_id), None)
    return {
        "event": event.pk,
        "state": event.state,
        "reason": event.reason or (item.reason if item else ""),
        "conversation": item.conversation.number if item and item.conversation else None,
        "contact": item.contact_id if item else None,
        "entry": item.entry_id if item else None,
    }
