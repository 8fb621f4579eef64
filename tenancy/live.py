"""Live push: tell open browsers that something they show has changed.

Only names and ids travel; the browser fetches the fragment again through the ordinary view, so there is one
permission path. A lost push costs freshness, never data: on reconnect a browser refetches all that it shows.
"""

from collections.abc import Iterable

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

log = structlog.get_logger(__name__)


def push(workspace_id: int, topic: str, ids: Iterable[int] = ()) -> None:
    """After commit, send `topic` with the ids of what changed to every browser that subscribed to it."""
    message: dict[str, object] = {"type": "changed", "topic": topic, "ids": sorted(set(ids))}
    transaction.on_commit(lambda: _send(group(workspace_id, topic), message), robust=True)


def group(workspace_id: int, topic: str) -> str:
    """The channel layer's group for a topic; a workspace's id is always part of it."""
    return f"w{workspace_id}.{topic}"


def _send(name: str, message: dict[str, object]) -> None:
    try:
        async_to_sync(get_channel_layer().group_send)(name, message)
    except Exception as error:  # noqa: BLE001 - Redis down must not fail what has been committed
        log.warning("live push lost", group=name, error=str(error))
