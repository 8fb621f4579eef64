"""What Twilio holds and its webhook may have failed to bring: the same calls, made from its list of messages."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from channels_ingest.adapters.twilio.api import MEDIA_LIST, Json, account_url, ask_all
from channels_ingest.adapters.twilio.form import MOST_FILES, time_of
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
    body = urlencode(fields | _files(fields, channel) | {"SmsStatus": "received"}).encode()
    return RawCall(method="POST", path="", headers={"content-type": FORM}, query={}, body=body, remote="")


def _files(fields: dict[str, str], channel: ChannelFacts) -> dict[str, str]:
    """The files of a message by their places in its list of media: their own addresses would take a question for
    each message, and most messages are known."""
    count = fields.get("NumMedia", "")
    places = range(min(int(count), MOST_FILES) if count.isdecimal() else 0)
    media = f"{account_url(channel)}/Messages/{fields['MessageSid']}{MEDIA_LIST}"
    return {f"MediaUrl{place}": f"{media}#{place}" for place in places}
