"""Which addresses are the same one: a phone number, whatever is sent to it; else the very address in its scope."""

from collections.abc import Iterable

from django.db.models import Q

from contacts.models import Identity
from contacts.types import Address, AddressKind

PHONE_KINDS = (AddressKind.PHONE, AddressKind.SMS, AddressKind.WHATSAPP)
EQUALS = 10  # others who hold or claim an address; more would only make more suggestions of the same


def familiar(addresses: Iterable[Address]) -> set[str]:
    """Values of those addresses of which the equal, or that of another they name, stands somewhere already."""
    named = {
        address.value: set().union(*(spellings(one) for one in (address, *address.also)))
        for address in addresses
    }
    asked = set().union(*named.values())
    rows = Identity.objects.filter(value__in=asked).order_by().values_list("value", flat=True)
    there = set(rows.distinct())
    return {value for value, others in named.items() if others & there}


def equals(addresses: list[Address]) -> list[Identity]:
    """Identities that are the same phone or mailbox as one of the addresses: those who hold it, then claims."""
    wanted = Q()
    for address in addresses:
        wanted |= _same(address)
    found = Identity.objects.filter(wanted).select_related("contact")
    return list(found.order_by("-holds", "id")[:EQUALS])


def _same(address: Address) -> Q:
    """What counts as the same: a phone number, whatever is sent to it; else the very address in its scope."""
    if address.kind not in PHONE_KINDS:
        return Q(kind=address.kind, scope=address.scope, value=address.value)
    same = Q(kind__in=PHONE_KINDS, value=address.value)
    if spelling := other_spelling(address.value):
        is_whatsapp = address.kind == AddressKind.WHATSAPP
        same |= Q(kind__in=PHONE_KINDS if is_whatsapp else [AddressKind.WHATSAPP], value=spelling)
    return same


def spellings(address: Address) -> set[str]:
    """The values under which an equal of an address may stand."""
    other = other_spelling(address.value) if address.kind in PHONE_KINDS else ""
    return {address.value, other} - {""}


def other_spelling(number: str) -> str:
    """The other way that WhatsApp writes a number, or nothing.

    Brazilian mobiles with and without the ninth digit, Mexican with and without 1, Argentine with and without
    9 (CHANNELS.md section 9; measured on real WhatsApp ids).
    """
    for prefix, digit, length in (("+55", "9", 13), ("+52", "1", 13), ("+54", "9", 13)):
        if not number.startswith(prefix):
            continue
        area = 2 if prefix == "+55" else 0
        head, tail = number[: 3 + area], number[3 + area :]
        is_longer = len(number) > length and tail[:1] == digit
        return head + tail[1:] if is_longer else head + digit + tail
    return ""
