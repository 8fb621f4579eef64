"""What an adapter gets to know of a channel."""

from collections.abc import Iterable

from django.db.models import QuerySet

from channels_ingest.base import ChannelFacts
from conversations.models import Channel
from conversations.services.channels import secrets_of


def facts_of(channel: Channel, own_addresses: Iterable[str] = ()) -> ChannelFacts:
    """A channel for its adapter, secrets opened. Raises Unsealable.

    `own_addresses` matter to parsing alone: mail from one of them is our own coming back.
    """
    return ChannelFacts(
        id=channel.pk,
        kind=channel.kind,
        config=channel.config,
        secrets=secrets_of(channel),
        started_at=channel.started_at,
        own_addresses=frozenset(own_addresses),
    )


def own_addresses() -> QuerySet[Channel, str]:
    """The addresses of the workspace's mail channels, archived ones too: their mail is still about."""
    return Channel.objects.filter(kind="email").exclude(address="").values_list("address", flat=True)
