"""The one way to store what arrived: by webhook, from a mailbox, or through a mail pipe."""

from collections.abc import Mapping
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from channels_ingest.base import ChannelFacts, Inlet, RawCall, adapter_for
from channels_ingest.models import InboundEvent, RawBody, SeenKey
from channels_ingest.services.facts import facts_of
from conversations import kinds
from conversations.models import Channel
from conversations.services.channels import note_received
from tenancy import lanes

LANE = "inbound"
MAX_KEY = 200
# Of no use once a call has been verified; what is not stored cannot leak.
_NOT_STORED = frozenset({"authorization", "proxy-authorization", "cookie"})


def accept(
    *,
    channel: Channel,
    via: InboundEvent.Via,
    body: bytes,
    headers: Mapping[str, str],
    seen_key: str,
    order_key: str = "",
    hook: str = "",
) -> InboundEvent | None:
    """Store a call in the open scope and ring for a worker; None for one that is stored already.

    `hook` names the provider by whose webhook it came.

    Event, bytes and seen key are written together, so a redelivery that comes at the same moment waits for the
    first and then finds it. What is returned has only been acknowledged once the scope has committed.
    """
    try:
        with transaction.atomic():
            event = InboundEvent.objects.create(
                channel=channel, via=via, size=len(body), order_key=_key(order_key), hook=hook
            )
            SeenKey.objects.create(channel=channel, key=_key(seen_key), event=event)
            RawBody.objects.create(event=event, headers=_kept(headers), body=body)
    except IntegrityError as error:
        if _violated(error) != "seenkey_once":
            raise
        return None
    note_received(channel)
    lanes.ring(LANE)
    return event


def is_known(*, channel: Channel, seen_key: str) -> bool:
    """Whether a call of this key is stored already; `accept` finds that out too, but by trying to store it."""
    return SeenKey.objects.filter(channel=channel, key=_key(seen_key)).exists()


def accept_call(
    *,
    channel: Channel,
    facts: ChannelFacts,
    inlet: Inlet,
    via: InboundEvent.Via,
    call: RawCall,
    hook: str = "",
) -> InboundEvent | None:
    """Accept a call under the keys that its inlet finds in it."""
    return accept(
        channel=channel,
        via=via,
        body=call.body,
        headers=call.headers,
        seen_key=inlet.seen_key(call, facts),
        order_key=inlet.order_key(call, facts),
        hook=hook,
    )


class MailIntake:
    """Takes raw mails, which come without HTTP, into one channel. Raises ValidationError for no mail channel."""

    def __init__(self, channel: Channel, via: InboundEvent.Via = InboundEvent.Via.PIPE) -> None:
        if not kinds.KINDS[channel.kind].mails:
            raise ValidationError(f"{channel} takes no mail")
        self.channel = channel
        self._via = via
        self._facts = facts_of(channel)
        self._adapter = adapter_for(channel.kind)

    def take(self, raw: bytes) -> int:
        """Store one mail in the open scope; the id of its event, or of the one that holds it already."""
        call = RawCall(method="POST", path="", headers={}, query={}, body=raw, remote="")
        event = accept_call(
            channel=self.channel, facts=self._facts, inlet=self._adapter, via=self._via, call=call
        )
        if event is not None:
            return event.pk
        key = _key(self._adapter.seen_key(call, self._facts))
        return SeenKey.objects.values_list("event_id", flat=True).get(channel=self.channel, key=key)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value.replace("\x00", "") for name, value in headers.items() if name.lower() not in _NOT_STORED
    }


def _key(text: str) -> str:
    """The key, or a digest where it is too long or holds what PostgreSQL refuses (NUL, lone surrogates)."""
    if len(text) <= MAX_KEY and (not text or text.isprintable()):
        return text
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _violated(error: IntegrityError) -> str:
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", ""))
