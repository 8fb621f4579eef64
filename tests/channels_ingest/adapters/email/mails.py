"""Mails to read, and the channel that they come to."""

from datetime import UTC, datetime

from channels_ingest.adapters.email.parse import parse_mail
from channels_ingest.base import ChannelFacts
from channels_ingest.types import InboundMessage, ParsedEvent, Receipt

START = datetime(2026, 3, 1, tzinfo=UTC)
HEADERS = {
    "From": "Jane Doe <jane@customer.example>",
    "To": "support@acme.example",
    "Subject": "Printer",
    "Date": "Mon, 02 Mar 2026 10:00:00 +0100",
    "Message-ID": "<q1@customer.example>",
}


def channel(**config: str) -> ChannelFacts:
    """A channel for support@acme.example that trusts mx.acme.example."""
    password = {"imap_password": "a secret", "smtp_password": "a secret"}
    known = {"address": "support@acme.example", "authserv_ids": "mx.acme.example"}
    return ChannelFacts(id=1, kind="email", config=known | config, secrets=password, started_at=START)


def mail(body: str | bytes = "It is on fire.", *, top: str = "", **headers: str | None) -> bytes:
    """A mail; keywords replace headers (message_id for Message-ID), None leaves one out; `top` goes above all."""
    given = {name.replace("_", "-").title().replace("-Id", "-ID"): value for name, value in headers.items()}
    fields = {name: value for name, value in (HEADERS | given).items() if value is not None}
    head = top + "".join(f"{name}: {value}\n" for name, value in fields.items())
    content = body.encode() if isinstance(body, str) else body
    return head.encode("utf-8", "surrogateescape") + b"\n" + content


def multipart(*parts: str, subtype: str = "mixed", boundary: str = "=_b") -> dict[str, str]:
    """Keywords for `mail`: a multipart of parts, each with its own headers."""
    inner = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return {
        "body": f"{inner}--{boundary}--\n",
        "content_type": f'multipart/{subtype}; boundary="{boundary}"',
    }


def events(raw: bytes, **config: str) -> list[ParsedEvent]:
    """What a mail means to the channel."""
    return parse_mail(raw, channel(**config))


def message(raw: bytes, **config: str) -> InboundMessage:
    """The one message that a mail is."""
    [found] = events(raw, **config)
    assert isinstance(found, InboundMessage), found
    return found


def receipt(raw: bytes) -> Receipt:
    """The one receipt that a mail is."""
    [found] = events(raw)
    assert isinstance(found, Receipt), found
    return found
