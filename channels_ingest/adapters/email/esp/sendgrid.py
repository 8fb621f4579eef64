"""SendGrid: Inbound Parse and the event webhook.

https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from channels_ingest.adapters.email.esp.forms import Form, Malformed, Upload, read_form, read_json
from channels_ingest.adapters.email.esp.inlet import Letter, News, ServiceInlet, check_password
from channels_ingest.adapters.email.esp.places import OUR_ID
from channels_ingest.adapters.email.esp.rebuilt import Attached, rebuild
from channels_ingest.adapters.email.esp.tracking import parser, receipt, understood
from channels_ingest.adapters.email.mime import read_headers, safe_name
from channels_ingest.adapters.email.parse import Envelope
from channels_ingest.adapters.email.verdict import Result, passed
from channels_ingest.base import ChannelFacts, Forged, RawCall
from channels_ingest.types import Ignored, ParsedEvent

SPAM_SCORE = 5.0  # SpamAssassin's own threshold; SendGrid tells the score alone
MAX_EVENTS = 5_000
_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_DKIM = re.compile(r"@([^\s:,{}]{1,255})\s*:\s*(\w{1,20})")

_events = parser(SendGridTrackingWebhookView)


class SendGridInlet(ServiceInlet):
    """Mail as a form, raw where the setting says so; events as a JSON list at the same address.

    The secret token in the address says who calls, and a password in it where there is one. Events are signed
    where that is switched on, and must be once the channel knows the key.
    """

    service = "sendgrid"
    # https://support.sendgrid.com/hc/en-us/articles/46513815674395: a mail that is answered 4xx is dropped.
    too_much = 503

    def authenticate(self, call: RawCall, channel: ChannelFacts) -> None:
        """The signature of events where the channel has its key, else its password where it has one."""
        key = channel.config.get("esp_event_key", "")
        if key and not _is_form(call.headers):
            _check_signature(call, key)
        else:
            check_password(call, channel)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Letter | News:
        """A mail or events; raises Malformed."""
        return _letter(read_form(body, headers)) if _is_form(headers) else _news(body)


def _is_form(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").lower().startswith(("multipart/", "application/x-www-form"))


def _check_signature(call: RawCall, key: str) -> None:
    """ECDSA over timestamp and body, as SendGrid's key is shown: DER in base64, without the lines around
    it."""
    try:
        public = load_der_public_key(b64decode("".join(key.split())))
        signature = b64decode(call.headers.get(_SIGNATURE, ""), validate=True)
    except (ValueError, binascii.Error, UnsupportedAlgorithm) as error:
        raise Forged("The signature cannot be checked") from error
    if not isinstance(public, EllipticCurvePublicKey):
        raise Forged("The channel's verification key is of another kind")
    signed = call.headers.get(_TIMESTAMP, "").encode("utf-8", "replace") + call.body
    try:
        public.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature as error:
        raise Forged("The signature is wrong") from error


def _news(body: bytes) -> News:
    listed = read_json(body)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Malformed("It holds neither a mail nor events.")
    ids = sorted(str(one.get("sg_event_id") or one) for one in listed)
    return News(
        sha256("\n".join(ids).encode("utf-8", "replace")).hexdigest(), tuple(map(_one, listed[:MAX_EVENTS]))
    )


def _one(event: dict[str, Any]) -> ParsedEvent:
    """One event of a batch: one that cannot be read does not hide the others."""
    ours, sent = event.get(OUR_ID), event.get("sg_message_id")
    try:
        found = understood(_events.esp_to_anymail_event, event)
    except Malformed as reason:
        return Ignored(str(reason))
    # What sending answered is the part before the first dot; the rest is about SendGrid's own servers.
    return receipt(
        found, (ours, event.get("smtp-id"), sent.partition(".")[0] if isinstance(sent, str) else "")
    )


def _letter(form: Form) -> Letter:
    if "email" not in form.fields and "headers" not in form.fields:
        raise Malformed("It holds no mail.")
    envelope = form.object("envelope")
    sender, to = envelope.get("from"), envelope.get("to")
    mail_from = sender if isinstance(sender, str) else ""
    recipients = ", ".join(str(one) for one in to) if isinstance(to, list) else form.text("to")
    results = passed(mail_from=mail_from if form.text("SPF").strip().lower() == "pass" else "")
    results += tuple(
        Result("dkim", verdict.lower(), {"header.d": domain.lower()})
        for domain, verdict in _DKIM.findall(form.text("dkim")[:4_000])
    )
    told = mail_from if isinstance(sender, str) else None
    return Letter(
        form.fields.get("email") or _rebuilt(form), Envelope(recipients, told, results, _is_spam(form))
    )


def _is_spam(form: Form) -> bool:
    try:
        return float(form.text("spam_score")) >= SPAM_SCORE
    except ValueError:
        return False


def _rebuilt(form: Form) -> bytes:
    """The mail behind the fields; each field of text has a charset of its own."""
    charsets = {name: str(charset) for name, charset in form.object("charsets").items()}
    return rebuild(
        headers=read_headers(form.fields.get("headers", b"").rstrip() + b"\r\n\r\n").fields,
        text=form.text("text", charsets.get("text", "utf-8")),
        html=form.text("html", charsets.get("html", "utf-8")),
        attached=_attached(form),
    )


def _attached(form: Form) -> list[Attached]:
    about = form.object("attachment-info")
    return [_named(upload, about.get(field)) for field, upload in form.files.items()]


def _named(upload: Upload, about: Any) -> Attached:
    """A file with what the form says of it elsewhere: its name is missing where it was an odd one."""
    told = about if isinstance(about, dict) else {}
    name = upload.name or safe_name(str(told.get("filename") or told.get("name") or ""))
    claimed = upload.content_type or str(told.get("type") or "")
    return Upload(name, claimed, upload.content), str(told.get("content-id") or "")
