"""The one way to store what arrived: by webhook, from a mailbox, or through a mail pipe."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.utils import timezone

from channels_ingest.base import ChannelFacts, Inlet, RawCall, adapter_for
from channels_ingest.models import InboundEvent, SeenKey
from channels_ingest.services.facts import facts_of
from conversations import kinds
from conversations.models import Channel
from conversations.services.channels import note_received
from tenancy import lanes, prepared
from tenancy.scope import current_workspace_id

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
) -> int | None:
    """Store a call in the open scope and ring for a worker; `hook` names the provider by whose webhook it came.

    Returns the id of its event, or None for a call that is stored already.

    Event, bytes and seen key are written together, so a redelivery that comes at the same moment waits for the
    first and then finds it. What is returned has only been acknowledged once the scope has committed.
    """
    event_id = _store(
        workspace=current_workspace_id(),
        channel=channel.pk,
        via=via,
        hook=hook,
        now=timezone.now(),
        key=_key(seen_key),
        order_key=_key(order_key),
        size=len(body),
        headers=json.dumps(_kept(headers)),
        body=body,
    )
    if event_id is not None:
        note_received(channel)
        lanes.ring(LANE)
    return event_id


# The three rows in one statement: it is all that a provider waits for. Where the key is there, nothing is written.
_STORE = """
WITH event AS (
    SELECT nextval(pg_get_serial_sequence('channels_ingest_inboundevent', 'id')) AS id
), seen AS (
    INSERT INTO channels_ingest_seenkey (workspace_id, channel_id, key, event_id)
    SELECT %(workspace)s, %(channel)s, %(key)s, id FROM event
    ON CONFLICT (workspace_id, channel_id, key) DO NOTHING RETURNING event_id
), stored AS (
    INSERT INTO channels_ingest_inboundevent (
        workspace_id, id, channel_id, via, hook, size, order_key,
        received_at, due_at, state, reason, attempts, summary)
    SELECT %(workspace)s, event_id, %(channel)s, %(via)s, %(hook)s, %(size)s, %(order_key)s,
        %(now)s, %(now)s, 'pending', '', 0, ''
    FROM seen RETURNING id
)
INSERT INTO channels_ingest_rawbody (workspace_id, event_id, headers, body)
SELECT %(workspace)s, id, %(headers)s::jsonb, %(body)s FROM stored RETURNING event_id
"""


def _store(**values: str | int | bytes | datetime) -> int | None:
    """Write a call's rows; the id of its event, or None when the key has been seen."""
    with prepared.cursor() as cursor:
        cursor.execute(_STORE, values)
        row = cursor.fetchone()
    return int(row[0]) if row else None


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
) -> int | None:
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
        event_id = accept_call(
            channel=self.channel, facts=self._facts, inlet=self._adapter, via=self._via, call=call
        )
        if event_id is not None:
            return event_id
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
