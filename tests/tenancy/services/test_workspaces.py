"""Making workspaces."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from tenancy.models import AuditEntry, Brand, Member, Role, Seat
from tenancy.scope import scope
from tenancy.services.users import create_user
from tenancy.services.workspaces import create_workspace


@pytest.fixture
def owner(db):
    return create_user(email="Ann@Acme.Example", password=None, name="Ann")


def test_a_workspace_starts_with_its_owner_a_brand_and_a_sequence_of_numbers(owner):
    workspace = create_workspace(slug="acme", name="Acme Ltd", owner=owner)
    with scope(workspace.pk), connection.cursor() as cursor:
        member = Member.objects.get()
        assert (member.user, member.role, member.name) == (owner, Role.OWNER, "Ann")
        assert Brand.objects.get().name == "Acme Ltd"
        actions = AuditEntry.objects.order_by("pk").values_list("action", "target")
        assert list(actions) == [("member.added", "ann@acme.example"), ("workspace.created", "acme")]
        cursor.execute(f"SELECT nextval('conversation_number_{workspace.pk}')")
        assert cursor.fetchone() == (1,)
    assert list(Seat.objects.values_list("user", "workspace")) == [(owner.pk, workspace.pk)]


@pytest.mark.parametrize("slug", ["", "Acme", "ac me", "a/b", "-acme", "ac_me", "acmé", "a" * 51])
def test_a_slug_that_cannot_stand_in_an_address_is_refused(owner, slug):
    with pytest.raises(ValidationError):
        create_workspace(slug=slug, name="Acme", owner=owner)


def test_a_slug_is_taken_once(owner):
    create_workspace(slug="acme", name="Acme", owner=owner)
    with pytest.raises(ValidationError, match="already exists"):
        create_workspace(slug="acme", name="Acme again", owner=owner)
