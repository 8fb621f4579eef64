"""Calls as Twilio makes them, and a channel that they are for."""

import base64
import hmac
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any
from urllib.parse import urlencode

from channels_ingest.base import ChannelFacts, RawCall

SID = "AC" + "1" * 32
TOKEN = "an auth token"
NUMBER = "+12065550100"
THEIRS = "+12065550142"
HOOK = "https://desk.example/hooks/twilio-sms/t/"
FORM = "application/x-www-form-urlencoded"


def channel(*, token: str = TOKEN, hook_url: str = HOOK, **config: str) -> ChannelFacts:
    return ChannelFacts(
        id=1,
        kind="sms",
        config={"account_sid": SID, "number": NUMBER} | config,
        secrets={"auth_token": token},
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        hook_url=hook_url,
    )


def form(**fields: str) -> bytes:
    """The form of a message from a customer, with `fields` put in or, when None, left out."""
    usual: dict[str, Any] = {
        "MessageSid": "SM1",
        "SmsSid": "SM1",
        "AccountSid": SID,
        "From": THEIRS,
        "To": NUMBER,
        "Body": "Where is my order?",
        "NumMedia": "0",
        "NumSegments": "1",
        "FromCity": "SEATTLE",
        "FromState": "WA",
        "FromCountry": "US",
        "FromZip": "",
        "ApiVersion": "2010-04-01",
    }
    return urlencode({name: value for name, value in (usual | fields).items() if value is not None}).encode()


def news(status: str, **fields: str) -> bytes:
    """The form of a report on a message of ours."""
    return urlencode(
        {
            "MessageSid": "SM9",
            "AccountSid": SID,
            "From": NUMBER,
            "To": THEIRS,
            "MessageStatus": status,
            "ErrorCode": "",
        }
        | fields
    ).encode()


def sign(signed: str, token: str = TOKEN) -> str:
    """Twilio's signature over the URL and what follows it."""
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), sha1).digest()).decode()


def call(body: bytes = b"", *, method: str = "POST", url: str = HOOK, **headers: str) -> RawCall:
    """A call as the core hands it over; header names with underscores."""
    query = dict(pair.split("=", 1) for pair in url.partition("?")[2].split("&") if "=" in pair)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawCall(method, "/hooks/twilio-sms/t/", named, query, body, "192.0.2.1", url)
