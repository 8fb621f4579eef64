"""Who is this? From an address, with how far it can be trusted, to a contact, with the reason.

The rules are those of DESIGN.md: an exact identity reaches its contact; an *attested* address joins the contact
that holds an attested or confirmed address equal to it on another kind of channel; a *claimed* address joins
nobody, it makes a suggestion. Where names speak against a join, it becomes a suggestion too.
"""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from contacts.addresses import fitting
from contacts.domains import company_domain
from contacts.models import AccountDomain, Affiliation, Contact, Identity
from contacts.names import compatible, is_name
from contacts.services.suggestions import suggest
from contacts.types import Address, AddressKind, Proof

PHONE_KINDS = (AddressKind.PHONE, AddressKind.SMS, AddressKind.WHATSAPP)
EQUALS = 10  # others who hold or claim an address; more would only make more suggestions of the same


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
    address = fitting(address)
    verified = address.proof != Proof.CLAIMED
    held = _holder(address)
    if held is None:
        try:
            with transaction.atomic():
                return _introduce(address, verified=verified)
        except IntegrityError:  # somebody else introduced the same address meanwhile
            held = _holder(address)
            if held is None:
                raise
    _learn(held, address)
    _note_others(held.contact, address)
    return Resolution(held.contact, held, verified=verified)


def _holder(address: Address) -> Identity | None:
    """The identity that holds this very address."""
    return (
        Identity.objects.filter(kind=address.kind, scope=address.scope, value=address.value, holds=True)
        .select_related("contact")
        .first()
    )


def _introduce(address: Address, *, verified: bool) -> Resolution:
    """A new address: of somebody we know by another one, or of a new contact."""
    known = _known_by_other_address(address) if verified else None
    contact = known.contact if known else Contact.objects.create(name=_name_of(address))
    because = f"same as their {known.kind} address {known.value}" if known else "wrote from it"
    identity = add_address(contact=contact, address=address, reason=because)
    if known:
        _take_name(identity, address)
    _note_others(contact, address)
    _suggest_equals(contact, address)
    reason = "same" if known else "new"
    return Resolution(contact, identity, verified, created=known is None, reason=reason, same_as=known)


def _known_by_other_address(address: Address) -> Identity | None:
    """The verified equal of an attested address, if one contact alone has such, and their name allows it."""
    vouched = [also for also in address.also if also.proof != Proof.CLAIMED]
    equals = _equals([address, *vouched]) if vouched or address.kind in PHONE_KINDS else []
    contacts = {identity.contact_id: identity for identity in equals if identity.is_verified}
    if len(contacts) != 1 or any(identity.is_shared for identity in equals):
        return None
    (found,) = contacts.values()
    return found if compatible(found.contact.name, address.name) else None


def _equals(addresses: list[Address]) -> list[Identity]:
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
    if spelling := _other_spelling(address.value):
        is_whatsapp = address.kind == AddressKind.WHATSAPP
        same |= Q(kind__in=PHONE_KINDS if is_whatsapp else [AddressKind.WHATSAPP], value=spelling)
    return same


def _other_spelling(number: str) -> str:
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


def add_address(
    *, contact: Contact, address: Address, reason: str, holds: bool = True, proof: Proof | None = None
) -> Identity:
    """Give a contact an address that it holds (or merely claims), and propose where they work."""
    identity = Identity.objects.create(
        contact=contact,
        kind=address.kind,
        scope=address.scope,
        value=address.value,
        verbatim=(address.verbatim or address.value)[:320],
        proof=proof or address.proof,
        holds=holds,
        reason=reason[:200],
    )
    if holds and address.kind == AddressKind.EMAIL:
        propose_account(contact=contact, email=address.value)
    return identity


def propose_account(*, contact: Contact, email: str) -> None:
    """Propose the Affiliation that a company's mail domain speaks for; people confirm it."""
    domain = company_domain(email)
    if not domain or Affiliation.objects.filter(contact=contact, until=None).exists():
        return
    known = AccountDomain.objects.filter(domain=domain, account__archived_at=None).first()
    if known:
        Affiliation.objects.create(
            contact=contact, account_id=known.account_id, is_proposed=True, since=timezone.now()
        )


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
    identity.proof, identity.holds = Identity.Proof(proof), True
    identity.save(update_fields=["proof", "holds"])
    if identity.kind == AddressKind.EMAIL:
        propose_account(contact=identity.contact, email=identity.value)


def _suggest_equals(contact: Contact, address: Address) -> None:
    """Others hold or claim this contact's address and were not joined: say so, for people to decide."""
    equals = _equals([address])
    if any(identity.is_shared for identity in equals):
        return
    for identity in equals:
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
