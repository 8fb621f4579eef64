"""A message out, and finding it again when nobody knows whether it left."""

from datetime import datetime, timedelta
from itertools import islice

from channels_ingest.adapters.twilio.api import Json, account_url, ask_all, hand_in
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
    """Hand a text over. Raises AdapterError."""
    if message.files:
        raise AdapterError("files", "Files cannot be sent as text messages yet.", retryable=False)
    form = {"To": message.recipient.value, "Body": message.text, **_sender(channel)}
    if channel.hook_url:
        form["StatusCallback"] = channel.hook_url + OVERRIDES
    return _result(hand_in(channel, f"{account_url(channel)}/Messages.json", form))


def outcome(message: OutboundMessage, channel: ChannelFacts) -> SendResult | None:
    """The one message with this text that left for this recipient since then; None when there is none, or several.

    Several are other messages too, and which is which cannot be told. The list is not asked by date: what still
    waits at Twilio has no date of sending. Raises AdapterError; NotSent for one that arrived there and goes no
    further.
    """
    if message.at is None:
        return None
    since = message.at - SKEW
    params = {"To": message.recipient.value, "PageSize": str(LATEST)}
    found = ask_all(channel, f"{account_url(channel)}/Messages.json", params, "messages")
    same = [
        row for row in islice(found, LATEST) if _is_ours(row, since) and _text(row) == message.text.strip()
    ]
    return _result(same[0]) if len(same) == 1 else None


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
