"""Attributes and their values over the API."""

from typing import Any

import pytest

from contacts.models import Account, Contact
from conversations.models import Conversation, Entry
from tests.programs import Program, letter, problem


@pytest.fixture
def tier(admin_program: Program) -> Any:
    body = {"of": "account", "name": "Tier", "kind": "choice", "choices": ["Gold", "Tin"]}
    return admin_program.post("attributes/", body).json()


def test_definitions_are_made_changed_ordered_and_archived(admin_program, tier):
    assert (tier["key"], tier["choices"], tier["position"]) == ("tier", ["Gold", "Tin"], 0)
    admin_program.post("attributes/", {"of": "account", "name": "Since", "kind": "date", "key": "from"})
    admin_program.post("attributes/", {"of": "contact", "name": "Since", "kind": "date"})
    path = f"attributes/{tier['id']}/"
    changed = admin_program.patch(path, {"choices": ["Gold"], "position": 1}).json()
    assert (changed["name"], changed["choices"], changed["position"]) == ("Tier", ["Gold"], 1)
    assert [row["key"] for row in admin_program.rows("attributes/", of="account")] == ["from", "tier"]
    assert admin_program.post(f"{path}archive/").json()["archived_at"]
    assert admin_program.post(f"{path}return/").json()["archived_at"] is None


def test_mistakes_are_named(admin_program, tier):
    wrong = {"of": "account", "name": "tier", "kind": "text"}
    assert problem(admin_program.post("attributes/", wrong))["errors"] == {
        "name": ["There is an attribute of this name."]
    }
    wrong = {"of": "account", "name": "New", "kind": "choice"}
    assert "choices" in problem(admin_program.post("attributes/", wrong))["errors"]


def test_values_of_accounts_and_contacts_change_one_by_one(admin_program, tier, in_scope):
    for name, kind in (("Size", "number"), ("Vip", "yes_no")):
        for of in ("account", "contact"):
            admin_program.post("attributes/", {"of": of, "name": name, "kind": kind})
    made = admin_program.post("accounts/", {"name": "Acme", "attributes": {"tier": "Tin", "size": 3}}).json()
    assert made["attributes"] == {"tier": "Tin", "size": 3}
    path = f"accounts/{made['id']}/"
    changed = admin_program.patch(path, {"attributes": {"tier": None, "vip": True}}).json()
    assert changed["attributes"] == {"size": 3, "vip": True}
    assert Account.objects.get().attributes == {"size": 3, "vip": True}
    made = admin_program.post("contacts/", {"name": "Ana", "attributes": {"size": 38.5}}).json()
    admin_program.patch(f"contacts/{made['id']}/", {"attributes": {"vip": False}})
    assert Contact.objects.get().attributes == {"size": 38.5, "vip": False}


def test_a_value_of_a_conversation_is_an_event(admin_program, workspace, in_scope):
    admin_program.post("attributes/", {"of": "conversation", "name": "Due", "kind": "date"})
    conversation = letter(workspace).conversation
    assert conversation
    answer = admin_program.patch(
        f"conversations/{conversation.number}/", {"attributes": {"due": "2026-12-24"}}
    )
    assert answer.json()["attributes"] == {"due": "2026-12-24"}
    assert Conversation.objects.get().attributes == {"due": "2026-12-24"}
    entry = Entry.objects.get(event="attribute_set")
    assert entry.data == {"name": "Due", "kind": "date", "from": None, "to": "2026-12-24"}


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"tier": "Lead"}, {"attributes.tier": ["Tier is one of: Gold, Tin."]}),
        ({"no": 1}, {"attributes.no": ["There is no such attribute."]}),
        ([], {"attributes": ["Give an object of values by the keys of attributes."]}),
    ],
)
def test_wrong_values_are_named_and_nothing_is_kept(admin_program, tier, in_scope, values, errors):
    answer = problem(admin_program.post("accounts/", {"name": "Acme", "attributes": values}))
    assert answer["errors"] == errors
    assert not Account.objects.exists()
