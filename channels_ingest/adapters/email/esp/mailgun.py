"""Mailgun: routes that forward mail, and its webhooks.

https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/
https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from anymail.webhooks.mailgun import MailgunTrackingWebhookView

from channels_ingest.adapters.email.esp.forms import (
    Form,
    Malformed,
    is_json,
    read_form,
    read_json,
    read_object,
)
from channels_ingest.adapters.email.esp.inlet import Letter, News, ServiceInlet
from channels_ingest.adapters.email.esp.rebuilt import Attached, mailbox, rebuild
from channels_ingest.adapters.email.esp.tracking import parser, receipt, understood
from channels_ingest.adapters.email.headers import Headers
from channels_ingest.adapters.email.mime import read_headers
from channels_ingest.adapters.email.parse import Envelope
from channels_ingest.adapters.email.verdict import passed, signer_of
from channels_ingest.base import ChannelFacts, Forged, RawCall

# Mailgun tries again for eight hours, and does not say whether each try is signed anew: what is older was
# recorded by somebody. Within this time a call that comes twice is told by its seen key.
STALE = timedelta(hours=9)
AHEAD = timedelta(minutes=10)  # how far our clock may be behind theirs

_events = parser(MailgunTrackingWebhookView)


class MailgunInlet(ServiceInlet):
    """Mail as a route forwards it, raw (an address that ends in mime) or in fields; events as JSON."""

    service = "mailgun"

    def authenticate(self, call: RawCall, channel: ChannelFacts) -> None:
        """HMAC-SHA256 over timestamp and token, under the account's HTTP webhook signing key."""
        key = channel.secrets.get("esp_secret", "")
        if not key:
            raise Forged("This channel has no signing key to check calls with")
        timestamp, token, signature = _signature(call)
        expected = hmac.new(key.encode(), f"{timestamp}{token}".encode("utf-8", "replace"), sha256)
        if not hmac.compare_digest(expected.hexdigest().encode(), signature.encode("utf-8", "replace")):
            raise Forged("The signature is wrong")
        if not -AHEAD <= datetime.now(UTC) - _moment(timestamp) <= STALE:
            raise Forged("The signature is too old")

    def read(self, body: bytes, headers: Mapping[str, str]) -> Letter | News:
        """A mail or an event; raises Malformed."""
        if is_json(headers):
            return _news(read_object(body))
        form = read_form(body, headers)
        if "attachments" in form.fields:
            raise Malformed("Mailgun keeps this mail (store): let its route forward it.")
        return _letter(form)


def _signature(call: RawCall) -> tuple[str, str, str]:
    if not is_json(call.headers):
        form = read_form(call.body, call.headers)
        return form.text("timestamp"), form.text("token"), form.text("signature")
    block = read_object(call.body).get("signature")
    if not isinstance(block, dict):
        raise Malformed("It is not signed.")
    return str(block.get("timestamp")), str(block.get("token")), str(block.get("signature"))


def _moment(timestamp: str) -> datetime:
    """The time of a call whose signature is right. Raises Malformed."""
    try:
        return datetime.fromtimestamp(int(timestamp), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed("Its timestamp is no time.") from error


def _news(call: dict[str, Any]) -> News:
    event = understood(_events.esp_to_anymail_event, call)
    what = call["event-data"]
    # Its token may be another one in another try; Mailgun's own ids are unique within a day.
    key = f"{what.get('id')} {what.get('event')} {what.get('timestamp')} {what.get('recipient')}"
    return News(key, (receipt(event),))


def _letter(form: Form) -> Letter:
    raw = form.fields.get("body-mime") or _rebuilt(form)
    headers = _own(read_headers(raw))
    sender = form.text("sender")
    vouched = passed(
        mail_from=sender if headers.first("x-mailgun-spf").lower() == "pass" else "",
        signer=signer_of(read_headers(raw))
        if headers.first("x-mailgun-dkim-check-result").lower() == "pass"
        else "",
    )
    is_spam = headers.first("x-mailgun-sflag").lower() == "yes"
    envelope = Envelope(form.text("recipient"), sender if "sender" in form.fields else None, vouched, is_spam)
    return Letter(raw, envelope)


def _own(headers: Headers) -> Headers:
    """The headers that Mailgun itself has put above its Received field; those below came with the mail, and a
    sender can write anything there."""
    names = [name for name, _ in headers.fields]
    return Headers(headers.fields[: names.index("received")] if "received" in names else [])


def _rebuilt(form: Form) -> bytes:
    """The mail behind the fields that a route forwards to any other address. Mailgun turns all text into
    UTF-8."""
    if not form.fields.keys() & {"message-headers", "from"}:
        raise Malformed("It holds no mail.")
    return rebuild(
        headers=_headers(form),
        text=form.text("body-plain"),
        html=form.text("body-html"),
        attached=_attached(form),
    )


def _headers(form: Form) -> list[tuple[str, str]]:
    if "message-headers" not in form.fields:
        return [("From", mailbox("", form.text("from"))), ("Subject", form.text("subject"))]
    listed = read_json(form.fields["message-headers"])
    if not isinstance(listed, list):
        raise Malformed("Its headers cannot be read.")
    return [(str(pair[0]), str(pair[1])) for pair in listed if isinstance(pair, list) and len(pair) == 2]


def _attached(form: Form) -> list[Attached]:
    content_ids = {str(field): cid for cid, field in form.object("content-id-map").items()}
    return [(upload, content_ids.get(field, "")) for field, upload in form.files.items()]
