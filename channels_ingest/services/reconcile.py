"""Asking providers what they hold, for the calls that their webhooks did not bring.

What came is found by its seen key, so each is stored once however often it is listed.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from channels_ingest.base import Adapter, ChannelFacts, RawCall, adapter_for
from channels_ingest.models import InboundEvent
from channels_ingest.services import pressure
from channels_ingest.services.accept import accept_call, is_known
from channels_ingest.services.configure import is_complete
from channels_ingest.services.facts import facts_of
from channels_ingest.services.pressure import Later
from channels_ingest.services.turns import Asked, active_having, alone, askable, hold, rests, told
from conversations.models import Channel
from tenancy.scope import scope

log = structlog.get_logger(__name__)

BACK = timedelta(days=2)


@dataclass
class Reconciled(Asked):
    """What asking brought: `listed` calls, of which `found` had been missed."""

    listed: int = 0
    found: int = 0


def can_reconcile(channel: Channel) -> bool:
    """Whether the provider of a channel can be asked for what was missed."""
    return channel.kind in askable(Adapter.missed)


def reconcilable() -> list[tuple[int, int]]:
    """(workspace id, channel id) of every channel that can be asked for, in active workspaces."""
    found = []
    for workspace_id in active_having(Channel, "archived_at IS NULL AND is_enabled"):
        with scope(workspace_id):
            found += [(workspace_id, pk) for pk in _channels().values_list("pk", flat=True)]
    return found


def reconcile(workspace_id: int, channel_id: int, *, patient: bool = True) -> Reconciled | None:
    """Store what a channel's provider holds of the last two days and we do not; called outside any scope.

    None for a channel that cannot be asked for or lacks settings, while somebody else asks, or while it rests
    after a failure (unless not `patient`). Errors are told in the channel's health and in the result; only
    those of our own database are raised.
    """
    with alone(channel_id) as free:
        if not free or (patient and rests(channel_id)):
            return None
        with scope(workspace_id):
            channel = _channels().filter(pk=channel_id).first()
            facts = facts_of(channel) if channel else None
        if channel is None or facts is None or not is_complete(facts):
            return None
        done = Reconciled()
        with told(workspace_id, channel, done), suppress(Later):
            _ask(workspace_id, channel, facts, done)
        log.info("reconciled", channel=channel_id, listed=done.listed, found=done.found, error=done.error)
        return done


def _ask(workspace_id: int, channel: Channel, facts: ChannelFacts, done: Reconciled) -> None:
    """Store each missed call as it is listed: when the provider breaks off, what came before is kept.

    Raises AdapterError, and Later when there is too much already: the next turn lists the rest.
    """
    since = max(channel.started_at, timezone.now() - BACK)
    for call in adapter_for(channel.kind).missed(facts, since):
        hold(channel.pk)
        with scope(workspace_id):
            done.found += _keep(channel, facts, call)
        done.listed += 1


def _keep(channel: Channel, facts: ChannelFacts, call: RawCall) -> bool:
    """Store a call; False for one that came. Most did: they are looked up, not tried."""
    adapter = adapter_for(channel.kind)
    if is_known(channel=channel, seen_key=adapter.seen_key(call, facts)):
        return False
    pressure.check(channel)
    found = accept_call(channel=channel, facts=facts, inlet=adapter, via=InboundEvent.Via.LIST, call=call)
    return found is not None


def _channels() -> QuerySet[Channel]:
    return Channel.objects.filter(
        kind__in=askable(Adapter.missed), archived_at=None, is_enabled=True
    ).order_by("id")
