"""The demo's accounts and contacts, stored in bulk, and who of them may be one person."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from contacts.models import Account, AccountDomain, Affiliation, Contact, Identity
from contacts.services.suggestions import suggest
from contacts.types import AddressKind
from omnidesk.demo.cast import COMPANIES, Person, customers
from omnidesk.demo.matters import Party
from omnidesk.demo.office import SCOPES, Office

WROTE = "wrote from it"


def settle_in(office: Office, rng: random.Random) -> tuple[Sequence[Party], Mapping[str, Account]]:
    """Store everybody who writes; returns them, and the accounts by name."""
    accounts = _accounts(office, rng)
    people = customers(rng)
    contacts = Contact.objects.bulk_create(
        Contact(
            name=person.name,
            title=person.title,
            language=person.language,
            created_at=_long_ago(office, rng),
            last_seen_at=office.since,
        )
        for person in people
    )
    _affiliate(people, contacts, accounts, office)
    identities = Identity.objects.bulk_create(
        _identity(contact, kind, value, proof, office)
        for person, contact in zip(people, contacts, strict=True)
        for kind, (value, proof) in person.addresses.items()
    )
    found: dict[int, dict[AddressKind, Identity]] = {}
    for identity in identities:
        found.setdefault(identity.contact_id, {})[AddressKind(identity.kind)] = identity
    parties = [
        Party(
            contact,
            found[contact.pk],
            person.brand,
            accounts[person.company.name] if person.company else None,
        )
        for person, contact in zip(people, contacts, strict=True)
    ]
    return parties, accounts


def suspect_doubles(parties: Sequence[Party], office: Office) -> None:
    """Make a few contacts who may be somebody that is known already, for people to decide."""
    known = [party for party in parties if AddressKind.EMAIL in party.identities]
    for number, party in enumerate(known[5::29][:6]):
        mail = party.identities[AddressKind.EMAIL]
        double = Contact.objects.create(
            name=party.contact.name.partition(" ")[0]
            if number % 2
            else f"Visitor {0x7F3A + 411 * number:04X}",
            language=party.contact.language,
            created_at=office.now,
            last_seen_at=office.now,
        )
        claim = _identity(
            double, AddressKind.CHAT, f"visitor-double-{number}", Identity.Proof.ATTESTED, office
        )
        claim.save()
        evidence = [f"{mail.value} is email of {party.contact.name}", "only claimed", "the names fit"]
        suggest(contact=double, other=party.contact, score=60, evidence=evidence)


def _accounts(office: Office, rng: random.Random) -> dict[str, Account]:
    made = Account.objects.bulk_create(
        Account(name=company.name, facts=company.facts, created_at=_long_ago(office, rng))
        for company in COMPANIES
    )
    AccountDomain.objects.bulk_create(
        AccountDomain(account=account, domain=company.domain)
        for account, company in zip(made, COMPANIES, strict=True)
    )
    return {account.name: account for account in made}


def _long_ago(office: Office, rng: random.Random) -> datetime:
    return office.since - timedelta(days=rng.randrange(700))


def _affiliate(
    people: Sequence[Person], contacts: Sequence[Contact], accounts: Mapping[str, Account], office: Office
) -> None:
    Affiliation.objects.bulk_create(
        Affiliation(contact=contact, account=accounts[person.company.name], since=office.since)
        for person, contact in zip(people, contacts, strict=True)
        if person.company
    )


def _identity(contact: Contact, kind: AddressKind, value: str, proof: str, office: Office) -> Identity:
    return Identity(
        contact=contact,
        kind=kind,
        scope=SCOPES.get(kind, ""),
        value=value,
        verbatim=value,
        proof=proof,
        holds=True,
        reason=WROTE if proof != Identity.Proof.CONFIRMED else "added by an agent",
        created_at=office.since,
    )
