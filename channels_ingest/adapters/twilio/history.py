"""What Twilio holds and its webhook may have failed to bring: the same calls, made from its list of messages."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from channels_ingest.adapters.twilio.api import Json, account_url, ask_all, base_url
from channels_ingest.adapters.twilio.form import time_of
from channels_ingest.base import ChannelFacts, RawCall

FORM = "application/x-www-form-urlencoded"
_NAMES = {
    "MessageSid": "sid",
    "SmsSid": "sid",
    "AccountSid": "account_sid",
    "MessagingServiceSid": "messaging_service_sid",
    "From": "from",
    "To": "to",
    "Body": "body",
    "NumSegments": "num_segments",
    "NumMedia": "num_media",
    "DateSent": "date_sent",
}


def missed(channel: ChannelFacts, since: datetime) -> Iterator[RawCall]:
    """Every message to the channel's number since then, oldest first: STOP must not be taken after the START that
    followed it. Raises AdapterError."""
    params = {
        "To": channel.config.get("number", ""),
        "DateSent>": f"{since:%Y-%m-%d}",
        "PageSize": "200",
    }
    rows = ask_all(channel, f"{account_url(channel)}/Messages.json", params, "messages")
    for row in reversed([row for row in rows if _is_theirs(row, since)]):
        yield _call(row, channel)


def _is_theirs(row: Json, since: datetime) -> bool:
    sent = time_of(str(row.get("date_sent") or ""))
    is_whole = row.get("direction") == "inbound" and row.get("status") == "received"
    return is_whole and (sent is None or sent >= since.replace(microsecond=0))


def _call(row: Json, channel: ChannelFacts) -> RawCall:
    fields = {name: str(row[key]) for name, key in _NAMES.items() if row.get(key) is not None}
    if fields.get("NumMedia", "0") != "0":
        fields |= _media(fields["MessageSid"], channel)
    body = urlencode(fields | {"SmsStatus": "received"}).encode()
    return RawCall(method="POST", path="", headers={"content-type": FORM}, query={}, body=body, remote="")


def _media(sid: str, channel: ChannelFacts) -> dict[str, str]:
    """The files of a message, as its webhook would name them."""
    found = ask_all(channel, f"{account_url(channel)}/Messages/{sid}/Media.json", {}, "media_list")
    fields = {}
    for number, row in enumerate(found):
        fields[f"MediaUrl{number}"] = base_url() + str(row.get("uri") or "").removesuffix(".json")
        fields[f"MediaContentType{number}"] = str(row.get("content_type") or "")
    return fields
