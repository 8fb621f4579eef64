"""Whether a channel may bring more now, or has to come again later.

Asked of the ledger itself, so nothing is counted beside it and no server has to be up but the one that stores: has
the channel, or have all of its workspace, brought too much within a minute; do too many calls wait for workers? An
answer holds for two seconds in each process: what arrives meanwhile may go over the limits, and costs nothing.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from conversations.models import Channel

HOLDS = 2.0  # seconds
AGAIN_AFTER = 60  # seconds; in a minute the window has moved on, and workers have done something
MOST_KNOWN = 10_000  # channels

REASONS = {
    "backlog": "Too much of this workspace waits to be worked on",
    "workspace": "This workspace brings too much at once",
    "channel": "This channel brings too much at once",
}

# (until when it holds by the monotonic clock, the limit that is reached or "") by channel.
_answers: dict[int, tuple[float, str]] = {}


class Later(Exception):
    """Not now; `retry_after` is when to come again, in seconds."""

    retry_after = AGAIN_AFTER


def check(channel: Channel) -> None:
    """Raise Later when the channel, in the open scope of its workspace, may bring nothing more for now."""
    until, reached = _answers.get(channel.pk, (0.0, ""))
    if until <= time.monotonic():
        reached = _ask(channel)
        if len(_answers) >= MOST_KNOWN:
            _answers.clear()
        _answers[channel.pk] = (time.monotonic() + HOLDS, reached)
    if reached:
        raise Later(f"{REASONS[reached]}: try again later")


def forget() -> None:
    """Ask anew from now on."""
    _answers.clear()


def _ask(channel: Channel) -> str:
    """Which limit is reached; empty for none. Each is a walk along an index that ends at the limit."""
    asked = {
        "workspace": channel.workspace_id,
        "channel": channel.pk,
        "since": timezone.now() - timedelta(minutes=1),
        "backlog": settings.OMNIDESK_INBOUND_BACKLOG - 1,
        "most": settings.OMNIDESK_INBOUND_RATE_WORKSPACE - 1,
        "most_of_channel": settings.OMNIDESK_INBOUND_RATE - 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, asked)
        (reached,) = cursor.fetchone()
    return str(reached)


_REACHED = """
    SELECT CASE
        WHEN EXISTS (
            SELECT FROM channels_ingest_inboundevent
            WHERE workspace_id = %(workspace)s AND state IN ('pending', 'taken')
            ORDER BY due_at OFFSET %(backlog)s) THEN 'backlog'
        WHEN EXISTS (
            SELECT FROM channels_ingest_inboundevent
            WHERE workspace_id = %(workspace)s AND received_at > %(since)s
            ORDER BY received_at DESC, id DESC OFFSET %(most)s) THEN 'workspace'
        WHEN EXISTS (
            SELECT FROM channels_ingest_inboundevent
            WHERE workspace_id = %(workspace)s AND channel_id = %(channel)s AND received_at > %(since)s
            ORDER BY received_at DESC, id DESC OFFSET %(most_of_channel)s) THEN 'channel'
        ELSE '' END
"""
