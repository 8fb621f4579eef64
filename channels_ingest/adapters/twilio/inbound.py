"""What Twilio's calls mean: a customer's message, or news of one of ours."""

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256

from channels_ingest.adapters.twilio.errors import OPTED_OUT, meaning_of
from channels_ingest.adapters.twilio.form import (
    MOST_FILES,
    address_of,
    fields_of,
    file_name,
    number_of,
    sid_of,
    time_of,
)
from channels_ingest.base import ChannelFacts
from channels_ingest.types import (
    Automatic,
    Consent,
    Ignored,
    InboundMessage,
    IncomingFile,
    ParsedEvent,
    Proof,
    Receipt,
    ReceiptStatus,
)
from tenancy.storable import legible

MAX_FACT = 100

# https://help.twilio.com/articles/223134027: the words on which Twilio itself stops and starts sending.
STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START = frozenset({"start", "unstop", "yes"})
HELP = frozenset({"help", "info"})
# More often the answer to a question of ours than a wish to hear from us again.
ANSWERS = frozenset({"yes"})

_BECAME = {
    "sent": ReceiptStatus.SENT,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "failed": ReceiptStatus.FAILED,
    "undelivered": ReceiptStatus.FAILED,
    "canceled": ReceiptStatus.FAILED,
}
_ELSEWHERE = {"whatsapp": "WhatsApp", "messenger": "Messenger", "rcs": "RCS"}


def seen_key(body: bytes) -> str:
    """The message's sid; for news of one of ours the sid with what the news is."""
    fields = fields_of(body)
    sid, status = sid_of(fields), fields.get("MessageStatus", "")
    if not sid:
        return sha256(body).hexdigest()
    return f"{sid} {status} {fields.get('ErrorCode', '')}".strip() if status else sid


def order_key(body: bytes) -> str:
    """A sender's messages are taken in order, and so is the news of one message."""
    fields = fields_of(body)
    return sid_of(fields) if "MessageStatus" in fields else fields.get("From", "")


def parse_call(body: bytes, channel: ChannelFacts) -> list[ParsedEvent]:
    """The typed events in a stored call; whatever is in it, nothing is raised."""
    fields = fields_of(body)
    if not sid_of(fields):
        return [Ignored("It names no message.")]
    return _news(fields) if fields.get("MessageStatus") else _message(fields, channel)


def _news(fields: Mapping[str, str]) -> list[ParsedEvent]:
    said, error = fields["MessageStatus"].lower(), fields.get("ErrorCode", "")
    status = _BECAME.get(said)
    if status is None:
        return [Ignored(f"The message is {said[:MAX_FACT]}: nothing has become of it yet.")]
    recipient = address_of(fields.get("To", ""))
    if status is not ReceiptStatus.FAILED:
        return [Receipt((sid_of(fields),), status, recipient=recipient.value)]
    meaning = meaning_of(error if error.isdecimal() else said)
    failed = Receipt(
        (sid_of(fields),), status, recipient=recipient.value, code=meaning.code, detail=meaning.words
    )
    return [failed, Consent(recipient, is_given=False)] if meaning.code == OPTED_OUT else [failed]


def _message(fields: Mapping[str, str], channel: ChannelFacts) -> list[ParsedEvent]:
    sender = address_of(fields.get("From", ""))
    text, encoding = _text(fields)
    files = _files(fields)
    if reason := _why_not_ours(sender.value, channel) or ("" if text.strip() or files else "It is empty."):
        return [Ignored(reason)]
    word, consent = _keyword(fields, text)
    at = time_of(fields.get("DateSent", ""))
    message = InboundMessage(
        external_id=sid_of(fields),
        sender=sender,
        at=at,
        text=text,
        to=(address_of(fields.get("To", "")),) if fields.get("To") else (),
        automatic=word if sender.proof is Proof.ATTESTED else Automatic.BULK,
        files=files,
        facts=_facts(fields) | encoding,
    )
    return [message] if consent is None else [message, Consent(sender, is_given=consent, at=at)]


def _why_not_ours(sender: str, channel: ChannelFacts) -> str:
    provider, colon, _ = sender.partition(":")
    if colon:
        name = _ELSEWHERE.get(provider, "another way")
        return f"It came by {name}. This channel carries text messages alone."
    if not sender:
        return "It names no sender."
    return "Our own message, come back." if sender == number_of(channel.config.get("number", "")) else ""


def _keyword(fields: Mapping[str, str], text: str) -> tuple[Automatic, bool | None]:
    """Whether a message is one of the words that Twilio acts on, and what it says of consent.

    OptOutType is Twilio's own verdict, where the account has its Advanced Opt-Out.
    """
    typed = text.strip().lower()
    verdict = fields.get("OptOutType", "").lower() or typed
    if verdict in STOP:
        return Automatic.KEYWORD, False
    if verdict in START:
        return Automatic.NO if typed in ANSWERS else Automatic.KEYWORD, True
    return Automatic.KEYWORD if verdict in HELP else Automatic.NO, None


def _text(fields: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The text, and as a fact that it had to be decoded: some carriers deliver long messages as base64."""
    written = fields.get("Body", "")
    decoded = _decoded(written)
    return legible(decoded) or written, {"encoding": "base64"} if decoded else {}


def _decoded(written: str) -> str:
    """What base64 of 60 characters or more says, if that is text, and mostly ASCII; else empty."""
    if len(written) < 60 or len(written) % 4:
        return ""
    try:
        text = base64.b64decode(written, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    readable = sum(
        character.isascii() and (character.isprintable() or character.isspace()) for character in text
    )
    return text if readable > 0.9 * len(text) else ""


def _files(fields: Mapping[str, str]) -> tuple[IncomingFile, ...]:
    """The pictures and other media that the message names; they are fetched later."""
    found = ((number, fields.get(f"MediaUrl{number}", "")) for number in range(MOST_FILES))
    return tuple(_file(fields, number, source) for number, source in found if source)


def _file(fields: Mapping[str, str], number: int, source: str) -> IncomingFile:
    claimed = fields.get(f"MediaContentType{number}", "").lower()[:MAX_FACT]
    return IncomingFile(file_name(claimed, number + 1), claimed, source=source)


def _facts(fields: Mapping[str, str]) -> dict[str, str]:
    place = ", ".join(filter(None, (fields.get(f"From{part}") for part in ("City", "State", "Country"))))
    facts = {"segments": fields.get("NumSegments", ""), "place": place}
    return {name: value[:MAX_FACT] for name, value in facts.items() if value}
