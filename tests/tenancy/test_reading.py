"""Several reads in one statement."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenancy.models import Brand, Invitation, Member
from tenancy.reading import Reading, moment, refers, together
from tenancy.scope import NoScope, scope
from tests.people import new_workspace

AT = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
BRANDS = "SELECT id, name FROM tenancy_brand WHERE workspace_id = %(workspace)s ORDER BY name"
NAMED = "SELECT name FROM tenancy_brand WHERE workspace_id = %(workspace)s AND name = %(name)s"
INVITED = f"""
    SELECT id, email, invited_by_id, expires_at, 7 AS further, {refers("invited_by", "tenancy_member", "name")}
    FROM tenancy_invitation row WHERE workspace_id = %(workspace)s ORDER BY id"""


def brands() -> Reading[list[Brand]]:
    return Reading({"brands": BRANDS}, lambda found: found.of(Brand, "brands"))


def named(name: str) -> Reading[list[str]]:
    return Reading(
        {"named": NAMED}, lambda found: [row["name"] for row in found.rows("named")], facts={"name": name}
    )


def invited() -> Reading[list[Invitation]]:
    return Reading({"invited": INVITED}, lambda found: found.of(Invitation, "invited"))


def invite(member: Member | None, email: str = "new@acme.example") -> Invitation:
    return Invitation.objects.create(email=email, invited_by=member, expires_at=AT)


def test_outside_a_scope_nothing_is_read(workspace):
    with pytest.raises(NoScope):
        brands().read()


def test_it_reads_the_open_scope_alone(workspace, other_workspace):
    for one in (workspace, other_workspace):
        with scope(one.pk):
            assert [brand.name for brand in brands().read()] == [one.name]


def test_a_part_that_forgets_the_scope_is_held_to_it_by_the_database(workspace, other_workspace):
    everything = Reading({"brands": "SELECT name FROM tenancy_brand"}, lambda found: found.rows("brands"))
    with scope(workspace.pk):
        assert everything.read() == [{"name": "Acme"}]


def test_rows_are_the_models_own(in_scope):
    (brand,) = brands().read()
    assert brand == Brand.objects.get()
    assert brand.get_deferred_fields() == {"sender_name", "signature", "colour", "archived_at"}
    assert brand.workspace_id == in_scope.pk


def test_moments_relations_and_further_columns(owner, in_scope):
    made = invite(owner)
    with CaptureQueriesContext(connection) as captured:
        (found,) = invited().read()
        assert found.invited_by
        seen = (found.expires_at, found.invited_by, found.invited_by.name, found.further)  # type: ignore[attr-defined]
    assert seen == (made.expires_at, owner, "Olga Owner", 7)
    assert len(captured) == 1


def test_a_row_that_several_refer_to_is_one_object(owner, in_scope):
    invite(owner)
    invite(owner, "other@acme.example")
    one, other = invited().read()
    assert one.invited_by is other.invited_by


def test_what_refers_to_nothing_needs_no_query(owner, in_scope, django_assert_num_queries, monkeypatch):
    field = Invitation._meta.get_field("invited_by")
    nobody = INVITED.replace("row.invited_by_id", "nullif(row.invited_by_id, row.invited_by_id)")
    invite(owner)
    assert field.name == "invited_by"
    with django_assert_num_queries(1):
        (found,) = Reading({"invited": nobody}, lambda found: found.of(Invitation, "invited")).read()
        assert found.invited_by is None


def test_readings_together_are_one_statement(in_scope, django_assert_num_queries):
    with django_assert_num_queries(1):
        found, none, some = together(brands(), named("Globex"), brands().into(len)).read()
    assert ([brand.name for brand in found], none, some) == (["Acme"], [], 1)


def test_parts_share_what_is_given(in_scope):
    part = "SELECT name FROM mine"
    shared = Reading(
        {"one": part, "two": part}, lambda found: (found.rows("one"), found.rows("two")), {"mine": BRANDS}
    )
    assert shared.read() == ([{"name": "Acme"}], [{"name": "Acme"}])


def test_what_was_typed_is_no_sql(in_scope):
    assert named("'; DROP TABLE tenancy_brand; --").read() == []
    assert named("100% %(workspace)s").read() == []


def test_a_moment_that_is_not_there():
    assert (moment(None), moment("2026-03-02T09:00:00.123456+00:00")) == (None, AT)


def test_one_row_or_none(in_scope):
    one = Reading({"brands": BRANDS}, lambda found: found.one(Brand, "brands"))
    assert str(one.read()) == "Acme"
    Brand.objects.update(workspace_id=in_scope.pk, name="Renamed")
    assert str(one.read()) == "Renamed"
    with scope(new_workspace("zenith").pk):
        Brand.objects.all().delete()
        assert one.read() is None
