"""Accounts, contacts and their addresses, for programs."""

import pytest

from contacts.models import Account, Contact, Identity
from contacts.services import people
from contacts.types import AddressKind
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.programs import Program, problem

ANA = {"name": "Ana Lind", "identities": [{"kind": "email", "value": "Ana@Cust.example"}]}


def new_contact(workspace: Workspace, name: str = "Ana Lind", email: str = "ana@cust.example") -> Contact:
    with scope(workspace.pk):
        return people.create_contact(name=name, addresses=[(AddressKind.EMAIL, email)])


def new_account(workspace: Workspace, name: str = "Northwind", *domains: str) -> Account:
    with scope(workspace.pk):
        return people.create_account(name=name, domains=domains)


def test_a_contact_is_made_with_addresses(program: Program):
    response = program.post(
        "contacts/", ANA | {"title": "CTO", "time_zone": "Europe/Oslo", "facts": {"n": 1}}
    )
    made = response.json()
    assert (response.status_code, made["name"], made["title"], made["facts"]) == (
        201,
        "Ana Lind",
        "CTO",
        {"n": 1},
    )
    (identity,) = made["identities"]
    assert (identity["value"], identity["verbatim"], identity["proof"]) == (
        "ana@cust.example",
        "Ana@Cust.example",
        "confirmed",
    )
    assert program.follow(response.headers["Location"]).json() == made


def test_an_address_that_somebody_holds_is_refused_and_nothing_is_made(program: Program, workspace):
    new_contact(workspace)
    response = program.post("contacts/", ANA | {"name": "Bo"})
    assert problem(response)["errors"] == {"identities": ["Ana@Cust.example belongs to Ana Lind."]}
    assert [row["name"] for row in program.rows("contacts/")] == ["Ana Lind"]


@pytest.mark.parametrize("identity", [("email", "nobody"), ("phone", "12"), ("slack", "U1"), ("email", "")])
def test_what_is_no_address_is_refused(program: Program, identity: tuple[str, str]):
    body = ANA | {"identities": [dict(zip(("kind", "value"), identity, strict=True))]}
    assert problem(program.post("contacts/", body))["status"] == 400


def test_an_address_is_added(program: Program, workspace: Workspace):
    contact = new_contact(workspace)
    path = f"contacts/{contact.pk}/identities/"
    response = program.post(path, {"kind": "sms", "value": "+1 206 555 0142"})
    assert (response.status_code, response.json()["value"]) == (201, "+12065550142")
    assert len(program.get(f"contacts/{contact.pk}/").json()["identities"]) == 2
    assert problem(program.post(path, {"kind": "sms", "value": "12"}))["errors"].keys() == {"value"}


def test_a_contact_is_changed(program: Program, workspace: Workspace):
    contact, account = new_contact(workspace), new_account(workspace)
    path = f"contacts/{contact.pk}/"
    changed = program.patch(path, {"name": "Ana Berg", "account": account.pk, "language": "sv"}).json()
    assert (changed["name"], changed["account"], changed["language"]) == ("Ana Berg", account.pk, "sv")
    assert program.patch(path, {"account": None}).json()["account"] is None
    assert program.patch(path, {}).json()["name"] == "Ana Berg"


@pytest.mark.parametrize(
    "body",
    [
        {"account": 10**30},
        {"account": 0},
        {"account": "1"},
        {"account": True},
        {"account": 999},
        {"name": None},
        {"time_zone": "Mars/Base"},
        {"language": "x" * 13},
        {"facts": None},
        {"identities": []},
        {"id": 7},
    ],
)
def test_a_change_that_cannot_be_is_refused(program: Program, workspace: Workspace, body):
    contact = new_contact(workspace)
    response = program.patch(f"contacts/{contact.pk}/", body)
    assert problem(response)["errors"].keys() == body.keys()


def test_contacts_are_found_by_words_and_by_account(program: Program, workspace: Workspace):
    ana, account = new_contact(workspace), new_account(workspace)
    bo = new_contact(workspace, "Bo Ek", "bo@other.example")
    with scope(workspace.pk):
        people.affiliate(contact=bo, account=account)
    assert program.ids("contacts/", search="lind") == [ana.pk]
    assert program.ids("contacts/", search="OTHER.example") == [bo.pk]
    assert program.ids("contacts/", search="%") == []
    assert program.ids("contacts/", account=account.pk) == [bo.pk]
    assert program.ids("contacts/", account=account.pk, search="ana") == []
    assert program.ids("contacts/", account="", search="") == [bo.pk, ana.pk]


@pytest.mark.parametrize(
    "query", [{"account": "x"}, {"account": 10**30}, {"account": -1}, {"search": "a\0b"}]
)
def test_a_filter_that_cannot_be_is_refused(program: Program, query):
    assert problem(program.get("contacts/", **query))["errors"].keys() == query.keys()


def test_an_account_is_made_and_changed(program: Program):
    response = program.post("accounts/", {"name": "Northwind", "domains": ["Northwind.example"]})
    made = response.json()
    assert (response.status_code, made["domains"]) == (201, ["northwind.example"])
    path = f"accounts/{made['id']}/"
    changed = program.patch(path, {"notes": "Pays late", "facts": {"plan": "gold"}}).json()
    assert changed == made | {"notes": "Pays late", "facts": {"plan": "gold"}}
    assert program.patch(path, {"domains": []}).json()["domains"] == []


def test_a_domain_belongs_to_one_account(program: Program, workspace: Workspace):
    new_account(workspace, "Northwind", "northwind.example")
    response = program.post("accounts/", {"name": "Other", "domains": ["northwind.example"]})
    assert problem(response)["errors"] == {"domains": ["northwind.example belongs to Northwind."]}
    assert len(program.rows("accounts/")) == 1


def test_rows_of_another_workspace_are_not_there(program: Program, workspace, other_workspace):
    contact, account = new_contact(other_workspace), new_account(other_workspace)
    mine = new_contact(workspace)
    for path in (f"contacts/{contact.pk}/", f"accounts/{account.pk}/"):
        assert program.get(path).status_code == 404
        assert program.patch(path, {"name": "Mine"}).status_code == 404
    path = f"contacts/{contact.pk}/identities/"
    assert program.post(path, {"kind": "email", "value": "x@y.example"}).status_code == 404
    response = program.patch(f"contacts/{mine.pk}/", {"account": account.pk})
    assert problem(response)["errors"] == {"account": ["There is no such account."]}
    assert program.ids("contacts/") == [mine.pk]
    assert program.ids("contacts/", account=account.pk) == []


@pytest.mark.parametrize("path", ["contacts/", "accounts/"])
def test_a_list_costs_the_same_however_long(program: Program, workspace: Workspace, path: str):
    for number in range(3):
        contact = new_contact(workspace, f"Ana {number}", f"ana{number}@cust.example")
        account = new_account(workspace, f"Northwind {number}", f"n{number}.example")
        with scope(workspace.pk):
            people.affiliate(contact=contact, account=account)
    assert program.get(path).status_code == 200
    assert program.cost(path, page_size=1) == program.cost(path)


def test_an_account_is_archived_and_proposed_no_more(program: Program, workspace: Workspace):
    account = new_account(workspace, "Northwind", "northwind.example")
    path = f"accounts/{account.pk}/"
    archived = program.post(f"{path}archive/").json()
    assert archived["archived_at"]
    assert program.post(f"{path}archive/").json() == archived == program.get(path).json()
    contact = new_contact(workspace, email="ana@northwind.example")
    assert program.rows(f"contacts/{contact.pk}/affiliations/") == []
    refused = problem(program.patch(f"contacts/{contact.pk}/", {"account": account.pk}))
    assert refused["errors"] == {"account": ["There is no such account."]}


def test_an_address_is_confirmed_and_shared(program: Program, workspace: Workspace):
    contact = new_contact(workspace)
    with scope(workspace.pk):
        claim = Identity.objects.create(contact=contact, kind="email", value="ana@home.example")
    path = f"contacts/{contact.pk}/identities/"
    assert [row["value"] for row in program.rows(path)] == ["ana@home.example", "ana@cust.example"]
    changed = program.patch(f"{path}{claim.pk}/", {"proof": "confirmed", "is_shared": True}).json()
    assert (changed["proof"], changed["holds"], changed["is_shared"]) == ("confirmed", True, True)
    assert program.get(f"{path}{claim.pk}/").json() == changed
    assert list(problem(program.patch(f"{path}{claim.pk}/", {"proof": "claimed"}))["errors"]) == ["proof"]


def test_an_address_that_another_holds_is_not_confirmed(program: Program, workspace: Workspace):
    new_contact(workspace)
    rival = new_contact(workspace, "Bo Ek", "bo@other.example")
    with scope(workspace.pk):
        claim = Identity.objects.create(contact=rival, kind="email", value="ana@cust.example")
    response = program.patch(f"contacts/{rival.pk}/identities/{claim.pk}/", {"proof": "confirmed"})
    assert problem(response)["errors"] == {"proof": ["Ana Lind holds this address."]}


def test_addresses_stand_below_their_own_contact(program: Program, workspace: Workspace):
    ana, bo = new_contact(workspace), new_contact(workspace, "Bo Ek", "bo@other.example")
    (row,) = program.rows(f"contacts/{ana.pk}/identities/")
    assert program.get(f"contacts/{bo.pk}/identities/{row['id']}/").status_code == 404
    assert program.get("contacts/999/identities/").status_code == 404
    assert (
        program.post("contacts/999/identities/", {"kind": "email", "value": "a@b.example"}).status_code == 404
    )


def test_a_contact_moves_from_one_account_to_another(program: Program, workspace: Workspace):
    contact, here, there = new_contact(workspace), new_account(workspace), new_account(workspace, "Contoso")
    path = f"contacts/{contact.pk}/affiliations/"
    first = program.post(path, {"account": here.pk})
    assert (first.status_code, program.follow(first.headers["Location"]).json()) == (201, first.json())
    second = program.post(path, {"account": there.pk}).json()
    rows = program.rows(path)
    assert [(row["account"], row["until"] is None) for row in rows] == [(there.pk, True), (here.pk, False)]
    assert program.delete(f"{path}{second['id']}/").status_code == 204
    assert program.get(f"contacts/{contact.pk}/").json()["account"] is None
    assert problem(program.delete(f"{path}{second['id']}/"))["detail"] == "It has ended already."


def test_a_proposed_account_is_confirmed_or_dropped(program: Program, workspace: Workspace):
    account = new_account(workspace, "Northwind", "northwind.example")
    ana = new_contact(workspace, email="ana@northwind.example")
    bo = new_contact(workspace, "Bo Ek", "bo@northwind.example")
    (proposed,) = program.rows(f"contacts/{ana.pk}/affiliations/")
    assert (proposed["account"], proposed["is_proposed"]) == (account.pk, True)
    made = program.post(f"contacts/{ana.pk}/affiliations/", {"account": account.pk}).json()
    assert (made["id"], made["is_proposed"]) == (proposed["id"], False)
    (other,) = program.ids(f"contacts/{bo.pk}/affiliations/")
    assert program.delete(f"contacts/{bo.pk}/affiliations/{other}/").status_code == 204
    assert program.rows(f"contacts/{bo.pk}/affiliations/") == []


@pytest.mark.parametrize("below", ["identities", "affiliations"])
def test_what_stands_below_a_contact_costs_the_same_however_much(program: Program, workspace, below: str):
    contact = new_contact(workspace)
    for number in range(3):
        account = new_account(workspace, f"Account {number}")
        with scope(workspace.pk):
            people.affiliate(contact=contact, account=account)
            people.add_identity(contact=contact, kind=AddressKind.EMAIL, value=f"{number}@cust.example")
    path = f"contacts/{contact.pk}/{below}/"
    assert len(program.rows(path)) >= 3
    assert program.cost(path, page_size=1) == program.cost(path)
