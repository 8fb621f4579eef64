import pytest
from django.core.exceptions import ValidationError

from contacts.addresses import normalise
from contacts.domains import company_domain
from contacts.types import AddressKind


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (AddressKind.EMAIL, " Ana.Lopez+x@Cust.Example ", "ana.lopez+x@cust.example"),
        (AddressKind.EMAIL, "jo@bücher.example", "jo@xn--bcher-kva.example"),
        (AddressKind.SMS, "+1 (206) 555-0142", "+12065550142"),
        (AddressKind.PHONE, "0039 06 1234 5678", None),
        (AddressKind.EMAIL, "no at sign", None),
        (AddressKind.SMS, "12", None),
        (AddressKind.SLACK, "U123", "U123"),
    ],
)
def test_one_spelling_for_each_address(kind, value, expected):
    if expected is None:
        with pytest.raises(ValidationError):
            normalise(kind, value)
    else:
        assert normalise(kind, value) == expected


def test_public_providers_name_no_company():
    assert company_domain("ana@gmail.com") == ""
    assert company_domain("ana@Northwind.Example") == "northwind.example"
    assert company_domain("garbage") == ""
