"""What the made-up Twilio keeps: numbers, messages and media, and how its API and its webhooks tell of them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from starlette.responses import Response

API = "/2010-04-01/Accounts"


def new_sid(prefix: str) -> str:
    """An id as Twilio makes them: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def now() -> datetime:
    """The time to the second, as Twilio keeps it."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Number:
    """A number of the account: a phone number or a short code, and where messages to it are told."""

    number: str
    sms_url: str = ""
    sms_method: str = "POST"
    sms_application_sid: str = ""
    can_text: bool = True
    name: str = ""

    @property
    def row(self) -> dict[str, Any]:
        key = "phone_number" if self.number.startswith("+") else "short_code"
        return {
            key: self.number,
            "friendly_name": self.name or self.number,
            "sms_url": self.sms_url,
            "sms_method": self.sms_method,
            "sms_application_sid": self.sms_application_sid,
            "capabilities": {"sms": self.can_text, "mms": self.can_text, "voice": True},
        }


@dataclass
class Media:
    """A file of a message. `redirect` is where its bytes are got, if not where they usually are; `answer` makes
    what is answered there instead of the bytes. `source` is where the sender has it, for Twilio to fetch."""

    content: bytes
    content_type: str = "image/jpeg"
    name: str = ""
    redirect: str = ""
    answer: Callable[[], Response] | None = None
    source: str = ""
    sid: str = field(default_factory=lambda: new_sid("ME"))


@dataclass
class Message:
    """One message between a number of ours and a customer's. `direction` is inbound, outbound-api or
    outbound-reply (Twilio's own answer to STOP and the like)."""

    account_sid: str
    number: str
    customer: str
    body: str
    direction: str
    status: str
    media: tuple[Media, ...] = ()
    callback: str = ""
    service: str = ""
    error_code: int | None = None
    at: datetime = field(default_factory=now)
    sent_at: datetime | None = None
    sid: str = field(default_factory=lambda: new_sid("SM"))

    @property
    def is_inbound(self) -> bool:
        return self.direction == "inbound"

    @property
    def sender(self) -> str:
        return self.customer if self.is_inbound else self.number

    @property
    def to(self) -> str:
        return self.number if self.is_inbound else self.customer

    @property
    def segments(self) -> int:
        """How many segments it is billed as; GSM 03.38 counted as Latin-1."""
        fits, whole, part = (True, 160, 153) if self.body.isascii() else (False, 70, 67)
        length = len(self.body) if fits else len(self.body.encode("utf-16-le")) // 2
        return 1 if length <= whole else -(-length // part)

    @property
    def path(self) -> str:
        return f"{API}/{self.account_sid}/Messages/{self.sid}"

    @property
    def row(self) -> dict[str, Any]:
        """The message as the API describes it."""
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "messaging_service_sid": self.service or None,
            "from": self.sender,
            "to": self.to,
            "body": self.body,
            "status": self.status,
            "direction": self.direction,
            "num_segments": str(self.segments),
            "num_media": str(len(self.media)),
            "date_created": format_datetime(self.at),
            "date_sent": format_datetime(self.sent_at) if self.sent_at else None,
            "error_code": self.error_code,
            "error_message": None,
            "price": None,
            "uri": f"{self.path}.json",
        }

    def media_row(self, media: Media) -> dict[str, Any]:
        """One of its files as the API describes it."""
        return {
            "sid": media.sid,
            "parent_sid": self.sid,
            "content_type": media.content_type,
            "uri": f"{self.path}/Media/{media.sid}.json",
        }

    def arrival(self, api: str) -> dict[str, str]:
        """The form by which a webhook tells of a customer's message; `api` is the API's base URL."""
        fields = {
            "ToCountry": "US",
            "SmsMessageSid": self.sid,
            "NumMedia": str(len(self.media)),
            "FromZip": "",
            "SmsSid": self.sid,
            "FromState": "WA",
            "SmsStatus": "received",
            "FromCity": "SEATTLE",
            "Body": self.body,
            "FromCountry": "US",
            "To": self.to,
            "NumSegments": str(self.segments),
            "MessageSid": self.sid,
            "AccountSid": self.account_sid,
            "From": self.sender,
            "ApiVersion": "2010-04-01",
        }
        for number, media in enumerate(self.media):
            fields[f"MediaUrl{number}"] = f"{api}{self.path}/Media/{media.sid}"
            fields[f"MediaContentType{number}"] = media.content_type
        return fields

    def report(self, status: str) -> dict[str, str]:
        """The form by which a webhook tells what became of a message."""
        fields = {
            "SmsSid": self.sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": self.to,
            "MessageSid": self.sid,
            "AccountSid": self.account_sid,
            "From": self.sender,
            "ApiVersion": "2010-04-01",
        }
        return fields | ({"ErrorCode": str(self.error_code)} if self.error_code else {})
