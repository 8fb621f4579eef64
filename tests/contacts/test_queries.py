from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts import queries
from contacts.models import Contact, Identity
from contacts.services.people import affiliate, create_account, create_contact, end_affiliation
from contacts.services.suggestions import dismiss, suggest
from contacts.types import AddressKind

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(in_scope: Any) -> Any:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def named(*names: str) -> list[Contact]:
    """Contacts with an address each, the first seen first."""
    return [
        create_contact(
            name=name,
            addresses=[(AddressKind.EMAIL, f"{name.split()[0].lower()}@cust.example")],
            last_seen_at=NOW + timedelta(minutes=number),
        )
        for number, name in enumerate(names)
    ]


def listed(**how: Any) -> list[str]:
    return [row.contact.name for row in queries.contacts_page(**how).rows]


def counted(read: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        read()
    return len(captured)


def test_contacts_are_listed_as_last_seen():
    named("Ana Lind", "Ben Okoro")
    assert listed() == ["Ben Okoro", "Ana Lind"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ana", ["Ana Lind"]),
        ("ANA L", ["Ana Lind"]),
        ("lind", []),
        ("ben@c", ["Ben Okoro"]),
        ("  ", ["Ben Okoro", "Ana Lind"]),
        ("%", []),
        ("_", []),
    ],
)
def test_search_is_by_how_a_name_or_address_begins(search, found):
    named("Ana Lind", "Ben Okoro")
    assert listed(search=search) == found


def test_contact_pages_go_on_below_the_cursor():
    named("A", "B", "C")
    page = queries.contacts_page(size=2)
    assert [row.contact.name for row in page.rows] == ["C", "B"]
    assert listed(before=page.older, size=2) == ["A"]


def test_a_row_says_for_whom_they_work_and_where_they_are_reached():
    ana, ben = named("Ana", "Ben")
    account = create_account(name="Northwind")
    affiliate(contact=ana, account=account)
    rows = {row.contact: row for row in queries.contacts_page().rows}
    assert (rows[ana].account, rows[ben].account) == (account, None)
    assert [str(identity) for identity in rows[ana].identities] == ["ana@cust.example"]


def test_accounts_are_listed_by_name_and_pages_go_on():
    for name in ("Pinecrest", "Atlas", "Kestrel"):
        create_account(name=name, domains=[f"{name.lower()}.example"])
    page = queries.accounts_page(size=2)
    assert [(row.account.name, row.domains) for row in page.rows] == [
        ("Atlas", ["atlas.example"]),
        ("Kestrel", ["kestrel.example"]),
    ]
    rest = queries.accounts_page(after=page.after, size=2)
    assert ([row.account.name for row in rest.rows], rest.after) == (["Pinecrest"], None)
    assert [account.name for account in queries.accounts_like("kes")] == ["Kestrel"]


def test_accounts_of_one_name_are_all_listed():
    for _ in range(3):
        create_account(name="Twin")
    first = queries.accounts_page(size=2)
    rest = queries.accounts_page(after=first.after, size=2)
    assert len({row.account.pk for row in [*first.rows, *rest.rows]}) == 3


def card_of(contact: Contact) -> queries.Card:
    return queries.card(queries.whom(contact)).read()


def test_the_card_knows_where_they_work_and_worked(clock):
    (ana,) = named("Ana")
    old, new = create_account(name="Old"), create_account(name="New")
    affiliate(contact=ana, account=old)
    clock.shift(60)
    affiliate(contact=ana, account=new)
    card = card_of(ana)
    assert card.current is not None
    assert card.current.account == new
    assert [past.account for past in card.former] == [old]
    end_affiliation(affiliation=card.current)
    assert card_of(ana).current is None


def test_suggestions_are_shown_on_both_until_decided(member):
    ana, other = named("Ana", "Anna")
    suggestion = suggest(contact=ana, other=other, score=60, evidence=["same name"])
    assert [card_of(person).suggestions for person in (ana, other)] == [[suggestion], [suggestion]]
    dismiss(suggestion=suggestion, member=member)
    assert card_of(ana).suggestions == []


def test_people_of_an_account_are_those_who_work_there_now():
    ana, ben = named("Ana", "Ben")
    account, other = create_account(name="Northwind"), create_account(name="Other")
    for person in (ana, ben):
        affiliate(contact=person, account=account)
    affiliate(contact=ben, account=other)
    assert [row.contact for row in queries.people(account)] == [ana]


@pytest.mark.parametrize(
    ("read", "expected"),
    [(queries.contacts_page, 3), (queries.accounts_page, 2)],
    ids=["contacts", "accounts"],
)
def test_lists_take_as_many_queries_for_three_as_for_one(read, expected):
    named("A")
    create_account(name="A", domains=["a.example"])
    one = counted(read)
    named("B", "C")
    create_account(name="B", domains=["b.example"])
    assert counted(read) == one == expected


def test_a_search_reads_only_what_begins_so(in_scope):
    people = Contact.objects.bulk_create(Contact(name=f"Person {number}") for number in range(3000))
    Identity.objects.bulk_create(
        Identity(contact=person, kind="email", value=f"p{person.pk}@cust.example") for person in people
    )
    with CaptureQueriesContext(connection) as captured:
        queries.contacts_page(search="dana")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_contact, contacts_identity")
        cursor.execute(f"EXPLAIN {captured[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "using contact_by_name " in plan
    assert "using identity_value " in plan or "using identity_once " in plan
    assert "Seq Scan" not in plan
    assert "Filter: ((sorted_name" not in plan
