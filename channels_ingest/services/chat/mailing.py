"""Whether what a visitor does not fetch can follow them by mail, and where to."""

from dataclasses import dataclass

from contacts.models import Identity
from contacts.types import AddressKind, Proof
from conversations import kinds
from conversations.models import Channel


@dataclass(frozen=True, slots=True)
class Way:
    """A mail channel, and an address of the visitor's that somebody vouches for."""

    channel: Channel
    identity: Identity


def way_to(visitor: Identity, *, brand_id: int) -> Way | None:
    """The mailbox of a visitor's contact and the brand's mail channel, else another of the workspace."""
    mailbox = mailbox_of(visitor)
    channel = channel_for(brand_id) if mailbox else None
    return Way(channel, mailbox) if channel and mailbox else None


def mailbox_of(visitor: Identity) -> Identity | None:
    """The newest mail address of the same contact that is attested or confirmed, and nobody else's too."""
    held = Identity.objects.filter(
        contact=visitor.contact_id,
        kind=AddressKind.EMAIL,
        holds=True,
        is_shared=False,
        proof__in=[Proof.ATTESTED, Proof.CONFIRMED],
    )
    return held.order_by("-id").first()


def channel_for(brand_id: int) -> Channel | None:
    """A mail channel that can send, the brand's own before any other."""
    mailing = [kind.name for kind in kinds.KINDS.values() if kind.mails and kinds.can_send(kind.name)]
    open_ones = Channel.objects.filter(
        kind__in=mailing, archived_at=None, is_enabled=True, owner=None
    ).order_by("id")
    able = [channel for channel in open_ones if _can_send(channel)]
    return next((channel for channel in able if channel.brand_id == brand_id), next(iter(able), None))


def masked(address: str) -> str:
    """An address that its owner recognises and nobody else can write to: r•••@x.example."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _can_send(channel: Channel) -> bool:
    """Whether the channel names a server, or a service, that takes its mail."""
    return bool(channel.config.get("smtp_host") or channel.config.get("esp"))
