"""Made-up providers for the demo's channels, on this machine: so that somebody can play the customer.

The programs themselves are `tests/providers/playground/`; here the demo's channels are connected to them, as an
admin would connect them, and what the providers need to know is told.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from channels_ingest.services.facts import webhook_url
from contacts.models import Identity
from contacts.types import AddressKind
from conversations.models import Channel
from conversations.services.channels import secrets_of, token_of, update_channel
from omnidesk.demo.shop import ROSA

AUTHSERV = "mx.demo.example"
ACCOUNT_SID = f"AC{'0' * 31}1"
PEOPLE = ("Tess Okoye", "Hanna Petrov", "Peter Lindahl")
SHOPPER = {"name": ROSA["name"], "phone": "", "email": ROSA["email"]}  # whom the shop's page signs in


@dataclass(frozen=True, slots=True)
class Ports:
    """Where on loopback the made-up providers listen: for HTTP, and for mail."""

    http: int
    smtp: int


def connect(ports: Ports) -> dict[str, Any]:
    """Connect the open scope's text and mail channels; returns what the providers need to know of them."""
    texts = list(Channel.objects.filter(kind="sms", archived_at=None).order_by("id"))
    mailboxes = list(Channel.objects.filter(kind="email", archived_at=None, owner=None).order_by("id"))
    token = next((secrets_of(channel).get("auth_token") for channel in texts), None) or secrets.token_hex(16)
    for channel in texts:
        _give(channel, {"account_sid": ACCOUNT_SID}, {"auth_token": token})
    for channel in mailboxes:
        server = {"smtp_host": "127.0.0.1", "smtp_port": str(ports.smtp), "smtp_security": "none"}
        _give(channel, server | {"authserv_ids": AUTHSERV}, {})
    return {
        "ports": {"http": ports.http, "smtp": ports.smtp},
        "twilio": {
            "account_sid": ACCOUNT_SID,
            "auth_token": token,
            "numbers": [_told(channel, number=channel.address) for channel in texts],
        },
        "mail": {
            "authserv": AUTHSERV,
            "mailboxes": [_told(channel, address=channel.address) for channel in mailboxes],
        },
        "people": [*map(_person, PEOPLE), SHOPPER],
    }


def _give(channel: Channel, config: dict[str, str], sealed: dict[str, str]) -> None:
    """Give a channel settings that it lacks or that have changed."""
    if channel.config != channel.config | config or secrets_of(channel) != secrets_of(channel) | sealed:
        update_channel(channel=channel, member=None, config=channel.config | config, secrets=sealed)


def _told(channel: Channel, **facts: str) -> dict[str, str]:
    return {"name": channel.name, "hook": webhook_url(channel, token_of(channel))} | facts


def _person(name: str) -> dict[str, str]:
    """A customer with the addresses that the demo knows them by; empty where it knows none."""
    held = Identity.objects.filter(contact__name=name, holds=True).order_by("id")
    known = {identity.kind: identity.value for identity in held}
    phone = known.get(AddressKind.SMS) or known.get(AddressKind.PHONE) or ""
    return {"name": name, "phone": phone, "email": known.get(AddressKind.EMAIL, "")}
