"""Preferences through the API."""

import pytest

from tenancy.models import Member
from tenancy.scope import scope

PATH = "members/me/preferences/"


def test_what_is_named_changes_and_the_rest_stays(program, member):
    before = program.get(PATH).json()
    assert before["told"]["customer"] == ["browser", "centre"]
    said = {
        "quiet_from": "22:00",
        "quiet_to": "07:30",
        "told": {"customer": ["centre"]},
        "after_resolving": "next",
    }
    after = program.patch(PATH, said).json()
    assert after == before | said | {"told": before["told"] | {"customer": ["centre"]}}
    assert program.get(PATH).json() == after
    with scope(member.workspace_id):
        assert Member.objects.get(pk=member.pk).wishes.after_resolving == "next"


def test_a_way_without_what_it_tells_of_is_left_out(program):
    assert program.patch(PATH, {"told": {"customer": ["browser", "email"]}}).json()["told"]["customer"] == []


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"quiet_from": "22:00"}, "quiet_to"),
        ({"quiet_from": "25:00", "quiet_to": "07:00"}, "quiet_from"),
        ({"quiet_from": 7, "quiet_to": "07:00"}, "quiet_from"),
        ({"shortcuts": "yes"}, "shortcuts"),
        ({"told": {"customer": ["post"]}}, "told.customer.0"),
        ({"told": {"party": []}}, "told.party"),
        ({"after_resolving": "home"}, "after_resolving"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused(program, said, name):
    before = program.get(PATH).json()
    response = program.patch(PATH, said)
    assert (response.status_code, list(response.json()["errors"])) == (400, [name])
    assert program.get(PATH).json() == before
