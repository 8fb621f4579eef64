"""The demo's accounts and contacts, stored in bulk, and who of them may be one person."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from contacts.models import Account, AccountDomain, Affiliation, Contact, Identity
from contacts.services.suggestions import suggest
from contacts.types import AddressKind, Proof
from omnidesk.demo.cast import COMPANIES, Person, customers
from omnidesk.demo.matters import Party
from omnidesk.demo.office import Office

WROTE = "wrote from it"
DOUBLES = 6


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
        _identity(contact, kind, value, proof, office=office, brand=person.brand)
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


def suspect_doubles(parties: Sequence[Party], office: Office) -> list[Party]:
    """A few visitors of the chat who say that they have the mailbox of somebody known: people decide."""
    known = [party for party in parties if office.channel(party.brand, AddressKind.CHAT)]
    return [_double(party, number, office) for number, party in enumerate(known[5::19][:DOUBLES])]


def _double(party: Party, number: int, office: Office) -> Party:
    known, mail = party.contact, party.identities[AddressKind.EMAIL]
    given = known.name.partition(" ")[0]
    visitor = Contact.objects.create(
        name=given if number % 2 else f"Visitor {0x7F3A + 411 * number:04X}",
        language=known.language,
        created_at=office.since,
        last_seen_at=office.since,
    )
    named = partial(_identity, visitor, office=office, brand=party.brand)
    chat = named(AddressKind.CHAT, f"visitor-7f3a{number:08x}", Proof.ATTESTED)
    claim = named(AddressKind.EMAIL, mail.value, Proof.CLAIMED)
    claim.holds, claim.reason = False, "named by chat"
    Identity.objects.bulk_create([chat, claim])
    evidence = [f"{mail.value} is email of {known.name}", "only claimed", "the names fit"]
    suggest(contact=visitor, other=known, score=60, evidence=evidence)
    return Party(visitor, {AddressKind.CHAT: chat}, party.brand)


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


def _identity(
    contact: Contact, kind: AddressKind, value: str, proof: str, *, office: Office, brand: str
) -> Identity:
    return Identity(
        contact=contact,
        kind=kind,
        scope=office.scope(brand, kind),
        value=value,
        verbatim=value,
        proof=proof,
        holds=True,
        reason=WROTE if proof != Proof.CONFIRMED else "added by an agent",
        created_at=office.since,
    )
