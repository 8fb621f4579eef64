"""Postmark: its inbound and its event webhooks.

https://postmarkapp.com/developer/webhooks/inbound-webhook
https://postmarkapp.com/developer/webhooks/webhooks-overview
"""

from collections.abc import Iterator, Mapping
from typing import Any

from anymail.webhooks.postmark import PostmarkTrackingWebhookView

from channels_ingest.adapters.email.esp.forms import (
    Malformed,
    Upload,
    object_in,
    objects_in,
    read_object,
    text_in,
)
from channels_ingest.adapters.email.esp.inlet import Letter, News, ServiceInlet, check_password
from channels_ingest.adapters.email.esp.places import OUR_ID
from channels_ingest.adapters.email.esp.rebuilt import Attached, mailbox, rebuild
from channels_ingest.adapters.email.esp.tracking import parser, receipt, understood
from channels_ingest.adapters.email.headers import decode_base64
from channels_ingest.adapters.email.mime import safe_name
from channels_ingest.adapters.email.parse import Envelope
from channels_ingest.base import ChannelFacts, RawCall

_events = parser(PostmarkTrackingWebhookView)


class PostmarkInlet(ServiceInlet):
    """Mail as JSON, raw mail included where the stream says so; events as JSON at the same address.

    Postmark signs nothing: the secret token in the address says who calls, and a password in it where there
    is one.
    """

    service = "postmark"

    def authenticate(self, call: RawCall, channel: ChannelFacts) -> None:
        """The channel's password, where it has one."""
        check_password(call, channel)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Letter | News:
        """A mail or an event; raises Malformed."""
        call = read_object(body)
        if call.get("RecordType", "Inbound") != "Inbound":
            return _news(call)
        if not {"RawEmail", "FromFull", "From"} & call.keys():
            raise Malformed("It holds neither a mail nor an event.")
        return _letter(call)


def _news(call: dict[str, Any]) -> News:
    event = understood(_events.esp_to_anymail_event, call)
    parts = (call.get("RecordType"), call.get("ID"), event.message_id, event.recipient, event.timestamp)
    return News(" ".join(map(str, parts)), (receipt(event, (object_in(call, "Metadata").get(OUR_ID),)),))


def _letter(call: dict[str, Any]) -> Letter:
    headers = list(_headers(call))
    # Postmark puts the envelope's sender first of all; a Return-Path anywhere else came with the mail.
    is_told = bool(headers) and headers[0][0].lower() == "return-path"
    told = headers.pop(0)[1] if is_told else text_in(object_in(call, "FromFull"), "Email")
    raw = text_in(call, "RawEmail").encode("utf-8", "replace") or _rebuilt(call, headers)
    flags = {value.strip().lower()[:3] for name, value in headers if name.lower() == "x-spam-status"}
    envelope = Envelope(
        recipient=f"{text_in(call, 'OriginalRecipient')} {text_in(call, 'MailboxHash')}",
        sender=told.strip("<> "),
        is_spam="yes" in flags,
    )
    return Letter(raw, envelope)


def _headers(call: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for header in objects_in(call, "Headers"):
        yield text_in(header, "Name"), text_in(header, "Value")


def _rebuilt(call: dict[str, Any], headers: list[tuple[str, str]]) -> bytes:
    """The mail behind the fields. Postmark takes some headers out of the list, and names people apart."""
    known = {name.lower() for name, _ in headers}
    people = {name: _people(call, name) for name in ("From", "To", "Cc")}
    apart = people | {name: text_in(call, name) for name in ("Subject", "Date")}
    apart["Reply-To"] = text_in(call, "ReplyTo")
    headers = [
        (name, value) for name, value in apart.items() if value and name.lower() not in known
    ] + headers
    return rebuild(
        headers=headers,
        text=text_in(call, "TextBody"),
        html=text_in(call, "HtmlBody"),
        attached=[_attached(one) for one in objects_in(call, "Attachments")],
    )


def _people(call: dict[str, Any], field: str) -> str:
    full = call.get(f"{field}Full")
    listed = [full] if isinstance(full, dict) else objects_in(call, f"{field}Full")
    return ", ".join(mailbox(one.get("Name"), one.get("Email")) for one in listed) or text_in(call, field)


def _attached(file: dict[str, Any]) -> Attached:
    content = text_in(file, "Content") or text_in(file, "Data")  # Postmark's own test calls say Data
    name, claimed = safe_name(text_in(file, "Name")), text_in(file, "ContentType")
    return Upload(name, claimed, decode_base64(content.encode("ascii", "ignore"))), text_in(file, "ContentID")
