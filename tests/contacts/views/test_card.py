"""What is known of contacts and accounts, changed in its place."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing

from contacts.models import Contact, Identity, PrivateNote
from contacts.services import attributes, notes
from contacts.services.people import create_account, create_contact, remove_identity
from contacts.services.resolve import resolve
from contacts.types import Address, AddressKind, Proof

ROOT = "/w/acme/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana(in_scope: Any) -> Contact:
    return create_contact(
        name="Ana Lind", addresses=[(AddressKind.EMAIL, "ana@cust.example")], facts={"a": 1}
    )


@pytest.fixture
def line(client, ana):
    """`line("title", value=…)`: post a value where it stands."""

    def posted(key: str, **data: str):
        return client.post(f"{ROOT}contacts/{ana.pk}/lines/{key}/", data, headers=HTMX)

    return posted


def undo_of(response) -> tuple[str, dict[str, str]]:
    """Where undo is posted, and what."""
    action = response.text.partition('class="toast"')[2].partition('action="')[2].partition('"')[0]
    action = action.replace("&amp;", "&")
    return action, {name: values[0] for name, values in parse_qs(urlsplit(action).query, True).items()}


def test_a_value_is_asked_for_kept_and_undone(client, ana, line):
    form = client.get(f"{ROOT}contacts/{ana.pk}/lines/title/", headers=HTMX).text
    assert "autofocus" in form
    assert "<html" not in form
    saved = line("title", value="Buyer")
    ana.refresh_from_db()
    assert (ana.title, ">Buyer</a>" in saved.text) == ("Buyer", True)
    action, data = undo_of(saved)
    back = client.post(action, data, headers=HTMX)
    ana.refresh_from_db()
    assert (ana.title, undo_of(back)) == ("", ("", {}))


def test_a_value_that_is_none_is_told_beside_it(line, ana):
    wrong = line("time_zone", value="Lisbon")
    assert (wrong.status_code, "There is no time zone of this name" in wrong.text) == (422, True)
    assert 'value="Lisbon"' in wrong.text
    assert line("name", value="").status_code == 422
    ana.refresh_from_db()
    assert ana.name == "Ana Lind"


def test_discarding_shows_it_as_it_was(client, ana):
    shown = client.get(f"{ROOT}contacts/{ana.pk}/lines/name/?shown", headers=HTMX).text
    assert ">Ana Lind</a>" in shown


def test_without_script_it_is_a_page(client, ana):
    address = f"{ROOT}contacts/{ana.pk}/lines/title/"
    assert "<h1>Ana Lind: Title</h1>" in client.get(address).text
    assert client.post(address, {"value": "Buyer"})["Location"] == f"{ROOT}contacts/{ana.pk}/"


def test_attributes_are_kept_under_their_kinds(client, line, ana):
    size = attributes.define(of="contact", name="Shoe size", kind="number", by=None)
    other = attributes.define(of="account", name="Plan", kind="text", by=None)
    assert line(f"attribute-{size.pk}", value="38").status_code == 200
    assert line(f"attribute-{size.pk}", value="small").status_code == 422
    ana.refresh_from_db()
    assert ana.attributes == {"shoe_size": 38}
    assert line(f"attribute-{other.pk}", value="x").status_code == 404
    assert line("attribute-x", value="x").status_code == 404
    account = create_account(name="Northwind")
    client.post(f"{ROOT}accounts/{account.pk}/lines/attribute-{other.pk}/", {"value": "Gold"}, headers=HTMX)
    account.refresh_from_db()
    assert account.attributes == {"plan": "Gold"}
    assert "Gold" in client.get(f"{ROOT}accounts/{account.pk}/").text


def test_facts_are_added_changed_and_taken_away(client, ana):
    address = f"{ROOT}contacts/{ana.pk}/facts/"
    assert "autofocus" in client.get(f"{address}?name=a", headers=HTMX).text
    client.post(address, {"name": "b/c", "value": "two"}, headers=HTMX)
    taken = client.post(f"{address}?name=a", {"name": "a", "value": ""}, headers=HTMX)
    ana.refresh_from_db()
    assert ana.facts == {"b/c": "two"}
    back = client.post(*undo_of(taken), headers=HTMX)
    assert undo_of(back) == ("", {})
    ana.refresh_from_db()
    assert ana.facts == {"a": "1", "b/c": "two"}
    assert client.post(address, {"name": "", "value": "x"}, headers=HTMX).status_code == 422


def test_notes_are_written_changed_and_archived_by_their_author(client, browser, admin, ana):
    address = f"{ROOT}contacts/{ana.pk}/notes/"
    assert "textarea" in client.get(address, headers=HTMX).text
    assert client.post(address, {"text": " "}, headers=HTMX).status_code == 422
    client.post(address, {"text": "Call after four."}, headers=HTMX)
    note = PrivateNote.objects.get()
    own = f"{ROOT}notes/{note.pk}/"
    assert "Call after five." in client.post(own, {"text": "Call after five."}, headers=HTMX).text
    page = client.get(f"{ROOT}contacts/{ana.pk}/").text
    assert "Call after five." in page
    assert "changed" in page
    away = client.post(f"{own}archival/", headers=HTMX)
    assert "Call after five." not in client.get(f"{ROOT}contacts/{ana.pk}/").text
    client.post(*undo_of(away), headers=HTMX)
    assert "Call after five." in client.get(f"{ROOT}contacts/{ana.pk}/").text
    theirs = browser(admin)
    assert theirs.post(own, {"text": "x"}).status_code == 403
    assert theirs.post(f"{own}archival/").status_code == 302


def test_an_agent_leaves_anothers_note_alone(client, ana, admin):
    note = notes.write(about=ana, member=admin, text="Mine.")
    assert client.post(f"{ROOT}notes/{note.pk}/archival/").status_code == 403
    page = client.get(f"{ROOT}contacts/{ana.pk}/").text
    assert f"{ROOT}notes/{note.pk}/archival/" not in page


def test_accounts_have_notes_too(client, in_scope):
    account = create_account(name="Northwind")
    client.post(f"{ROOT}accounts/{account.pk}/notes/", {"text": "Renews in May."})
    assert "Renews in May." in client.get(f"{ROOT}accounts/{account.pk}/").text
    assert "Renews in May." in client.get(f"{ROOT}accounts/{account.pk}/page/notes/").text


def test_an_address_is_removed_and_comes_back_as_it_was(client, ana):
    identity = ana.identities.get()
    gone = client.post(f"{ROOT}identities/{identity.pk}/removal/", headers=HTMX)
    assert "ana@cust.example" not in client.get(f"{ROOT}contacts/{ana.pk}/card/").text
    action, data = undo_of(gone)
    assert client.post(action, {"was": data["was"] + "x"}, headers=HTMX).status_code == 422
    client.post(action, data, headers=HTMX)
    identity.refresh_from_db()
    assert (identity.proof, identity.holds, identity.removed_at) == ("confirmed", True, None)


def test_what_an_address_was_is_only_for_undo_to_say(client, ana):
    identity = ana.identities.get()
    remove_identity(identity=identity)
    forged = {"was": signing.dumps([identity.pk, "attested", True], salt="mine")}
    assert client.post(f"{ROOT}identities/{identity.pk}/return/", forged, headers=HTMX).status_code == 422


def test_who_writes_from_a_removed_address_is_somebody_else(ana):
    remove_identity(identity=ana.identities.get())
    value = "ana@cust.example"
    address = Address(kind=AddressKind.EMAIL, value=value, verbatim=value, proof=Proof.ATTESTED)
    assert resolve(address=address).contact != ana
    assert Identity.objects.filter(value=value, holds=True).count() == 1


def test_an_address_is_asked_for_in_its_place(client, ana):
    address = f"{ROOT}contacts/{ana.pk}/identities/"
    assert "autofocus" in client.get(address, headers=HTMX).text
    wrong = client.post(address, {"kind": "email", "value": "ana"}, headers=HTMX)
    assert (wrong.status_code, 'value="ana"' in wrong.text) == (422, True)
    done = client.post(address, {"kind": "email", "value": "ana@home.example"}, headers=HTMX)
    assert "Add an address" in done.text
    assert ana.identities.count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_a_card_costs_the_same_however_much_is_noted(client, ana, member, django_assert_num_queries, count):
    for number in range(count):
        notes.write(about=ana, member=member, text=f"note {number}")
        attributes.define(of="contact", name=f"Fact {number}", kind="text", by=None)
    client.get(f"{ROOT}contacts/{ana.pk}/card/")
    with django_assert_num_queries(CARD):
        client.get(f"{ROOT}contacts/{ana.pk}/card/")


CARD = 9
