"""A channel as the settings pages look at it: its settings, its secrets, its address."""

from django.shortcuts import get_object_or_404

from channels_ingest.base import ADAPTERS, ConfigKey
from channels_ingest.services import configure
from channels_ingest.services.facts import webhook_url
from conversations.models import Channel
from conversations.services import channels
from tenancy.seal import Unsealable


def find(pk: int) -> Channel:
    """A channel that is not archived; raises Http404."""
    return get_object_or_404(Channel.objects.select_related("brand"), pk=pk, archived_at=None)


def keys_of(row: Channel) -> tuple[ConfigKey, ...]:
    """What can be set on it; nothing on a kind that no adapter here knows."""
    return configure.config_keys(row.kind) if row.kind in ADAPTERS else ()


def stored_secrets(row: Channel) -> dict[str, str]:
    """The stored secrets; none, so that they are asked for again, when no key opens them any more."""
    try:
        return channels.secrets_of(row)
    except Unsealable:
        return {}


def token_of(row: Channel) -> str:
    """The token in its public addresses; empty when no key opens it."""
    try:
        return channels.token_of(row)
    except Unsealable:
        return ""


def address_of(row: Channel) -> str:
    """Where its provider delivers to; empty for a kind without webhook, and when no key opens its token."""
    token = token_of(row)
    return webhook_url(row, token) if token else ""
