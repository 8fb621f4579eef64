"""What is searched of contacts and accounts: names, addresses, what else is known of them, and what members keep
about them for themselves: nobody but members searches."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from contacts.models import Account, AccountDomain, Contact, Identity
from contacts.queries import private_notes
from tenancy import search
from tenancy.search import Field, Kind, Text


def put_contacts(contacts: Iterable[Contact]) -> None:
    """Let contacts be found by what is known of them now."""
    search.put(contact_texts({contact.pk: contact for contact in contacts}.values()))


def put_account(account: Account) -> None:
    """Let an account be found by what is known of it now."""
    search.put(account_texts([account]))


def contact_texts(contacts: Iterable[Contact]) -> list[Text]:
    """What is searched of contacts, in a query for their addresses and one for notes about them."""
    rows = sorted(contacts, key=lambda contact: contact.pk)
    addresses = defaultdict[int, list[str]](list)
    for identity in Identity.objects.filter(contact__in=[row.pk for row in rows], removed_at=None).order_by(
        "id"
    ):
        addresses[identity.contact_id].append(identity.verbatim or identity.value)
    notes = private_notes("contact", [row.pk for row in rows])
    return [_contact_text(row, addresses[row.pk], notes.get(row.pk, ())) for row in rows]


def account_texts(accounts: Sequence[Account]) -> list[Text]:
    """What is searched of accounts, in a query for their domains and one for notes about them."""
    domains = defaultdict[int, list[str]](list)
    for row in AccountDomain.objects.filter(account__in=accounts).order_by("id"):
        domains[row.account_id].append(row.domain)
    notes = private_notes("account", [row.pk for row in accounts])
    rows = sorted(accounts, key=lambda account: account.pk)
    return [_account_text(row, domains[row.pk], notes.get(row.pk, ())) for row in rows]


def _contact_text(contact: Contact, addresses: Sequence[str], notes: Sequence[str]) -> Text:
    words = [(Field.FROM, contact.name), *((Field.FROM, address) for address in addresses)]
    words += [
        (Field.TEXT, contact.title),
        *((Field.TEXT, word) for word in values([contact.facts, contact.attributes])),
        *((Field.TEXT, note) for note in notes),
    ]
    return Text(Kind.CONTACT, contact.pk, contact.created_at, words)


def _account_text(account: Account, domains: Sequence[str], notes: Sequence[str]) -> Text:
    words = [(Field.FROM, account.name), *((Field.FROM, domain) for domain in domains)]
    words += [
        (Field.TEXT, account.notes),
        *((Field.TEXT, word) for word in values([account.facts, account.attributes])),
        *((Field.TEXT, note) for note in notes),
    ]
    return Text(Kind.ACCOUNT, account.pk, account.created_at, words)


def values(facts: Any) -> Iterator[str]:
    """All texts and numbers in what JSON holds, however deep."""
    match facts:
        case bool() | None:
            return
        case str() | int() | float():
            yield str(facts)
        case dict():
            for value in facts.values():
                yield from values(value)
        case list():
            for value in facts:
                yield from values(value)
