"""Calls of e-mail services as they document them, with contents made up."""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from channels_ingest.base import ChannelFacts, Inlet, RawCall
from channels_ingest.types import InboundMessage, ParsedEvent
from tests.channels_ingest.adapters.email.mails import mail

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = 1_772_442_000  # 2026-03-02 09:00 UTC
SECRET = "a signing key"
BOUNDARY = "=_form"
TOKEN = "b" * 32
RECIPIENT = f"support+{TOKEN}@acme.example"
# What Mailgun's own server puts above all that came with the mail.
MAILGUNS = (
    "X-Mailgun-Dkim-Check-Result: Pass\nX-Mailgun-Spf: Pass\nX-Mailgun-Sflag: No\n"
    "Received: from mail.customer.example by mxa.mailgun.org\n"
)


def channel(esp: str, secret: str = SECRET, **config: str) -> ChannelFacts:
    """A channel for support@acme.example that is served by `esp`."""
    known = {"address": "support@acme.example", "esp": esp}
    return ChannelFacts(
        id=1, kind="email", config=known | config, secrets={"esp_secret": secret}, started_at=START
    )


def call(body: bytes, content_type: str = "application/json", **headers: str) -> RawCall:
    """A call with this body; keywords are further headers."""
    given = {"content-type": content_type} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return RawCall(method="POST", path="/hooks/x/t/", headers=given, query={}, body=body, remote="192.0.2.1")


def json_call(data: object, **headers: str) -> RawCall:
    return call(json.dumps(data).encode(), **headers)


def form_call(fields: Mapping[str, str | bytes], *files: tuple[str, str, str, bytes]) -> RawCall:
    """A multipart form; a file is (field, name, type, content)."""
    body = b""
    for name, value in fields.items():
        content = value.encode() if isinstance(value, str) else value
        body += (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
            + content
            + b"\r\n"
        )
    for field, name, content_type, content in files:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        body += head.encode() + f"Content-Type: {content_type}\r\n\r\n".encode() + content + b"\r\n"
    return call(body + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}")


def url_call(fields: Mapping[str, str | bytes]) -> RawCall:
    return call(urlencode(fields).encode(), "application/x-www-form-urlencoded")


def basic(credentials: str) -> str:
    return "Basic " + b64encode(credentials.encode()).decode()


def signed_by_mailgun(timestamp: int = NOW, token: str = "t1", key: str = SECRET) -> dict[str, str]:
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), "sha256").hexdigest()
    return {"timestamp": str(timestamp), "token": token, "signature": signature}


def mailgun_raw(raw: bytes | None = None, /, **fields: str) -> RawCall:
    """A mail as a route to an address that ends in mime forwards it."""
    about = {"recipient": RECIPIENT, "sender": "jane@customer.example", "subject": "Printer"}
    raw = mail(top=MAILGUNS + "DKIM-Signature: v=1; d=customer.example; s=x\n") if raw is None else raw
    return form_call(about | signed_by_mailgun() | fields | {"body-mime": raw})


def mailgun_event(event: str, token: str = "t1", /, **about: Any) -> RawCall:
    data = {
        "event": event,
        "id": "ev-1",
        "timestamp": float(NOW),
        "recipient": "jane@customer.example",
        "message": {"headers": {"message-id": "m1@acme.example", "to": "jane@customer.example"}},
    }
    return json_call({"signature": signed_by_mailgun(token=token), "event-data": data | about})


def postmark_mail(**fields: Any) -> dict[str, Any]:
    """A mail as Postmark takes it apart."""
    return {
        "MessageID": "7b0c-demo",
        "FromFull": {"Email": "jane@customer.example", "Name": "Jane Doe", "MailboxHash": ""},
        "ToFull": [{"Email": RECIPIENT, "Name": "Support", "MailboxHash": TOKEN}],
        "CcFull": [{"Email": "bob@customer.example", "Name": "", "MailboxHash": ""}],
        "BccFull": [],
        "OriginalRecipient": RECIPIENT,
        "MailboxHash": TOKEN,
        "Subject": "Re: Printer",
        "Date": "Mon, 02 Mar 2026 10:00:00 +0100",
        "TextBody": "It is still on fire.",
        "HtmlBody": "",
        "StrippedTextReply": "It is still on fire.",
        "Headers": [
            {"Name": "Return-Path", "Value": "<jane@customer.example>"},
            {"Name": "X-Spam-Status", "Value": "No"},
            {"Name": "Message-ID", "Value": "<q1@customer.example>"},
            {"Name": "References", "Value": "<t55.9@acme.example>"},
        ],
        "Attachments": [],
    } | fields


def postmark_event(record: str, **fields: Any) -> dict[str, Any]:
    about = {"RecordType": record, "MessageID": "pm-1", "Metadata": {"message-id": "m1@acme.example"}}
    return about | {"Recipient": "jane@customer.example"} | fields


def sendgrid_raw(raw: bytes | None = None, /, **fields: str) -> RawCall:
    """A mail as Inbound Parse forwards it with its raw setting on."""
    about = {
        "envelope": json.dumps({"to": [RECIPIENT], "from": "jane@customer.example"}),
        "SPF": "pass",
        "dkim": "{@customer.example : pass}",
        "spam_score": "0.1",
    }
    return form_call(about | fields | {"email": mail() if raw is None else raw})


def sendgrid_event(event: str, **fields: Any) -> dict[str, Any]:
    about = {
        "event": event,
        "email": "jane@customer.example",
        "timestamp": NOW,
        "sg_event_id": f"id of {event}",
    }
    return about | {"sg_message_id": "sg1.filter0001", "message-id": "m1@acme.example"} | fields


def ses_mail(raw: bytes | None = None, /, **fields: Any) -> dict[str, Any]:
    """What SES tells of a mail, which an SNS action carries along."""
    verdicts = {f"{name}Verdict": {"status": "PASS"} for name in ("spf", "dkim", "dmarc", "spam", "virus")}
    action = {"type": "SNS", "encoding": "BASE64"}
    return {
        "notificationType": "Received",
        "receipt": {"recipients": [RECIPIENT], "action": action, **verdicts},
        "mail": {
            "messageId": "ses-in-1",
            "source": "jane@customer.example",
            "headersTruncated": False,
            "headers": [],
        },
        "content": b64encode(mail() if raw is None else raw).decode(),
    } | fields


def ses_event(kind: str, **fields: Any) -> dict[str, Any]:
    about = {
        "messageId": "ses-1",
        "destination": ["jane@customer.example"],
        "commonHeaders": {"messageId": "<m1@acme.example>"},
    }
    return {"eventType": kind, "mail": about} | fields


def read(inlet: Inlet, made: RawCall, facts: ChannelFacts) -> list[ParsedEvent]:
    """What a call means; it is verified first."""
    inlet.verify(made, facts)
    return inlet.parse(made.body, made.headers, facts)


def the_message(inlet: Inlet, made: RawCall, facts: ChannelFacts) -> InboundMessage:
    """The one message that a call brings."""
    [found] = read(inlet, made, facts)
    assert isinstance(found, InboundMessage), found
    return found
