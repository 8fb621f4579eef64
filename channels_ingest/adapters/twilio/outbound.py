"""A message out, with its pictures, and finding it again when nobody knows whether it left."""

from datetime import datetime, timedelta
from itertools import islice

from channels_ingest.adapters.twilio.api import Form, Json, account_url, ask_all, hand_in
from channels_ingest.adapters.twilio.errors import meaning_of
from channels_ingest.adapters.twilio.form import time_of
from channels_ingest.base import AdapterError, ChannelFacts, NotSent, OutboundMessage, SendResult

# What Twilio is asked to do when our webhook fails: try three times more, on any error, within its 15 seconds.
# https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
OVERRIDES = "#rc=3&rp=all"
SKEW = timedelta(seconds=30)  # by how much Twilio's clock may be behind ours
LATEST = 200  # messages to a recipient, among which one is looked for
_NEVER_LEFT = frozenset({"failed", "undelivered", "canceled"})


def send(message: OutboundMessage, channel: ChannelFacts) -> SendResult:
    """Hand a message over. Raises AdapterError."""
    form: Form = {"To": message.recipient.value, **_sender(channel)}
    if message.text:
        form["Body"] = message.text
    if message.files:
        form["MediaUrl"] = [file.source for file in message.files]
    if channel.hook_url:
        form["StatusCallback"] = channel.hook_url + OVERRIDES
    return _result(hand_in(channel, f"{account_url(channel)}/Messages.json", form))


def outcome(message: OutboundMessage, channel: ChannelFacts) -> SendResult | None:
    """The one message with this text that left for this recipient since then; None when there is none.

    Of several, nobody can tell which it is, nor of pictures without words, whose addresses Twilio does not list.
    The list is not asked by date: what still waits at Twilio has no date of sending. Raises AdapterError; NotSent
    for one that arrived there and goes no further.
    """
    if message.at is None:
        return None
    since = message.at - SKEW
    params = {"To": message.recipient.value, "PageSize": str(LATEST)}
    found = ask_all(channel, f"{account_url(channel)}/Messages.json", params, "messages")
    same = [
        row for row in islice(found, LATEST) if _is_ours(row, since) and _text(row) == message.text.strip()
    ]
    if len(same) > 1 or (same and not message.text.strip()):
        raise AdapterError("ambiguous", "Twilio lists messages that it may be or not.", retryable=False)
    return _result(same[0]) if same else None


def _sender(channel: ChannelFacts) -> dict[str, str]:
    service = channel.config.get("messaging_service", "")
    return {"MessagingServiceSid": service} if service else {"From": channel.config.get("number", "")}


def _result(row: Json) -> SendResult:
    """A message as Twilio describes it. Raises AdapterError for one that it took and then did not send."""
    sid = row.get("sid")
    if not isinstance(sid, str) or not sid:
        detail = "Twilio took the message, and did not say which one it is."
        raise AdapterError("no-answer", detail, retryable=False, uncertain=True)
    if (status := str(row.get("status"))) in _NEVER_LEFT:
        meaning = meaning_of(str(row.get("error_code") or status), str(row.get("error_message") or ""))
        raise NotSent(meaning.code, meaning.words)
    return SendResult(aliases=(sid,), detail=f"Twilio has it as {sid}.")


def _is_ours(row: Json, since: datetime) -> bool:
    made = time_of(str(row.get("date_created") or ""))
    return str(row.get("direction")).startswith("outbound-api") and made is not None and made >= since


def _text(row: Json) -> str:
    return str(row.get("body") or "").strip()
