"""What the webhooks of all e-mail services have in common: they bring a mail, or news of one of ours."""

import binascii
import hmac
from abc import abstractmethod
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from channels_ingest.adapters.email.esp.forms import Malformed
from channels_ingest.adapters.email.parse import Envelope, mail_key, parse_mail, sender_of
from channels_ingest.base import MEGABYTE, ChannelFacts, Forged, Inlet, RawCall
from channels_ingest.types import Ignored, ParsedEvent


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, byte for byte where the service keeps it so, and what the service says of it."""

    raw: bytes
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail that the service keeps elsewhere, in `place`; `key` is what it calls it."""

    key: str
    place: tuple[str, str]
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class News:
    """What became of mails of ours; `key` tells this report from others."""

    key: str
    events: tuple[ParsedEvent, ...]


class ServiceInlet(Inlet):
    """The webhook of one e-mail service, for mail and for news alike."""

    service: str
    max_body = 50 * MEGABYTE  # mails of 25 to 35 MB, grown by a third in base64

    @abstractmethod
    def authenticate(self, call: RawCall, channel: ChannelFacts) -> None:
        """Check that the service sent this; raises Forged, and Malformed for what cannot be its."""

    @abstractmethod
    def read(self, body: bytes, headers: Mapping[str, str]) -> Letter | Kept | News:
        """What a call holds; raises Malformed."""

    def collect(self, mail: Kept, channel: ChannelFacts) -> bytes:
        """Get a mail that is kept elsewhere; raises AdapterError."""
        raise NotImplementedError

    def verify(self, call: RawCall, channel: ChannelFacts) -> None:
        """A channel is served by the one service that it names: another's webhook may ask for less proof."""
        if channel.config.get("esp") != self.service:
            raise Forged("This channel has another e-mail service, or none")
        try:
            self.authenticate(call, channel)
        except Malformed as error:
            raise Forged(str(error)) from error

    def seen_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """Of a mail what it has in common with itself, by whatever way it comes; of news the service's own
        id."""
        try:
            found = self.read(call.body, call.headers)
        except Malformed:
            return f"{self.service} {sha256(call.body).hexdigest()}"
        return mail_key(found.raw) if isinstance(found, Letter) else f"{self.service} {found.key}"

    def order_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """The sender of a mail, as claimed."""
        try:
            found = self.read(call.body, call.headers)
        except Malformed:
            return ""
        return sender_of(found.raw) if isinstance(found, Letter) else ""

    def parse(self, body: bytes, headers: Mapping[str, str], channel: ChannelFacts) -> list[ParsedEvent]:
        """A mail as the one mail parser reads it, or the receipts in a report. Raises AdapterError for a mail
        that is kept elsewhere and cannot be had."""
        try:
            found = self.read(body, headers)
        except Malformed as reason:
            return [Ignored(str(reason))]
        match found:
            case Letter():
                return parse_mail(found.raw, channel, found.envelope)
            case Kept():
                return parse_mail(self.collect(found, channel), channel, found.envelope)
            case News():
                return list(found.events) or [Ignored("It says nothing.")]


def check_password(call: RawCall, channel: ChannelFacts) -> None:
    """Where the channel has a secret, Basic authentication must show it: as user:password, or as the password
    of anybody. Raises Forged.

    401 and nothing else: a service that meets 403 gives up at once, and the mail would be lost to a typing
    error.
    """
    secret = channel.secrets.get("esp_secret", "").encode()
    if not secret:
        return
    scheme, _, credentials = call.headers.get("authorization", "").partition(" ")
    try:
        shown = b64decode(credentials.strip(), validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        shown = b""
    if b":" not in secret:
        shown = shown.partition(b":")[2]
    if not hmac.compare_digest(shown, secret):
        raise Forged("The user name or the password is wrong")
