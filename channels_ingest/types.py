"""The typed events that adapters parse raw calls into; each is processed with a state of its own."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from contacts.types import Address, AddressKind, Proof
from conversations.types import Automatic, Capabilities, InboundMessage, IncomingFile

__all__ = [
    "Address",
    "AddressKind",
    "Automatic",
    "CallUpdate",
    "Capabilities",
    "Consent",
    "Delete",
    "Edit",
    "Ignored",
    "InboundMessage",
    "IncomingFile",
    "ParsedEvent",
    "Proof",
    "Reaction",
    "Receipt",
    "ReceiptStatus",
]


class ReceiptStatus(StrEnum):
    """What a provider says became of one Delivery, in rank order; a receipt never lowers it."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """News of a Delivery. `aliases` are provider ids under which it may be known, best first.

    `authenticated` is false when nobody vouches for the report (a bounce that fails DMARC-like checks is
    still matched by our own unguessable Message-ID). `entry` carries the report itself as a message to
    keep when no Delivery matches.
    """

    aliases: tuple[str, ...]
    status: ReceiptStatus
    external_id: str = ""
    recipient: str = ""
    code: str = ""
    detail: str = ""
    at: datetime | None = None
    unmatched: InboundMessage | None = None


@dataclass(frozen=True, slots=True)
class CallUpdate:
    """News of a phone or video call."""

    external_id: str
    status: str
    sender: Address
    at: datetime | None = None
    seconds: int | None = None
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edit:
    """The author changed a message at the provider: adds an EntryBody."""

    external_id: str
    text: str
    external_thread: str = ""
    html: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """A message was deleted at the provider. `erase` when its policy demands that the body goes too."""

    external_id: str
    external_thread: str = ""
    erase: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody put an emoji on a message, or took it away."""

    external_id: str
    sender: Address
    emoji: str
    external_thread: str = ""
    removed: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A person allows or forbids messages from this channel (STOP and START of text messages)."""

    sender: Address
    is_given: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """An authentic call that means nothing to us, with the reason people will read in the ledger."""

    reason: str


ParsedEvent = InboundMessage | Receipt | CallUpdate | Edit | Delete | Reaction | Consent | Ignored
