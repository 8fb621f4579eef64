"""The settings page of the workspace's own attributes."""

import pytest

from contacts.models import Attribute
from contacts.services import attributes

ROOT = "/w/acme/settings/attributes/"


@pytest.fixture
def client(browser, admin):
    return browser(admin)


def define(name: str, kind: str = "text", **more) -> Attribute:
    return attributes.define(of="contact", name=name, kind=kind, by=None, **more)


def names(**only) -> list[str]:
    return list(Attribute.objects.filter(**only).order_by("position").values_list("name", flat=True))


def test_an_admin_makes_changes_orders_and_archives(client, in_scope):
    form = {"of": "contact", "name": "Tier", "kind": "choice", "choices": "Gold\nSilver\n"}
    page = client.post(ROOT, form, follow=True)
    tier = Attribute.objects.get()
    assert tier.choices == ["Gold", "Silver"]
    assert "Tier is made." in page.text
    assert f'action="{ROOT}{tier.pk}/archival/?undoing=yes"' in page.text
    client.post(f"{ROOT}{tier.pk}/", {"name": "Level", "choices": "Gold"})
    define("Size")
    client.post(f"{ROOT}{tier.pk}/place/", {"to": "down"})
    assert names() == ["Size", "Level"]
    client.post(f"{ROOT}{tier.pk}/archival/")
    assert names(archived_at=None) == ["Size"]
    client.post(f"{ROOT}{tier.pk}/return/")
    assert names(archived_at=None) == ["Size", "Level"]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"of": "contact", "name": "Tier", "kind": "choice"}, "Give 1 to 50 choices"),
        ({"of": "contact", "name": "size", "kind": "text"}, "There is an attribute of this name."),
        ({"of": "planet", "name": "Tier", "kind": "text"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(client, in_scope, form, why):
    define("Size")
    answer = client.post(ROOT, form)
    assert answer.status_code == 422
    assert why in answer.text
    assert f'value="{form["name"]}"' in answer.text


def test_a_kind_is_not_changed(client, in_scope):
    size = define("Size", "number")
    page = client.get(f"{ROOT}{size.pk}/").text
    assert 'name="kind"' not in page
    assert 'name="choices"' not in page
    client.post(f"{ROOT}{size.pk}/", {"name": "Shoe size", "kind": "text"})
    size.refresh_from_db()
    assert (size.name, size.kind) == ("Shoe size", "number")


def test_it_is_for_admins(browser, member, in_scope):
    size = define("Size")
    for path in ("", f"{size.pk}/", f"{size.pk}/archival/"):
        assert browser(member).post(ROOT + path).status_code == 403
