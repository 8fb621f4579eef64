"""Who is this? From an address, with how far it can be trusted, to a contact, with the reason.

The rules are those of DESIGN.md: an exact identity reaches its contact; an *attested* address joins the contact
that holds an attested or confirmed address equal to it on another kind of channel; a *claimed* address joins
nobody, it makes a suggestion. Where names speak against a join, it becomes a suggestion too.
"""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from contacts.domains import company_domain
from contacts.models import AccountDomain, Affiliation, Contact, Identity
from contacts.names import compatible, is_name
from contacts.services.suggestions import suggest
from contacts.types import Address, AddressKind, Proof

PHONE_KINDS = (AddressKind.PHONE, AddressKind.SMS, AddressKind.WHATSAPP)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The contact behind an address. `verified` says whether the provider vouched for it this time."""

    contact: Contact
    identity: Identity
    verified: bool
    created: bool = False
    reason: str = "known address"


def resolve(*, address: Address) -> Resolution:
    """Find or make the contact who writes from `address`. Safe against itself running twice at once."""
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
    known, reason = _known_by_other_address(address) if verified else (None, "")
    contact = known or Contact.objects.create(name=_name_of(address))
    identity = add_address(contact=contact, address=address, reason=reason or "wrote from it")
    _note_others(contact, address)
    if not known:
        _suggest_equals(contact, address)
    return Resolution(contact, identity, verified, created=known is None, reason=reason or "new address")


def _known_by_other_address(address: Address) -> tuple[Contact | None, str]:
    """The one contact who holds a verified equal of an attested address, and whose name allows it."""
    vouched = [also for also in address.also if also.proof != Proof.CLAIMED]
    equals = _verified_equals([address, *vouched]) if vouched or address.kind in PHONE_KINDS else []
    contacts = {identity.contact_id: identity for identity in equals if not identity.is_shared}
    if len(contacts) != 1 or any(identity.is_shared for identity in equals):
        return None, ""
    (found,) = contacts.values()
    if not compatible(found.contact.name, address.name):
        return None, ""
    return found.contact, f"same as their {found.kind} address {found.value}"


def _verified_equals(addresses: list[Address]) -> list[Identity]:
    """Attested or confirmed identities that are the same phone or mailbox as one of the addresses."""
    wanted = Q()
    for address in addresses:
        wanted |= Q(kind__in=_equal_kinds(address.kind), value__in=_equal_values(address))
    held = Identity.objects.filter(wanted, holds=True).exclude(proof=Identity.Proof.CLAIMED)
    return list(held.select_related("contact"))


def _equal_kinds(kind: AddressKind) -> tuple[AddressKind, ...]:
    """Kinds on which the same value is the same thing: a phone number, whatever is sent to it."""
    return PHONE_KINDS if kind in PHONE_KINDS else (kind,)


def _equal_values(address: Address) -> list[str]:
    """The value and, for WhatsApp, the other ways that its network writes the same number.

    Brazilian mobiles with and without the ninth digit, Mexican with and without 1, Argentine with and without
    9 (CHANNELS.md section 9; measured on real WhatsApp ids).
    """
    value = address.value
    if address.kind != AddressKind.WHATSAPP:
        return [value]
    for prefix, digit, length in (("+55", "9", 13), ("+52", "1", 13), ("+54", "9", 13)):
        if not value.startswith(prefix):
            continue
        area = 2 if prefix == "+55" else 0
        head, tail = value[: 3 + area], value[3 + area :]
        longer = len(value) > length
        return [value, head + tail[1:]] if longer and tail[:1] == digit else [value, head + digit + tail]
    return [value]


def _learn(identity: Identity, address: Address) -> None:
    """Take over what a verified message adds to what we know: proof, and a name where there was none."""
    changed = []
    if address.proof == Proof.ATTESTED and identity.proof == Identity.Proof.CLAIMED:
        identity.proof = Identity.Proof.ATTESTED
        changed.append("proof")
    if changed:
        identity.save(update_fields=changed)
    contact = identity.contact
    if is_name(address.name) and contact.name in {"", identity.value, identity.verbatim}:
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
        value=address.value[:320],
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
    known = AccountDomain.objects.filter(domain=domain).first()
    if known:
        Affiliation.objects.create(
            contact=contact, account_id=known.account_id, is_proposed=True, since=timezone.now()
        )


def _note_others(contact: Contact, address: Address) -> None:
    """Keep what else the source says about the person: attested addresses are theirs, claims are not."""
    for also in address.also:
        if (
            not also.value
            or Identity.objects.filter(
                contact=contact, kind=also.kind, scope=also.scope, value=also.value
            ).exists()
        ):
            continue
        held = _holder(also)
        vouched = also.proof != Proof.CLAIMED
        if held is None:
            add_address(contact=contact, address=also, reason=f"named by {address.kind}", holds=vouched)
        elif held.contact_id != contact.pk:
            _suggest(contact, held, also, vouched=vouched)


def _suggest_equals(contact: Contact, address: Address) -> None:
    """A new contact whose address equals somebody else's was not joined: say so, for people to decide."""
    if address.kind not in PHONE_KINDS:
        return  # nobody else can hold the same address of any other kind
    for identity in _verified_equals([address]):
        if identity.contact_id != contact.pk:
            _suggest(contact, identity, address, vouched=address.proof != Proof.CLAIMED)


def _suggest(contact: Contact, held: Identity, address: Address, *, vouched: bool) -> None:
    fits = compatible(contact.name, held.contact.name)
    evidence = [
        f"{address.value} is {held.kind} of {held.contact.name}",
        "the provider vouches for it" if vouched else "only claimed",
        "the names fit" if fits else "the names differ",
    ]
    suggest(contact=contact, other=held.contact, score=40 + 30 * vouched + 20 * fits, evidence=evidence)


def _name_of(address: Address) -> str:
    return (address.name if is_name(address.name) else address.verbatim or address.value)[:200]
