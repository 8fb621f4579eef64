"""One spelling for each address, so that equal addresses are equal strings."""

from dataclasses import replace

import idna
import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from contacts.types import Address, AddressKind
from tenancy.storable import bounded

LONGEST, LONGEST_SCOPE = 320, 120  # bytes of an address (RFC 5321: 64 + 1 + 255), and of its scope
PHONE_KINDS = {AddressKind.PHONE, AddressKind.SMS, AddressKind.WHATSAPP}


def normalise(kind: AddressKind, value: str, *, region: str | None = None) -> str:
    """The key of an address typed by a person. Raises ValidationError when it cannot be one.

    `region` (ISO 3166) reads phone numbers without a country code.
    """
    text = value.strip()
    if kind == AddressKind.EMAIL:
        return normalise_email(text)
    if kind in PHONE_KINDS:
        return normalise_phone(text, region=region)
    if not text:
        raise ValidationError(_("An address is missing."))
    return text


def normalise_email(value: str) -> str:
    """Lower case with an IDNA domain; tags and dots are kept, they may tell people apart."""
    local, at, domain = value.strip().lower().rpartition("@")
    try:
        host = idna.encode(domain, uts46=True).decode() if not domain.isascii() else domain
    except idna.IDNAError:
        host = domain
    address = f"{local}{at}{host}"
    if local.isascii():
        validate_email(address)
    elif not (local and "." in host):
        raise ValidationError(_("Enter a valid e-mail address."))
    return address


def normalise_phone(value: str, *, region: str | None = None) -> str:
    """E.164. Possible numbers are taken, valid or not: real ones exist that the tables call invalid."""
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException as error:
        raise ValidationError(
            _("Enter a phone number with its country code, like +1 206 555 0142.")
        ) from error
    if not phonenumbers.is_possible_number(number):
        raise ValidationError(_("This phone number is too short or too long."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def reachable_kind(typed: str) -> AddressKind | None:
    """What a person typed to write to: a mail address or a phone number; None for what is neither."""
    for kind, mark in ((AddressKind.EMAIL, "@"), (AddressKind.PHONE, "+")):
        if mark in typed:
            try:
                normalise(kind, typed)
            except ValidationError:
                continue
            return kind
    return None


def fitting(address: Address) -> Address:
    """An address as it can be kept: the same for looking it up and for storing it, whatever its length."""
    return replace(
        address,
        value=bounded(address.value, LONGEST),
        scope=bounded(address.scope, LONGEST_SCOPE),
        also=tuple(fitting(also) for also in address.also),
    )
