"""The form that Twilio posts about a message, and the words in it."""

import mimetypes
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import parse_qsl

import phonenumbers

from channels_ingest.types import Address, AddressKind, Proof
from tenancy.storable import legible

MAX_ADDRESS = 64
MOST_FIELDS = 500
MOST_FILES = 20  # of one message; Twilio's limit is 10

_SID = re.compile(r"[A-Za-z0-9]{1,64}")


@lru_cache(maxsize=8)  # a call is asked for its signature, its key and its sender, one after another
def fields_of(body: bytes) -> Mapping[str, str]:
    """The fields of a stored call, fit to be stored themselves; none for what is no form."""
    with suppress(ValueError):
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        return MappingProxyType({name: legible(value) for name, value in fields})
    return MappingProxyType({})


def sid_of(fields: Mapping[str, str]) -> str:
    """Twilio's id of the message; empty where it names none."""
    found = fields.get("MessageSid") or fields.get("SmsSid") or ""
    return found if _SID.fullmatch(found) else ""


def number_of(written: str) -> str:
    """A phone number in E.164; empty when it is none. Possible numbers count, valid or not: real ones exist that
    the tables call invalid."""
    if not written.startswith("+"):
        return ""
    try:
        number = phonenumbers.parse(written)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def address_of(written: str) -> Address:
    """Who is named. The carriers vouch for a phone number; anybody may send under a word or a short code."""
    shown = "".join(character for character in written if character.isprintable()).strip()[:MAX_ADDRESS]
    number = number_of(shown)
    proof = Proof.ATTESTED if number else Proof.CLAIMED
    return Address(AddressKind.SMS, number or shown.lower(), verbatim=shown, proof=proof)


def file_name(content_type: str, number: int) -> str:
    """A name for a file that comes without one: "image-1.jpg"."""
    word = content_type.partition("/")[0]
    name = word if word in {"image", "audio", "video"} else "file"
    return f"{name}-{number}{mimetypes.guess_extension(content_type) or ''}"


def time_of(written: str) -> datetime | None:
    """A time as Twilio writes them (RFC 2822, UTC)."""
    with suppress(ValueError, OverflowError):
        at = parsedate_to_datetime(written)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return None
