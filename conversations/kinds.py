"""What the core knows about each kind of channel; everything else is the adapter's business."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.types import AddressKind
from conversations.types import Capabilities

if TYPE_CHECKING:
    from contacts.models import Identity
    from conversations.models import Channel


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """`glyph` is also its colour (`data-channel`); `address` the kind of Identity that it reaches.

    `also` are further kinds that it reaches. `hold` is how long a send can be undone. `mails` says that messages
    carry Message-IDs of ours, a subject and copies; `live` that the other side reads at once, or is gone.
    """

    name: str
    label: str | Promise
    glyph: str
    address: AddressKind
    hold: timedelta = timedelta(0)
    mails: bool = False
    also: tuple[AddressKind, ...] = ()
    live: bool = False

    @property
    def reaches(self) -> tuple[AddressKind, ...]:
        """Every kind of address that a message on this kind of channel can be sent to, its own first."""
        return (self.address, *self.also)


_ALL = (
    ChannelKind("email", _("E-mail"), "email", AddressKind.EMAIL, timedelta(seconds=10), mails=True),
    ChannelKind("sms", _("SMS"), "sms", AddressKind.SMS, timedelta(seconds=5), also=(AddressKind.PHONE,)),
    ChannelKind("chat", _("Chat"), "chat", AddressKind.CHAT, live=True),
    ChannelKind("phone", _("Phone"), "phone", AddressKind.PHONE),
    ChannelKind("twilio-whatsapp", _("WhatsApp"), "whatsapp", AddressKind.WHATSAPP, timedelta(seconds=5)),
    ChannelKind("whatsapp", _("WhatsApp"), "whatsapp", AddressKind.WHATSAPP, timedelta(seconds=5)),
    ChannelKind("messenger", _("Messenger"), "messenger", AddressKind.MESSENGER, timedelta(seconds=5)),
    ChannelKind("instagram", _("Instagram"), "instagram", AddressKind.INSTAGRAM, timedelta(seconds=5)),
    ChannelKind("x", _("X"), "x", AddressKind.X, timedelta(seconds=5)),
    ChannelKind("slack", _("Slack"), "slack", AddressKind.SLACK, timedelta(seconds=5)),
    ChannelKind("telegram", _("Telegram"), "telegram", AddressKind.TELEGRAM, timedelta(seconds=5)),
    ChannelKind("zoom", _("Zoom"), "video", AddressKind.VIDEO),
    ChannelKind("api", _("API"), "api", AddressKind.API),
)
KINDS: dict[str, ChannelKind] = {kind.name: kind for kind in _ALL}


def reaches(channel: "Channel", identity: "Identity") -> bool:
    """Whether a message on a channel can be sent to an address: one of its kinds; a chat's only on its own site,
    which is the scope of a visitor's identity."""
    if identity.kind not in KINDS[channel.kind].reaches:
        return False
    return identity.kind != AddressKind.CHAT or identity.scope in {"", str(channel.pk)}


Limits = Callable[["Channel"], Capabilities]
_senders: dict[str, Limits] = {}


def register_sender(kind: str, capabilities: Limits) -> None:
    """Say that replies can leave on a kind of channel, and what one of that kind can carry."""
    _senders[kind] = capabilities


def can_send(kind: str) -> bool:
    """Whether a reply can leave on this kind of channel."""
    return kind in _senders


def capabilities(channel: "Channel") -> Capabilities:
    """What a channel can carry; nothing but text for one that nothing can be sent on."""
    limits = _senders.get(channel.kind)
    return limits(channel) if limits else Capabilities()
