"""What the contact floor takes in: addresses, with how far each can be trusted."""

from dataclasses import dataclass
from enum import StrEnum


class AddressKind(StrEnum):
    """On what kind of channel an address lives; an Identity is one address of one kind."""

    EMAIL = "email"
    PHONE = "phone"
    SMS = "sms"
    CHAT = "chat"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    INSTAGRAM = "instagram"
    X = "x"
    SLACK = "slack"
    TELEGRAM = "telegram"
    VIDEO = "video"
    API = "api"


class Proof(StrEnum):
    """How an address is known to belong to a contact, strongest first."""

    CONFIRMED = "confirmed"  # an agent said so
    ATTESTED = "attested"  # the provider vouches for it
    CLAIMED = "claimed"  # somebody wrote it; joins nobody


@dataclass(frozen=True, slots=True)
class Address:
    """One address as a channel reports it.

    `value` is the normalised key (lower-case e-mail with an IDNA domain, E.164 phone, provider's id);
    `verbatim` keeps what was written. `scope` is set where a provider's ids are only unique inside a
    business or team. `also` lists further addresses that the same source names for the same person
    (a Slack profile's e-mail, a WhatsApp phone number), each with a proof of its own.
    """

    kind: AddressKind
    value: str
    name: str = ""
    verbatim: str = ""
    scope: str = ""
    proof: Proof = Proof.CLAIMED
    also: tuple["Address", ...] = ()
