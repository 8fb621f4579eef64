"""Twilio's error codes as people need them: what happened, and what to do. https://www.twilio.com/docs/api/errors"""

from dataclasses import dataclass

# What the core calls a recipient who wants no more messages; see AdapterError.
OPTED_OUT = "opted_out"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`code` is the core's word where it has one (auth, config, opted_out), else Twilio's own."""

    code: str
    words: str
    retryable: bool = False


def meaning_of(code: str, said: str = "") -> Meaning:
    """What an error code, or a status without one, means; `said` are Twilio's words, for codes not known here."""
    if known := _KNOWN.get(code):
        return Meaning(_CORE.get(code, code), known, retryable=code in _PASSING)
    words = " ".join(said.split())[:500] or "Twilio could not send it."
    where = f" See https://www.twilio.com/docs/errors/{code}." if code.isdecimal() and len(code) < 10 else ""
    return Meaning(code[:40], words + where)


_CORE = {
    **dict.fromkeys(("20003", "20005", "20006", "30002"), "auth"),
    **dict.fromkeys(
        (
            "20404", "21212", "21603", "21606", "21609", "21659", "21660", "21701", "21703", "21704", "21705",
            "30032", "30034",
        ),
        "config",
    ),
    "21610": OPTED_OUT,
}  # fmt: skip
_PASSING = frozenset({"20429", "20500", "20503", "21611", "30001", "30022", "14107", "63018"})
_KNOWN = {
    "failed": "Twilio could not send it, and does not say why.",
    "undelivered": "The carrier did not deliver it, and does not say why.",
    "canceled": "It was cancelled at Twilio before it was sent.",
    "11751": "The files are larger than 5 MB together. Send them in parts.",
    "12300": "Text messages carry no files of this type. Send a JPEG, PNG or GIF picture.",
    "14107": "Too many messages to this number in a short time. Later ones pass.",
    "20003": "Twilio does not accept the account SID and auth token. Check them in the channel's settings.",
    "20005": "Twilio has suspended or closed the account. Sign in to Twilio to see why.",
    "20006": "Twilio does not let this account do that. Sign in to Twilio to see why.",
    "20404": "Twilio has nothing at this address. Check the account SID in the channel's settings.",
    "20429": "Too many messages at once for Twilio.",
    "20500": "Twilio has an error of its own.",
    "20503": "Twilio is not available.",
    "21211": "The recipient's number is not a phone number. Correct it on the contact.",
    "21212": "The channel's number is not a phone number that Twilio can send from. Correct it in the settings.",
    "21214": "Twilio cannot reach the recipient's number. Ask for another one, or answer on another channel.",
    "21265": "Short codes cannot be written to. Answer on another channel.",
    "21266": "The recipient's number is the channel's own.",
    "21408": "Twilio may not send to the recipient's country. Allow it there: Messaging, Geo permissions.",
    "21603": "Twilio was not told a number to send from. Enter it in the channel's settings.",
    "21606": "The channel's number is not the account's, or cannot send text messages. Check it at Twilio.",
    "21609": "Twilio cannot use this installation's public address for its reports. Check PUBLIC_URL.",
    "21610": "The recipient has sent STOP. Only they can take it back, by sending START. Use another channel.",
    "21611": "Too many messages wait at Twilio to leave from this number. Later ones pass.",
    "21612": "Twilio has no way from the channel's number to this recipient. Answer on another channel.",
    "21614": "The recipient's number is not a mobile one. Answer on another channel, or by phone.",
    "21617": "The text is longer than 1,600 characters. Send it in parts.",
    "21619": "The message is empty.",
    "21620": "Twilio cannot fetch the file from this installation. Check PUBLIC_URL.",
    "21623": "More than ten files in one message. Send them in parts.",
    "21659": "The channel's number is not one of Twilio's. Correct it in the settings.",
    "21660": "The channel's number belongs to another account. Check number and account SID in the settings.",
    "21701": "Twilio knows no such Messaging Service. Correct it in the channel's settings.",
    "21703": "The Messaging Service has no number to send from. Add one to it at Twilio.",
    "21704": "The Messaging Service has no number that may send this. Add one to it at Twilio.",
    "21705": "The Messaging Service's SID is not one. Correct it in the channel's settings.",
    "30001": "The message waited at Twilio for too long. Send it again.",
    "30002": "Twilio has suspended the account. Sign in to Twilio to see why.",
    "30003": "The recipient's phone is off or out of reach. Try again later, or use another channel.",
    "30004": "The recipient, or their carrier, blocks messages from the channel's number. Use another channel.",
    "30005": "The recipient's number is not in use. Ask for the right one.",
    "30006": "The recipient's number is a landline, or its carrier takes no text messages. Use another channel.",
    "30007": "The carrier took the message for spam and dropped it. Say it in other words, without short links.",
    "30008": "The carrier did not deliver it, and does not say why. Try once more.",
    "30010": "The message costs more than the account allows for one.",
    "30011": "The recipient's phone takes no pictures. Send the text alone, or use another channel.",
    "30019": "It is too large for the recipient's carrier. Send less, or smaller pictures.",
    "30022": "The carrier takes no more messages from the channel's number for now. Send it again later.",
    "30023": "The carrier takes no more messages from the company today. Send it again tomorrow.",
    "30032": "The channel's toll-free number is not verified. Have it verified at Twilio.",
    "30034": "The channel's number is not registered for business in the US (A2P 10DLC). Register it at Twilio.",
    "30036": "The message became too old before it could be sent. Send it again.",
    "63018": "Too many messages at once. Later ones pass.",
    "63019": "Twilio could not fetch the file from this installation. It must be reachable from the Internet.",
}
