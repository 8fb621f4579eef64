"""Brands in the settings: names, and signatures that can be filled in."""

import pytest

from tenancy.models import AuditEntry, Brand
from tests.conversations.views.conftest import ROOT
from tests.people import browser_of

PAGE = f"{ROOT}settings/brands/"


@pytest.fixture
def admins(in_scope, admin):
    return browser_of(admin)


def test_an_agent_sees_no_brands_settings(client, in_scope):
    assert client.get(PAGE).status_code == 403


def test_a_brand_is_made_and_signed(admins, admin):
    form = {"name": "Shop", "sender_name": "The Shop", "signature": "{{member.name}}\r\nShop"}
    assert admins.post(PAGE, form).status_code == 302
    brand = Brand.objects.get(name="Shop")
    assert (brand.sender_name, brand.signature) == ("The Shop", "{{member.name}}\nShop")
    assert AuditEntry.objects.get(action="brand.created").target == "Shop"
    page = admins.get(f"{PAGE}{brand.pk}/").text
    assert f"<p>{admin.name}<br>\nShop</p>" in page


def test_a_signature_that_would_go_out_with_braces_is_refused(admins):
    brand = Brand.objects.get()
    form = {"name": brand.name, "signature": "Dear {{contact.name}}"}
    response = admins.post(f"{PAGE}{brand.pk}/", form)
    assert response.status_code == 422
    assert "This cannot be filled in below a mail: contact.name." in response.text
    assert "Dear {{contact.name}}</textarea>" in response.text


def test_a_name_is_given_once(admins):
    name = Brand.objects.get().name
    response = admins.post(PAGE, {"name": name.upper()})
    assert response.status_code == 422
    assert "There is a brand of this name already." in response.text
    assert Brand.objects.count() == 1
