"""Who is this? From an address, with how far it can be trusted, to a contact, with the reason.

The rules are those of DESIGN.md: an exact identity reaches its contact; an *attested* address joins the contact
that holds an attested or confirmed address equal to it on another kind of channel; a *claimed* address joins
nobody, it makes a suggestion. Where names speak against a join, it becomes a suggestion too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from contacts.addresses import fitting
from contacts.models import Contact, Identity
from contacts.names import compatible, is_name
from contacts.services.equals import PHONE_KINDS, equals, familiar
from contacts.services.identities import (
    Held,
    Place,
    add_address,
    add_addresses,
    holders,
    place,
    propose_account,
    unheld,
)
from contacts.services.searching import put_contacts
from contacts.services.suggestions import suggest
from contacts.types import Address, AddressKind, Proof


@dataclass(frozen=True, slots=True)
class Resolution:
    """The contact behind an address. `verified` says whether the provider vouched for it this time.

    `reason` is known (the address is theirs), same (as `same_as`, an address of theirs on another kind of channel)
    or new.
    """

    contact: Contact
    identity: Identity
    verified: bool
    created: bool = False
    reason: str = "known"
    same_as: Identity | None = None


def resolve(*, address: Address) -> Resolution:
    """Find or make the contact who writes from `address`. Safe against itself running twice at once."""
    return resolve_all([address])[0]


def resolve_all(addresses: Sequence[Address]) -> list[Resolution]:
    """Find or make the contact behind each address; none of them may have to do with another."""
    addresses = [fitting(address) for address in addresses]
    held = holders(addresses)
    try:
        with transaction.atomic():
            new = _introduce(unheld(addresses, held))
    except IntegrityError:  # somebody else introduced one of the addresses meanwhile
        held = holders(addresses)
        new = _introduce(unheld(addresses, held))
    for address in addresses:
        if identity := held.get(place(address)):
            _learn(identity, address)
            _note_others(identity.contact, address)
    return [new.get(place(address)) or _known(held[place(address)], address) for address in addresses]


def _known(identity: Identity, address: Address) -> Resolution:
    return Resolution(identity.contact, identity, verified=_is_vouched(address))


def _is_vouched(address: Address) -> bool:
    return address.proof != Proof.CLAIMED


def _introduce(addresses: Sequence[Address]) -> dict[Place, Resolution]:
    """New addresses: each of somebody we know by another one, or of a new contact."""
    seen = familiar(addresses)
    same = {
        place(one): equal
        for one in addresses
        if one.value in seen and _is_vouched(one) and (equal := _known_by_other_address(one))
    }
    strangers = [one for one in addresses if place(one) not in same]
    contacts = {place(one): Contact(name=_name_of(one)) for one in strangers}
    Contact.objects.bulk_create(contacts.values())
    contacts |= {key: equal.contact for key, equal in same.items()}
    identities = add_addresses(
        [Held(contacts[place(one)], one, _because(same.get(place(one)))) for one in addresses]
    )
    made = {}
    for address, identity in zip(addresses, identities, strict=True):
        known = same.get(place(address))
        if known:
            _take_name(identity, address)
        _note_others(identity.contact, address)
        if address.value in seen:
            _suggest_equals(identity.contact, address)
        made[place(address)] = Resolution(
            identity.contact,
            identity,
            _is_vouched(address),
            created=known is None,
            reason="same" if known else "new",
            same_as=known,
        )
    return made


def _because(known: Identity | None) -> str:
    return f"same as their {known.kind} address {known.value}" if known else "wrote from it"


def _known_by_other_address(address: Address) -> Identity | None:
    """The verified equal of an attested address, if one contact alone has such, and their name allows it."""
    vouched = [also for also in address.also if also.proof != Proof.CLAIMED]
    found = equals([address, *vouched]) if vouched or address.kind in PHONE_KINDS else []
    contacts = {identity.contact_id: identity for identity in found if identity.is_verified}
    if len(contacts) != 1 or any(identity.is_shared for identity in found):
        return None
    (one,) = contacts.values()
    return one if compatible(one.contact.name, address.name) else None


def _learn(identity: Identity, address: Address) -> None:
    """Take over what a verified message adds to what we know: proof, and a name where there was none."""
    changed = []
    if address.proof == Proof.ATTESTED and identity.proof == Identity.Proof.CLAIMED:
        identity.proof = Identity.Proof.ATTESTED
        changed.append("proof")
    if changed:
        identity.save(update_fields=changed)
    _take_name(identity, address)


def _take_name(identity: Identity, address: Address) -> None:
    """Call the contact by the name that comes with the address, where they had none."""
    contact = identity.contact
    nameless = not is_name(contact.name) or contact.name in {identity.value, identity.verbatim}
    if nameless and is_name(address.name):
        contact.name = address.name[:200]
        contact.save(update_fields=["name"])
        put_contacts([contact])


def _note_others(contact: Contact, address: Address) -> None:
    """Keep, once, what else the source says about the person: attested addresses are theirs unless somebody
    else holds them, claims never are."""
    for also in address.also:
        where = {"kind": also.kind, "scope": also.scope, "value": also.value}
        own = Identity.objects.filter(contact=contact, **where).first()
        is_known = own is not None and (own.proof != Identity.Proof.CLAIMED or also.proof == Proof.CLAIMED)
        if not also.value or is_known:
            continue
        others = Identity.objects.filter(**where, holds=True).exclude(contact=contact)
        holds = also.proof != Proof.CLAIMED and not others.exists()
        if own is None:
            proof = also.proof if holds else Proof.CLAIMED
            add_address(
                contact=contact, address=also, reason=f"named by {address.kind}", holds=holds, proof=proof
            )
            _suggest_equals(contact, also)
        elif holds:
            _vouch(own, also.proof)


def _vouch(identity: Identity, proof: Proof) -> None:
    """Somebody vouches now for what was only claimed, and nobody else holds it."""
    was_removed = identity.removed_at is not None
    identity.proof, identity.holds, identity.removed_at = Identity.Proof(proof), True, None
    identity.save(update_fields=["proof", "holds", "removed_at"])
    if was_removed:
        put_contacts([identity.contact])
    if identity.kind == AddressKind.EMAIL:
        propose_account(contact=identity.contact, email=identity.value)


def _suggest_equals(contact: Contact, address: Address) -> None:
    """Others hold or claim this contact's address and were not joined: say so, for people to decide."""
    found = equals([address])
    if any(identity.is_shared for identity in found):
        return
    for identity in found:
        if identity.contact_id != contact.pk:
            _suggest(contact, identity, address)


def _suggest(contact: Contact, equal: Identity, address: Address) -> None:
    vouched = address.proof != Proof.CLAIMED and equal.is_verified
    fits = compatible(contact.name, equal.contact.name)
    evidence = [
        f"{address.value} is {equal.kind} of {equal.contact.name}",
        "the provider vouches for it" if vouched else "only claimed",
        "the names fit" if fits else "the names differ",
    ]
    suggest(contact=contact, other=equal.contact, score=40 + 30 * vouched + 20 * fits, evidence=evidence)
    if vouched and not fits and address.kind in PHONE_KINDS:
        # Two people on one phone: a call from it could be either's.
        numbers = Identity.objects.filter(contact__in=[contact, equal.contact], kind=AddressKind.PHONE)
        numbers.filter(value__in=[address.value, equal.value]).update(is_shared=True)


def _name_of(address: Address) -> str:
    return (address.name if is_name(address.name) else address.verbatim or address.value)[:200]
