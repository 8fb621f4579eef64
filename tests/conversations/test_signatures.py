"""What stands below mail."""

import pytest

from conversations.signatures import signature_of, unfit
from tenancy.models import Brand, Member

pytestmark = pytest.mark.usefixtures("in_scope")


@pytest.mark.parametrize(
    ("text", "name", "signed"),
    [
        ("{{member.name}}\n{{brand.name}}", "Ana Lopez", "Ana Lopez\nAcme"),
        ("{{ member.first_name }}", "Ana Lopez", "Ana"),
        ("{{member.first_name}}", "Dr. Weber", "Dr. Weber"),
        ("Acme {{x}}", "Ana", "Acme {{x}}"),
        ("  \n", "Ana", ""),
    ],
)
def test_a_signature_names_who_wrote(text, name, signed):
    assert signature_of(Brand(name="Acme", signature=text), Member(name=name)) == signed


def test_what_nobody_wrote_is_the_brands():
    assert signature_of(Brand(name="Acme", signature="{{member.name}}"), None) == "Acme"


def test_what_cannot_be_filled_in_is_told():
    assert unfit("{{member.name}} {{contact.name}} {{nonsense}} {{contact.name|you}}") == [
        "nonsense",
        "contact.name",
    ]
