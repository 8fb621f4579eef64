"""Having a worker ask a provider now, as somebody wants it."""

from celery import current_app
from django.db import transaction

from conversations.models import Channel


def fetch_missed_soon(channel: Channel) -> None:
    """After commit, have fetched what the channel missed, without waiting out an earlier failure.

    Redis away, nobody asks until the next round, which asks for all channels.
    """
    arguments = (channel.workspace_id, channel.pk)
    transaction.on_commit(
        lambda: current_app.send_task("channels_ingest.catch_up_one", arguments, {"patient": False}),
        robust=True,
    )
