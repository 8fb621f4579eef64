"""Channels: making, changing and retiring them, their secrets, and how they are doing."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from conversations.models import Channel
from tenancy.live import push
from tenancy.models import Brand, Locator, Member
from tenancy.scope import current_workspace_id
from tenancy.seal import seal, unseal
from tenancy.services import audit, locators

HEALTH_EVERY = timedelta(minutes=1)
RECEIVING, SENDING = "Receiving", "Sending"
# The token is kept among the sealed secrets, so that the settings page can show the webhook URL again.
_TOKEN = "hook token"  # noqa: S105 - the name of a secret


def create_channel(
    *,
    kind: str,
    name: str,
    config: Mapping[str, str],
    secrets: Mapping[str, str],
    brand: Brand | None = None,
    member: Member | None = None,
) -> tuple[Channel, str]:
    """Connect a channel; returns it and the token of its webhook address (192 random bits).

    `config` is what people may see, `secrets` is encrypted. Without a brand it gets the workspace's first.
    """
    token = locators.new_secret()
    channel = Channel.objects.create(
        kind=kind,
        name=name,
        brand=brand or Brand.objects.filter(archived_at=None).earliest("id"),
        address=_address(config),
        config=dict(config),
        sealed=seal({**secrets, _TOKEN: token}),
    )
    _let_in(channel, token)
    audit.record(member=member, action="channel.created", target=name, data={"kind": kind, "id": channel.pk})
    _changed(channel)
    return channel, token


def update_channel(
    *,
    channel: Channel,
    member: Member | None,
    name: str | None = None,
    config: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    brand: Brand | None = None,
    is_enabled: bool | None = None,
) -> None:
    """Replace the settings that are given. Of the secrets, those not named stay and empty ones go.

    Raises Unsealable when the stored secrets cannot be opened.
    """
    before = _visible(channel)
    channel.name = channel.name if name is None else name
    channel.config = channel.config if config is None else dict(config)
    channel.address = _address(channel.config)
    channel.brand = brand or channel.brand
    channel.is_enabled = channel.is_enabled if is_enabled is None else is_enabled
    kept = unseal(channel.sealed) | dict(secrets or {})
    channel.sealed = seal({key: value for key, value in kept.items() if value})
    channel.save(update_fields=["name", "config", "address", "brand", "is_enabled", "sealed"])
    after = _visible(channel)
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    data = {"id": channel.pk, "changed": changed, "secrets": sorted(secrets or {})}
    audit.record(member=member, action="channel.changed", target=channel.name, data=data)
    _changed(channel)


def archive_channel(*, channel: Channel, member: Member | None) -> None:
    """Retire a channel for good; its timeline stays, and its webhook address answers that it is gone."""
    channel.archived_at, channel.is_enabled = timezone.now(), False
    channel.save(update_fields=["archived_at", "is_enabled"])
    audit.record(member=member, action="channel.archived", target=channel.name, data={"id": channel.pk})
    _changed(channel)


def rotate_token(*, channel: Channel, member: Member | None) -> str:
    """Give the webhook address a new token; the old one is refused from now on. Returns the new one."""
    token = locators.new_secret()
    channel.sealed = seal({**unseal(channel.sealed), _TOKEN: token})
    channel.save(update_fields=["sealed"])
    locators.forget(kind=Locator.Kind.CHANNEL, target_id=channel.pk)
    _let_in(channel, token)
    audit.record(member=member, action="channel.token_rotated", target=channel.name, data={"id": channel.pk})
    _changed(channel)
    return token


def open_secrets(channel: Channel) -> tuple[dict[str, str], str]:
    """The provider's secrets of a channel, and the token of its webhook address. Raises Unsealable."""
    opened = unseal(channel.sealed)
    token = opened.pop(_TOKEN)
    return opened, token


def secrets_of(channel: Channel) -> dict[str, str]:
    """The provider's secrets of a channel, opened. Raises Unsealable."""
    return open_secrets(channel)[0]


def token_of(channel: Channel) -> str:
    """The token of a channel's webhook address. Raises Unsealable."""
    return open_secrets(channel)[1]


def reseal_channel(channel: Channel) -> None:
    """Put a channel's secrets under the newest encryption key. Raises Unsealable."""
    channel.sealed = seal(unseal(channel.sealed))
    channel.save(update_fields=["sealed"])


def note_received(channel: Channel) -> None:
    """Keep that the channel has just received something, and that receiving works."""
    if _is_news(channel.last_received_at) or channel.last_error.startswith(RECEIVING):
        channel.last_received_at = timezone.now()
        _write_health(channel, RECEIVING, "last_received_at")


def note_sent(channel: Channel) -> None:
    """Keep that the channel has just sent something, and that sending works."""
    if _is_news(channel.last_sent_at) or channel.last_error.startswith(SENDING):
        channel.last_sent_at = timezone.now()
        _write_health(channel, SENDING, "last_sent_at")


def note_working(channel: Channel, doing: str) -> None:
    """Take back an earlier error of RECEIVING or SENDING: it works again, though nothing came or went."""
    if channel.last_error.startswith(doing):
        _write_health(channel, doing)


def note_error(channel: Channel, doing: str, error: str) -> None:
    """Keep why RECEIVING or SENDING does not work; shown beside the channel until it works again."""
    text = f"{doing}: {error}"[:2000]
    if text != channel.last_error or _is_news(channel.last_error_at):
        channel.last_error, channel.last_error_at = text, timezone.now()
        _write_health(channel, "", "last_error", "last_error_at")


def _is_news(at: datetime | None) -> bool:
    """Health is written once a minute: every message would make the channel a row that all wait for."""
    return at is None or at < timezone.now() - HEALTH_EVERY


def _write_health(channel: Channel, works: str, *fields: str) -> None:
    """Write health fields, and no error any more for what `works`, unless somebody else is just writing.

    NO KEY, as any entry that refers to the channel holds its key.
    """
    values = {field: getattr(channel, field) for field in fields}
    if works and channel.last_error.startswith(works):
        channel.last_error = values["last_error"] = ""
    free = Channel.objects.filter(pk=channel.pk).select_for_update(skip_locked=True, no_key=True)
    if Channel.objects.filter(pk__in=free.values("pk")).update(**values):
        push(current_workspace_id(), "channels", [channel.pk])


def _let_in(channel: Channel, token: str) -> None:
    locators.make(kind=Locator.Kind.CHANNEL, key=locators.digest(token), target_id=channel.pk)


def _visible(channel: Channel) -> dict[str, object]:
    """A channel's settings that are no secrets, for comparing."""
    named = {"name": channel.name, "brand": channel.brand_id, "enabled": channel.is_enabled}
    return {**channel.config, **named}


def _address(config: Mapping[str, str]) -> str:
    """What people know a channel by: an e-mail address or a number; empty for the others."""
    return (config.get("address") or config.get("number") or "").strip().lower()


def _changed(channel: Channel) -> None:
    push(current_workspace_id(), "channels", [channel.pk])
