"""What every adapter is: verify and parse in, send out. It stores nothing and knows no database.

A webhook call goes `verify` -> `handshake` -> stored under `seen_key` -> `respond`; a worker then calls
`parse` on the stored bytes. `send` hands one message to one recipient and ends in a SendResult or in the
one AdapterError, which says whether trying again can help and whether the message may have left.

The half that calls come in by is an Inlet: an adapter is one, and a provider whose webhooks speak otherwise than
the channel's own (Postmark, for a mail channel) has one of its own.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache

from django.utils.module_loading import import_string

from channels_ingest.types import Address, Capabilities, IncomingFile, ParsedEvent

MEGABYTE = 1024 * 1024

ADAPTERS = {
    "email": "channels_ingest.adapters.email.adapter.EmailAdapter",
    "sms": "channels_ingest.adapters.twilio.sms.SmsAdapter",
    "chat": "channels_ingest.adapters.chat.ChatAdapter",
}
# What calls to /hooks/<provider>/ are for: the kind of channel.
HOOKS = {"mail": "email", "twilio-sms": "sms"}
# An e-mail service brings mail to a mail channel that names it.
HOOKS |= dict.fromkeys(("mailgun", "postmark", "ses", "sendgrid"), "email")
# How the calls of a provider come in, where that is not by the adapter of the kind itself.
INLETS = {
    "mailgun": "channels_ingest.adapters.email.esp.mailgun.MailgunInlet",
    "postmark": "channels_ingest.adapters.email.esp.postmark.PostmarkInlet",
    "ses": "channels_ingest.adapters.email.esp.ses.SesInlet",
    "sendgrid": "channels_ingest.adapters.email.esp.sendgrid.SendGridInlet",
}


class AdapterError(Exception):
    """A send, a fetch or a poll that failed. `code` is for machines, `detail` tells a person what to do.

    Some codes mean something to the core: auth, connect, tls, host and config are the channel's trouble, not the
    recipient's; `opted_out` says that the recipient wants no more messages from this channel.

    `retryable`: the same call may succeed later, after `retry_after` seconds if given. `uncertain`: the
    message may have arrived, so it must not be handed over again blindly.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        retryable: bool,
        uncertain: bool = False,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retryable = retryable
        self.uncertain = uncertain
        self.retry_after = retry_after


class NotSent(AdapterError):
    """The provider has the message, did not send it, and never will."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail, retryable=False)


class Forged(Exception):
    """The call does not come from whom it claims: answered with `status` (401 or 403), stored nowhere."""

    def __init__(self, reason: str, status: int = 401) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(frozen=True, slots=True)
class RawCall:
    """One HTTP call as received; header names are lower-case. Signatures are checked over `body` itself.

    `url` is the whole address as the provider knows it, query included, built on the installation's public one.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    remote: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What an adapter gets to know of a channel. `secrets` are decrypted, and kept out of every repr.

    `own_addresses` are the normalised addresses that the workspace's channels answer to: mail from one of
    them is our own coming back. `hook_url` is where the provider delivers to: a secret, as its token is.
    """

    id: int
    kind: str
    config: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    started_at: datetime
    own_addresses: frozenset[str] = frozenset()
    hook_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What a provider is told."""

    status: int = 200
    content_type: str = "text/plain"
    body: bytes = b""


class Outcome(StrEnum):
    """What became of an authentic call, for `respond`."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """One setting of a channel: the settings form, `create_channel` and the API all read these.

    `section` heads it and those that follow. `when` is another setting, one of choices, and those of its values at
    which this one matters, each with what helps there instead of `help`.
    """

    name: str
    label: str
    help: str = ""
    required: bool = False
    secret: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""
    section: str = ""
    when: tuple[str, Mapping[str, str]] | None = None

    def matters(self, values: Mapping[str, str]) -> bool:
        """Whether it does beside these settings."""
        return self.when is None or values.get(self.when[0], "") in self.when[1]


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to one recipient. `to` and `cc` are what the message shows; only `recipient` is sent to, and
    those in `also` where the adapter carries copies along.

    Message ids are bare, without angle brackets. `reply_to` is where answers go (with a signed token),
    `sender` the address and name it is from. `auto` marks what no person wrote.
    """

    recipient: Address
    sender: Address
    text: str
    also: tuple[Address, ...] = ()
    message_id: str = ""
    subject: str = ""
    html: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: Address | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: tuple[IncomingFile, ...] = ()
    at: datetime | None = None
    auto: bool = False


@dataclass(frozen=True, slots=True)
class SendResult:
    """A message that was handed over: every id the provider may speak of it by, and what it answered.

    `refused` are those of several recipients that it would not take, by address, with its words.
    """

    aliases: tuple[str, ...]
    detail: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """One step of a connection test."""

    name: str
    ok: bool
    detail: str = ""


class Inlet(ABC):
    """One way for a provider's calls to come in. Stateless: one instance serves every channel."""

    max_body: int = 2 * MEGABYTE  # bytes; a larger call is answered 413 before anything is read
    too_much: int = 429  # the status that has the provider deliver again later

    @abstractmethod
    def verify(self, call: RawCall, channel: ChannelFacts) -> None:
        """Check in constant time that the provider sent this; raises Forged, and nothing else on garbage."""

    def handshake(self, call: RawCall, channel: ChannelFacts) -> Response | None:
        """The answer to a verified call that only greets (a challenge): it is stored nowhere."""
        return None

    @abstractmethod
    def seen_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """The key, at most 200 characters, that a redelivery of the same call has in common with it."""

    def order_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """Calls with the same key are processed in order; empty when order does not matter."""
        return ""

    def respond(self, call: RawCall, outcome: Outcome) -> Response:
        """What the provider wants to read once the call is stored."""
        return Response()

    @abstractmethod
    def parse(self, body: bytes, headers: Mapping[str, str], channel: ChannelFacts) -> list[ParsedEvent]:
        """What a stored call means. Never raises on what a stranger may write: that becomes Ignored."""


class Adapter(Inlet):
    """One kind of channel: its own way in, and the way out."""

    kind: str
    config_keys: tuple[ConfigKey, ...] = ()

    @property
    def secret_keys(self) -> frozenset[str]:
        """Names of the settings that are stored encrypted and never shown."""
        return frozenset(key.name for key in self.config_keys if key.secret)

    @abstractmethod
    def send(self, message: OutboundMessage, channel: ChannelFacts) -> SendResult:
        """Hand one message over; raises AdapterError."""

    @abstractmethod
    def capabilities(self, channel: ChannelFacts) -> Capabilities:
        """What the composer may offer. `channel` comes without secrets."""

    def carries_copies(self, channel: ChannelFacts) -> bool:
        """Whether one call hands a message to all of its recipients, so that each must not get one of its own."""
        return False

    def fetch(self, source: str, channel: ChannelFacts) -> IncomingFile:
        """Get a file that a message only named (IncomingFile.source), from the provider's hosts alone and no more
        than its limit; raises AdapterError."""
        raise AdapterError("unknown", "This kind of channel has no files to fetch.", retryable=False)

    def missed(self, channel: ChannelFacts, since: datetime) -> Iterator[RawCall]:
        """What the provider holds since then, as the calls it would have made; those that came are found by their
        seen key. Raises AdapterError."""
        return iter(())

    def outcome(self, message: OutboundMessage, channel: ChannelFacts) -> SendResult | None:
        """Ask the provider whether a message whose sending broke off arrived; None when it does not list it.

        Raises NotSent when it arrived there and goes no further, and another AdapterError when asking failed or
        nobody can tell.
        """
        return None

    def check(self, channel: ChannelFacts) -> Iterator[Check]:
        """Test the connection step by step, ending with the first step that fails."""
        return iter(())


@cache
def adapter_for(kind: str) -> Adapter:
    """The adapter of a kind of channel, loaded when first asked for; raises KeyError for an unknown kind."""
    adapter: Adapter = import_string(ADAPTERS[kind])()
    return adapter


@cache
def inlet_for(provider: str) -> Inlet:
    """What takes the calls to /hooks/<provider>/; raises KeyError for an unknown provider."""
    if provider not in INLETS:
        return adapter_for(HOOKS[provider])
    inlet: Inlet = import_string(INLETS[provider])()
    return inlet
