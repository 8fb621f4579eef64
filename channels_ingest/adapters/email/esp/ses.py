"""Amazon SES: mail it receives and news of mail it sent, both by way of SNS.

https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from collections.abc import Mapping
from typing import Any

from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView

from channels_ingest.adapters.email.esp import aws, sns
from channels_ingest.adapters.email.esp.forms import Malformed, object_in, objects_in, read_object, text_in
from channels_ingest.adapters.email.esp.inlet import Kept, Letter, News, ServiceInlet
from channels_ingest.adapters.email.esp.tracking import parser, receipt, understood
from channels_ingest.adapters.email.headers import Headers, decode_base64
from channels_ingest.adapters.email.parse import Envelope
from channels_ingest.adapters.email.verdict import Result, passed, signer_of
from channels_ingest.base import MEGABYTE, AdapterError, ChannelFacts, RawCall, Response

MAX_MAIL = 50 * MEGABYTE  # as kept in S3; SES itself takes 40

_events = parser(AmazonSESTrackingWebhookView)


class SesInlet(ServiceInlet):
    """SNS notifications, signed by Amazon for the channel's topic: a mail, where to find one, or an event."""

    service = "ses"
    max_body = 300 * 1024  # SNS carries 256 KB
    too_much = 503  # SNS retries what is the server's fault, and takes a 4xx for the client's

    def authenticate(self, call: RawCall, channel: ChannelFacts) -> None:
        """The signature of SNS, and the topic that the channel names."""
        sns.check(read_object(call.body), channel.config.get("esp_topic", "").strip())

    def handshake(self, call: RawCall, channel: ChannelFacts) -> Response | None:
        """Confirm a subscription, which SNS asks for once; the answer to its call means nothing to it."""
        asked = read_object(call.body)
        if asked.get("Type") != sns.SUBSCRIPTION:
            return None
        sns.confirm(asked)
        return Response()

    def read(self, body: bytes, headers: Mapping[str, str]) -> Letter | Kept | News:
        """A mail, where one is kept, or an event; raises Malformed."""
        call = read_object(body)
        if call.get("Type") != sns.NOTIFICATION:
            raise Malformed(f"SNS says {call.get('Type')}: it brings no mail.")
        told = read_object(str(call.get("Message")).encode("utf-8", "replace"))
        if told.get("notificationType") == "Received":
            return _mail(told)
        return _news(told, call)

    def collect(self, mail: Kept, channel: ChannelFacts) -> bytes:
        """Read a mail from the bucket that SES has put it in. Raises AdapterError."""
        bucket, name = mail.place
        with aws.failing():
            found = aws.client_for("s3", channel).get_object(Bucket=bucket, Key=name)
            if any(mark.startswith("x-amz-key") for mark in found["Metadata"]):
                raise AdapterError(
                    "encrypted", "The mail in S3 is encrypted with a key of yours.", retryable=False
                )
            raw: bytes = found["Body"].read(MAX_MAIL + 1)
        if len(raw) > MAX_MAIL:
            raise AdapterError("size", "The mail in S3 is too large.", retryable=False)
        return raw


def _mail(told: dict[str, Any]) -> Letter | Kept:
    receipt, mail = object_in(told, "receipt"), object_in(told, "mail")
    recipients = receipt.get("recipients")
    envelope = Envelope(
        recipient=", ".join(map(str, recipients)) if isinstance(recipients, list) else "",
        sender=text_in(mail, "source").strip("<> "),
        results=_results(receipt, mail),
        is_spam="FAIL" in {_verdict(receipt, "spam"), _verdict(receipt, "virus")},
    )
    action = object_in(receipt, "action")
    if content := text_in(told, "content"):
        is_base64 = text_in(action, "encoding").upper() == "BASE64"
        raw = content.encode("utf-8", "replace")
        return Letter(decode_base64(raw) if is_base64 else raw, envelope)
    bucket, name = text_in(action, "bucketName"), text_in(action, "objectKey")
    if not (bucket and name):
        raise Malformed("SES says that a mail came, and neither brings it nor says where it is.")
    return Kept(text_in(mail, "messageId") or name, (bucket, name), envelope)


def _results(receipt: dict[str, Any], mail: dict[str, Any]) -> tuple[Result, ...]:
    """What SES found out about the sender. GRAY is no verdict: the domain has no policy, or no mail check
    ended."""
    dmarc = _verdict(receipt, "dmarc")
    if dmarc in {"PASS", "FAIL"}:
        return (Result("dmarc", dmarc.lower(), {}),)
    is_whole = mail.get("headersTruncated") is False
    headers = Headers((str(one.get("name")), str(one.get("value"))) for one in objects_in(mail, "headers"))
    return passed(
        mail_from=text_in(mail, "source") if _verdict(receipt, "spf") == "PASS" else "",
        signer=signer_of(headers) if is_whole and _verdict(receipt, "dkim") == "PASS" else "",
    )


def _verdict(receipt: dict[str, Any], name: str) -> str:
    return text_in(object_in(receipt, f"{name}Verdict"), "status").upper()


def _news(told: dict[str, Any], call: dict[str, Any]) -> News:
    ours = object_in(object_in(told, "mail"), "commonHeaders").get("messageId")
    events = understood(_events.esp_to_anymail_events, told, call)
    return News(text_in(call, "MessageId"), tuple(receipt(event, (ours,)) for event in events))
