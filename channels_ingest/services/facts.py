"""What an adapter gets to know of a channel."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from channels_ingest.base import HOOKS, ChannelFacts
from conversations.models import Channel
from conversations.services.channels import open_secrets


def facts_of(channel: Channel, own_addresses: Iterable[str] = ()) -> ChannelFacts:
    """A channel for its adapter, secrets opened. Raises Unsealable.

    `own_addresses` matter to parsing alone: mail from one of them is our own coming back.
    """
    secrets, token = open_secrets(channel)
    return ChannelFacts(
        id=channel.pk,
        kind=channel.kind,
        config=channel.config,
        secrets=secrets,
        started_at=channel.started_at,
        own_addresses=frozenset(own_addresses),
        hook_url=webhook_url(channel, token),
    )


def shown_facts(channel: Channel) -> ChannelFacts:
    """What may be seen of a channel, for what an adapter says of it without its secrets."""
    return ChannelFacts(
        id=channel.pk, kind=channel.kind, config=channel.config, secrets={}, started_at=channel.started_at
    )


def webhook_url(channel: Channel, token: str) -> str:
    """Where the provider delivers to; empty for a kind that has no webhook.

    A mail channel with an e-mail service names that service's address, else the one for raw mail.
    """
    service = channel.config.get("esp", "")
    providers = [service] if HOOKS.get(service) == channel.kind else []
    providers += [provider for provider, kind in HOOKS.items() if kind == channel.kind]
    if not providers:
        return ""
    return settings.PUBLIC_URL + reverse("channels_ingest:hook", args=[providers[0], token])


def own_addresses() -> QuerySet[Channel, str]:
    """The addresses of the workspace's mail channels, archived ones too: their mail is still about."""
    return Channel.objects.filter(kind="email").exclude(address="").values_list("address", flat=True)
