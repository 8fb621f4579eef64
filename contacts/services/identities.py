"""Addresses that contacts hold: finding who does, giving new ones, and what their mail domain says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from contacts.domains import company_domain
from contacts.models import AccountDomain, Affiliation, Contact, Identity
from contacts.services.searching import put_contacts
from contacts.types import Address, AddressKind, Proof

Place = tuple[str, str, str]


def place(address: Address) -> Place:
    """What makes two addresses the same: kind, scope and value."""
    return str(address.kind), address.scope, address.value


def holders(addresses: Iterable[Address]) -> dict[Place, Identity]:
    """The identities that hold these very addresses, with their contacts; by place."""
    wanted = {place(address) for address in addresses}
    if not wanted:
        return {}
    values = {value for _, _, value in wanted}
    rows = Identity.objects.filter(value__in=values, holds=True).select_related("contact")
    found = {(row.kind, row.scope, row.value): row for row in rows}
    return {key: row for key, row in found.items() if key in wanted}


def unheld(addresses: Iterable[Address], held: Mapping[Place, Identity]) -> list[Address]:
    """The addresses that nobody holds, each once."""
    return list({place(one): one for one in addresses if place(one) not in held}.values())


@dataclass(frozen=True, slots=True)
class Held:
    """An address that a contact is to have, and why; `proof` where it differs from the address's own."""

    contact: Contact
    address: Address
    reason: str
    holds: bool = True
    proof: Proof | None = None


def add_address(
    *, contact: Contact, address: Address, reason: str, holds: bool = True, proof: Proof | None = None
) -> Identity:
    """Give a contact an address that it holds (or merely claims), and propose where they work."""
    return add_addresses([Held(contact, address, reason, holds, proof)])[0]


def add_addresses(given: Sequence[Held]) -> list[Identity]:
    """Give contacts addresses, as `add_address` does one."""
    identities = [
        Identity(
            contact=one.contact,
            kind=one.address.kind,
            scope=one.address.scope,
            value=one.address.value,
            verbatim=(one.address.verbatim or one.address.value)[:320],
            proof=one.proof or one.address.proof,
            holds=one.holds,
            reason=one.reason[:200],
        )
        for one in given
    ]
    Identity.objects.bulk_create(identities)
    put_contacts(one.contact for one in given)
    propose_accounts(
        (one.contact, one.address.value)
        for one in given
        if one.holds and one.address.kind == AddressKind.EMAIL
    )
    return identities


def propose_account(*, contact: Contact, email: str) -> None:
    """Propose the Affiliation that a company's mail domain speaks for; people confirm it."""
    propose_accounts([(contact, email)])


def propose_accounts(people: Iterable[tuple[Contact, str]]) -> None:
    """Propose the Affiliation that the mail domain of each contact's address speaks for."""
    asked = {contact.pk: domain for contact, email in people if (domain := company_domain(email))}
    known = AccountDomain.objects.filter(domain__in=set(asked.values()), account__archived_at=None)
    accounts = dict(known.values_list("domain", "account_id")) if asked else {}
    fitting_ones = {contact: accounts[domain] for contact, domain in asked.items() if domain in accounts}
    if not fitting_ones:
        return
    placed = Affiliation.objects.filter(contact__in=fitting_ones, until=None)
    employed = set(placed.values_list("contact_id", flat=True))
    Affiliation.objects.bulk_create(
        Affiliation(contact_id=contact, account_id=account, is_proposed=True, since=timezone.now())
        for contact, account in fitting_ones.items()
        if contact not in employed
    )
