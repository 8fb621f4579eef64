"""The workspace's own attributes, and what is kept under them."""

import pytest
from django.core.exceptions import ValidationError

from contacts.models import Account, Attribute, Contact
from contacts.services import attributes
from tenancy.models import AuditEntry

Of, Kind = Attribute.Of, Attribute.Kind


def define(name: str = "Plan", kind: str = Kind.TEXT, of: str = Of.CONTACT, **more) -> Attribute:
    return attributes.define(of=of, name=name, kind=kind, by=None, **more)


def refusal(verb, **facts) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        verb(**facts)
    return refused.value.messages


def test_an_attribute_is_made_with_a_key_told_by_its_name(in_scope, admin):
    made = attributes.define(
        of=Of.ACCOUNT, name="Contract ends", kind=Kind.DATE, by=admin, choices=["left out"]
    )
    assert (made.key, made.choices, made.position) == ("contract_ends", [], 0)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.target, entry.member) == ("attribute.made", "Contract ends", admin)
    assert entry.data["key"] == "contract_ends"


def test_keys_are_told_apart_and_of_letters(in_scope):
    attributes.archive(attribute=define("Shoe size"), by=None)
    assert [define(name).key for name in ("Shoe size", "契約", "42nd")] == [
        "shoe_size_2",
        "field",
        "field_42nd",
    ]
    assert define("Shoe size", of=Of.ACCOUNT).key == "shoe_size"
    assert define("Other", key="shoe").key == "shoe"
    for key in ("shoe", "Über", "1st", "a" * 41):
        assert "This key is taken" in refusal(define, name="New", key=key)[0]


def test_a_name_is_that_of_one_attribute_in_use(in_scope):
    first = define("Plan")
    assert refusal(define, name="plan") == ["There is an attribute of this name."]
    attributes.archive(attribute=first, by=None)
    define("plan")
    assert refusal(attributes.bring_back, attribute=first, by=None) == ["There is an attribute of this name."]


@pytest.mark.parametrize("choices", [[], [" "], ["x" * 81], [str(number) for number in range(51)]])
def test_a_choice_needs_choices(in_scope, choices):
    assert "Give 1 to 50 choices" in refusal(define, kind=Kind.CHOICE, choices=choices)[0]


def test_choices_are_each_there_once_and_can_be_changed(in_scope):
    made = define(kind=Kind.CHOICE, choices=["Gold ", "Silver", "Gold"])
    assert made.choices == ["Gold", "Silver"]
    attributes.redefine(attribute=made, name="Tier", choices=["Silver"], by=None)
    made.refresh_from_db()
    assert (made.name, made.key, made.choices) == ("Tier", "plan", ["Silver"])


def test_attributes_are_put_in_order(in_scope):
    one, two, three = define("One"), define("Two"), define("Three")
    attributes.shift(attribute=three, places=-2)
    attributes.shift(attribute=one, places=9)
    named = Attribute.objects.order_by("position").values_list("name", flat=True)
    assert list(named) == ["Three", "Two", "One"]
    attributes.archive(attribute=two, by=None)
    attributes.shift(attribute=two, places=-1)
    assert list(named.filter(archived_at=None)) == ["Three", "One"]


KEPT = [
    (Kind.TEXT, "  two\n words ", "two words"),
    (Kind.NUMBER, 3.0, 3),
    (Kind.NUMBER, 2.5, 2.5),
    (Kind.DATE, "2026-01-31", "2026-01-31"),
    (Kind.CHOICE, "Gold", "Gold"),
    (Kind.YES_NO, False, False),
]
REFUSED = [
    *((Kind.TEXT, value) for value in ("", " ", 3, "x" * 501, "a\0b", "\ud800")),
    *((Kind.NUMBER, value) for value in ("3", True, float("nan"), float("inf"), 10**16)),
    *((Kind.DATE, value) for value in ("31.1.2026", "2026-02-30", 5)),
    *((Kind.CHOICE, value) for value in ("gold", "", ["Gold"])),
    *((Kind.YES_NO, value) for value in ("yes", 1)),
]


@pytest.mark.parametrize(("kind", "value", "kept"), KEPT)
def test_a_value_is_kept_as_its_kind_has_it(in_scope, kind, value, kept):
    contact = Contact.objects.create(name="Ana", attributes={"other": 1})
    attribute = define(kind=kind, choices=["Gold"])
    attributes.set_attribute(row=contact, attribute=attribute, value=value)
    contact.refresh_from_db()
    assert contact.attributes == {"other": 1, "plan": kept}
    attributes.set_attribute(row=contact, attribute=attribute, value=None)
    contact.refresh_from_db()
    assert contact.attributes == {"other": 1}


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_what_its_kind_does_not_take_is_refused(in_scope, kind, value):
    attribute = define(kind=kind, choices=["Gold"])
    with pytest.raises(ValidationError):
        attributes.with_value({}, attribute, value)


def test_values_are_of_what_the_attribute_is_of_and_in_use(in_scope):
    contact, account = Contact.objects.create(name="Ana"), Account.objects.create(name="Acme")
    attribute = define(of=Of.ACCOUNT)
    attributes.set_attribute(row=account, attribute=attribute, value="gold")
    assert account.attributes == {"plan": "gold"}
    assert refusal(attributes.set_attribute, row=contact, attribute=attribute, value="gold")
    attributes.archive(attribute=attribute, by=None)
    assert refusal(attributes.set_attribute, row=account, attribute=attribute, value="gold")


def test_no_more_than_fifty_at_once(in_scope):
    for number in range(50):
        define(f"Number {number}")
    assert refusal(define, name="One more") == ["50 attributes are the most that there can be."]
    define("One more", of=Of.ACCOUNT)
