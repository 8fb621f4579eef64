"""Asking a provider of our own accord: one at a time for each channel, with rests after failures; its health says
how it went."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Model

from channels_ingest.base import ADAPTERS, Adapter, AdapterError, adapter_for
from conversations.models import Channel
from conversations.services.channels import RECEIVING, note_error, note_working
from tenancy.models import Workspace
from tenancy.scope import scope
from tenancy.system import workspaces_having

HELD = 90  # seconds that an asker may be silent before another may begin; longer than a server may be
REST = 15  # seconds after a failure, doubled each time
LONGEST_REST = 600


@dataclass
class Asked:
    """What asking brought; `error` says why it ended early."""

    error: str = ""


def askable(ability: Callable[..., object]) -> list[str]:
    """The kinds of channel whose providers can be asked: whose adapters override an ability (`Adapter.missed`)."""
    name = ability.__name__
    return [kind for kind in ADAPTERS if getattr(type(adapter_for(kind)), name) is not getattr(Adapter, name)]


def active_having(table: type[Model], condition: str) -> list[int]:
    """Ids of the active workspaces that have rows of a kind; `condition` is SQL of our own."""
    having = workspaces_having(table, condition)
    active = Workspace.objects.filter(pk__in=having, status=Workspace.Status.ACTIVE)
    return list(active.order_by("pk").values_list("pk", flat=True))


@contextmanager
def alone(channel_id: int) -> Iterator[bool]:
    """Whether nobody else asks for this channel now. Two that do all the same would only do work twice."""
    free = cache.add(_lock(channel_id), 1, timeout=HELD)
    try:
        yield free
    finally:
        if free:
            cache.delete(_lock(channel_id))


def hold(channel_id: int) -> None:
    """Say that one is still at it."""
    cache.touch(_lock(channel_id), timeout=HELD)


@contextmanager
def told(workspace_id: int, channel: Channel, asked: Asked) -> Iterator[None]:
    """Tell in the channel's health how it went, and rest longer after each failure."""
    resting = _rest(channel.pk)
    try:
        yield
    except AdapterError as error:
        asked.error = error.detail
        failures = int(cache.get(f"{resting}:count") or 0)
        cache.set(f"{resting}:count", failures + 1, timeout=3600)
        cache.set(resting, 1, timeout=rest_after(failures))
        with scope(workspace_id):
            note_error(channel, RECEIVING, error.detail)
    else:
        cache.delete_many([resting, f"{resting}:count"])
        with scope(workspace_id):
            note_working(channel, RECEIVING)


def rests(channel_id: int) -> bool:
    """Whether the channel's server is left alone for now."""
    return bool(cache.get(_rest(channel_id)))


def rest_after(failures: int) -> int:
    """Seconds to leave a server alone that has failed, after so many failures before."""
    return min(REST << min(failures, 10), LONGEST_REST)


def _rest(channel_id: int) -> str:
    return f"ask:rest:{channel_id}"


def _lock(channel_id: int) -> str:
    return f"ask:{channel_id}"
