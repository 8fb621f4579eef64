"""What the core knows about each kind of channel; everything else is the adapter's business."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.types import AddressKind


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """`glyph` is also its colour (`data-channel`); `address` the kind of Identity that it reaches.

    `hold` is how long a send can be undone. `mails` says that messages carry Message-IDs of ours, a subject
    and copies.
    """

    name: str
    label: str | Promise
    glyph: str
    address: AddressKind
    hold: timedelta = timedelta(0)
    mails: bool = False


_ALL = (
    ChannelKind("email", _("E-mail"), "email", AddressKind.EMAIL, timedelta(seconds=10), mails=True),
    ChannelKind("sms", _("SMS"), "sms", AddressKind.SMS, timedelta(seconds=5)),
    ChannelKind("chat", _("Chat"), "chat", AddressKind.CHAT),
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

_senders: set[str] = set()


def register_sender(kind: str) -> None:
    """Say that an adapter of this installation can send on a kind of channel."""
    _senders.add(kind)


def can_send(kind: str) -> bool:
    """Whether a reply can leave on this kind of channel."""
    return kind in _senders
