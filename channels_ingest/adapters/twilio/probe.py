"""Trying a channel's settings: the account, the number in it, and where Twilio sends what customers write."""

from collections.abc import Iterator

from channels_ingest.adapters.twilio.api import Json, account_url, ask
from channels_ingest.adapters.twilio.form import number_of
from channels_ingest.adapters.twilio.outbound import OVERRIDES
from channels_ingest.base import AdapterError, ChannelFacts, Check

ACCOUNT, NUMBER, WEBHOOK = "Account", "Number", "Webhook"


def probe(channel: ChannelFacts) -> Iterator[Check]:
    """Each step with what it found; the first that fails is the last."""
    step = ACCOUNT
    try:
        yield _account(channel)
        step = NUMBER
        number = _number(channel)
        yield Check(NUMBER, True, f"{channel.config.get('number')} belongs to the account.")
    except AdapterError as error:
        yield Check(step, False, error.detail)
        return
    yield _webhook(number, channel)


def _account(channel: ChannelFacts) -> Check:
    found = ask(channel, f"{account_url(channel)}.json")
    status = str(found.get("status"))
    if status != "active":
        detail = f"The account is {status}. Sign in to Twilio to see why."
        raise AdapterError("auth", detail, retryable=False)
    return Check(ACCOUNT, True, f"Signed in to {found.get('friendly_name') or 'the account'}.")


def _number(channel: ChannelFacts) -> Json:
    """The number as the account holds it. Raises AdapterError when it does not, or when no text reaches it."""
    written = channel.config.get("number", "")
    is_long = bool(number_of(written))
    kind, key = ("IncomingPhoneNumbers", "PhoneNumber") if is_long else ("SMS/ShortCodes", "ShortCode")
    found = ask(channel, f"{account_url(channel)}/{kind}.json", {key: written})
    rows = found.get("incoming_phone_numbers" if is_long else "short_codes") or []
    number: Json | None = next(
        (row for row in rows if written in {row.get("phone_number"), row.get("short_code")}), None
    )
    if number is None:
        raise AdapterError("config", f"The account has no number {written}.", retryable=False)
    if is_long and not (number.get("capabilities") or {}).get("sms"):
        raise AdapterError("config", f"{written} cannot send text messages.", retryable=False)
    return number


def _webhook(number: Json, channel: ChannelFacts) -> Check:
    """Whether what customers write is sent to us."""
    if not channel.hook_url:
        return Check(
            WEBHOOK, True, "Once the channel is saved, its page shows the address to give to Twilio."
        )
    paste = (
        "In Twilio's console, under “A message comes in”, choose Webhook and HTTP POST, and paste "
        f"{channel.hook_url}{OVERRIDES}"
    )
    if channel.config.get("messaging_service"):
        return Check(WEBHOOK, True, f"The Messaging Service decides, and was not asked. {paste}")
    if trouble := _trouble(number, channel.hook_url):
        return Check(WEBHOOK, False, f"{trouble} {paste}")
    if "rp=all" not in str(number.get("sms_url")).partition("#")[2]:
        return Check(WEBHOOK, True, f"Messages come here. For Twilio to try again when we are down: {paste}")
    return Check(WEBHOOK, True, "Messages come here.")


def _trouble(number: Json, hook_url: str) -> str:
    """Why messages to the number do not come to us; empty when they do."""
    url = str(number.get("sms_url") or "").partition("#")[0]
    if number.get("sms_application_sid"):
        return "A TwiML app takes the messages to this number."
    if url != hook_url:
        return f"Messages to this number go to {url or 'nobody'}."
    return "" if str(number.get("sms_method")).upper() == "POST" else "Twilio calls with GET."
