"""Teams, and the conversations given to them, over the API."""

from typing import Any

import pytest

from tenancy.models import Member
from tests.programs import Program, letter, problem


@pytest.fixture
def team(admin_program: Program, member: Member) -> Any:
    return admin_program.post("teams/", {"name": "Billing", "members": [member.pk]}).json()


def test_teams_are_made_changed_and_archived(admin_program, team, member, admin):
    path = f"teams/{team['id']}/"
    assert (team["name"], team["members"], team["archived_at"]) == ("Billing", [member.pk], None)
    assert admin_program.patch(path, {"name": "Money"}).json()["members"] == [member.pk]
    assert admin_program.patch(path, {"members": [admin.pk]}).json()["name"] == "Money"
    assert admin_program.get(path).json()["members"] == [admin.pk]
    assert admin_program.post(f"{path}archive/").json()["archived_at"]
    assert admin_program.post(f"{path}return/").json()["archived_at"] is None
    errors = problem(admin_program.post("teams/", {"name": "money"}))["errors"]
    assert errors == {"name": ["There is a team of this name."]}


def test_a_conversation_is_given_to_a_team_and_found_by_it(admin_program, workspace, team, admin):
    one, two = (letter(workspace).conversation for _ in range(2))
    assert one
    assert two
    admin_program.patch(f"conversations/{one.number}/", {"assignee": admin.pk})
    given = admin_program.patch(f"conversations/{one.number}/", {"team": team["id"]}).json()
    assert (given["team"], given["assignee"]) == (team["id"], None)
    both = {"team": None, "assignee": admin.pk}
    given = admin_program.patch(f"conversations/{two.number}/", both | {"team": team["id"]}).json()
    assert (given["team"], given["assignee"]) == (team["id"], admin.pk)
    admin_program.patch(f"conversations/{one.number}/", both)
    assert admin_program.ids("conversations/", team=team["id"]) == [two.number]
    brand = given["brand"]
    assert admin_program.ids("conversations/", brand=brand) == [two.number, one.number]
    assert admin_program.ids("conversations/", brand=brand + 1) == []


def test_an_archived_team_is_given_nothing(admin_program, workspace, team):
    admin_program.post(f"teams/{team['id']}/archive/")
    conversation = letter(workspace).conversation
    assert conversation
    answer = problem(admin_program.patch(f"conversations/{conversation.number}/", {"team": team["id"]}))
    assert answer["errors"] == {"team": ["There is no such team."]}
