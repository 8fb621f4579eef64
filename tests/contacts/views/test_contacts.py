"""Lists and forms of contacts and accounts."""

from typing import Any

import pytest

from contacts.models import Account, Affiliation, Contact, Identity, Suggestion
from contacts.services.people import affiliate, create_account, create_contact
from contacts.services.suggestions import suggest
from contacts.types import AddressKind

ROOT = "/w/acme/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana(in_scope: Any) -> Contact:
    return create_contact(name="Ana Lind", addresses=[(AddressKind.EMAIL, "ana@cust.example")])


def test_the_list_and_its_search(client, ana):
    create_contact(name="Ben Okoro")
    page = client.get(f"{ROOT}contacts/").text
    assert "Ana Lind" in page
    assert "ana@cust.example" in page
    found = client.get(f"{ROOT}contacts/?q=ben", headers=HTMX).text
    assert "Ben Okoro" in found
    assert "Ana Lind" not in found
    assert "<html" not in found


def test_an_empty_list_says_so(client, in_scope):
    assert "No contacts yet" in client.get(f"{ROOT}contacts/").text
    assert "Nobody begins with “&lt;x&gt;”" in client.get(f"{ROOT}contacts/?q=<x>").text
    assert "No accounts yet" in client.get(f"{ROOT}accounts/").text


def test_more_contacts_are_a_link_and_a_fragment(client, in_scope):
    for number in range(51):
        create_contact(name=f"Person {number:03}")
    page = client.get(f"{ROOT}contacts/")
    older = page.context["page"].older
    assert "Person 000" not in page.text
    assert "Person 000" in client.get(f"{ROOT}contacts/?q=&before={older}", headers=HTMX).text


def test_more_accounts_are_a_link_and_a_fragment(client, in_scope):
    for number in range(51):
        create_account(name=f"Company {number:03}")
    page = client.get(f"{ROOT}accounts/")
    assert "Company 050" not in page.text
    name, pk = page.context["page"].after
    assert "Company 050" in client.get(f"{ROOT}accounts/?after={name}&id={pk}", headers=HTMX).text
    assert client.get(f"{ROOT}accounts/?after=x&id=nonsense").status_code == 200


def test_a_contact_is_made_with_addresses_that_the_agent_vouches_for(client, in_scope):
    form = {"name": "Ana Lind", "email": "Ana@Cust.example", "phone": "+1 206 555 0142", "title": "Buyer"}
    response = client.post(f"{ROOT}contacts/new/", form)
    ana = Contact.objects.get()
    assert response["Location"] == f"/w/acme/contacts/{ana.pk}/"
    assert (ana.name, ana.title) == ("Ana Lind", "Buyer")
    made = Identity.objects.order_by("kind").values_list("kind", "value", "proof")
    assert list(made) == [("email", "ana@cust.example", "confirmed"), ("phone", "+12065550142", "confirmed")]


def test_an_address_of_somebody_else_is_told_and_nothing_is_made(client, ana):
    response = client.post(f"{ROOT}contacts/new/", {"name": "Eve", "email": "ana@cust.example"})
    assert response.status_code == 422
    assert "ana@cust.example belongs to Ana Lind." in response.text
    assert 'value="Eve"' in response.text
    assert Contact.objects.count() == 1


def test_editing_keeps_what_is_wrong_out(client, ana):
    path = f"{ROOT}contacts/{ana.pk}/edit/"
    assert 'value="Ana Lind"' in client.get(path).text
    assert client.post(path, {"name": "Ana", "time_zone": "Mars/Base"}).status_code == 422
    assert client.post(path, {"name": "Ana Lund", "time_zone": "Europe/Oslo"}).status_code == 302
    ana.refresh_from_db()
    assert (ana.name, ana.time_zone) == ("Ana Lund", "Europe/Oslo")


def test_an_address_is_added(client, ana):
    path = f"{ROOT}contacts/{ana.pk}/identities/"
    assert client.post(path, {"kind": "phone", "value": "+1 206 555 0142"}).status_code == 302
    assert client.post(path, {"kind": "phone", "value": "nonsense"}, headers=HTMX).status_code == 422
    assert client.post(path, {"kind": "pigeon", "value": "x"}, headers=HTMX).status_code == 422
    assert Identity.objects.filter(contact=ana).count() == 2


def test_a_claimed_address_is_confirmed_unless_somebody_holds_it(client, ana):
    ben = create_contact(name="Ben")
    claims = [
        Identity.objects.create(contact=ben, kind="email", value=value)
        for value in ("ben@cust.example", "ana@cust.example")
    ]
    answers = [client.post(f"{ROOT}identities/{claim.pk}/confirmation/", headers=HTMX) for claim in claims]
    assert [answer.status_code for answer in answers] == [200, 422]
    assert "Ana Lind holds this address." in answers[1].text
    proofs = Identity.objects.filter(contact=ben).order_by("id").values_list("proof", flat=True)
    assert list(proofs) == ["confirmed", "claimed"]


def test_a_contact_moves_to_another_company_known_or_new(client, ana):
    first = create_account(name="Northwind")
    affiliate(contact=ana, account=first)
    path = f"{ROOT}contacts/{ana.pk}/affiliation/"
    client.post(path, {"name": "harbor agency"})
    client.post(path, {"name": "HARBOR AGENCY"})
    second = Account.objects.get(name="harbor agency")
    now = Affiliation.objects.get(until=None)
    assert (now.contact, now.account) == (ana, second)
    client.post(path, {"account": first.pk})
    assert Affiliation.objects.get(until=None).account == first
    assert client.post(path, {"name": " "}, headers=HTMX).status_code == 422
    assert client.post(path, {"account": 404}).status_code == 404


def test_an_affiliation_ends(client, ana):
    account = create_account(name="Northwind")
    row = affiliate(contact=ana, account=account)
    assert client.post(f"{ROOT}affiliations/{row.pk}/end/").status_code == 302
    assert Affiliation.objects.filter(until=None).count() == 0
    assert client.post(f"{ROOT}affiliations/{row.pk}/end/").status_code == 404


def test_a_suggestion_is_dismissed(client, ana, member):
    suggestion = suggest(contact=create_contact(name="A. Lind"), other=ana, score=60, evidence=["same name"])
    client.post(f"{ROOT}suggestions/{suggestion.pk}/dismissal/", headers=HTMX)
    decided = Suggestion.objects.get()
    assert (decided.status, decided.decided_by) == ("dismissed", member)


def test_an_account_is_made_and_edited(client, in_scope):
    client.post(f"{ROOT}accounts/new/", {"name": "Northwind", "domains": "northwind.example, @nw.example"})
    account = Account.objects.get()
    domains = account.domains.order_by("domain").values_list("domain", flat=True)
    assert list(domains) == ["northwind.example", "nw.example"]
    path = f"{ROOT}accounts/{account.pk}/edit/"
    assert "northwind.example, nw.example" in client.get(path).text
    client.post(path, {"name": "Northwind Robotics", "domains": "nw.example", "notes": "Scale plan"})
    account.refresh_from_db()
    assert (account.name, account.notes, account.domains.count()) == ("Northwind Robotics", "Scale plan", 1)


@pytest.mark.parametrize(
    ("domains", "words"),
    [("nonsense", "nonsense is no domain."), ("taken.example", "taken.example belongs to Other.")],
)
def test_a_domain_that_is_wrong_or_taken_is_told(client, in_scope, domains, words):
    create_account(name="Other", domains=["taken.example"])
    response = client.post(f"{ROOT}accounts/new/", {"name": "N", "domains": domains})
    assert response.status_code == 422
    assert words in response.text
    assert Account.objects.count() == 1


def test_company_names_are_offered_while_typing(client, in_scope):
    create_account(name="Northwind")
    assert '<option value="Northwind">' in client.get(f"{ROOT}accounts/options/?name=nor", headers=HTMX).text


@pytest.mark.parametrize(
    "path",
    ["contacts/404/edit/", "accounts/404/edit/", f"contacts/{10**30}/edit/"],
)
def test_who_is_not_there_is_not_found(client, in_scope, path):
    assert client.get(ROOT + path).status_code == 404


def test_anothers_contact_is_not_found(client, ana, other_workspace):
    assert client.get(f"/w/globex/contacts/{ana.pk}/edit/").status_code == 404
