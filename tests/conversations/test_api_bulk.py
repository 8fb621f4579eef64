"""One thing done to many conversations, for programs."""

from typing import Any

import pytest

from conversations.models import Conversation
from conversations.services import work
from conversations.services.bulk import acting
from conversations.services.labels import label_named
from tenancy import lanes
from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tenancy.services import teams
from tests.programs import Program, letter, problem

PATH = "conversations/bulk/"


@pytest.fixture
def numbers(workspace: Workspace) -> list[int]:
    made = [letter(workspace, f"Letter {n}", subject=f"Matter {n}").conversation for n in range(3)]
    return [one.number for one in made if one]


def values(workspace: Workspace, field: str) -> list[Any]:
    with scope(workspace.pk):
        return list(Conversation.objects.order_by("pk").values_list(field, flat=True))


def test_few_are_done_at_once_and_taken_back_together(program: Program, workspace: Workspace, numbers):
    response = program.post(PATH, {"conversations": [*numbers[:2], 404], "status": "resolved"})
    told = response.json()
    assert (response.status_code, told["total"], told["done"], told["changed"]) == (201, 2, 2, 2)
    assert (told["action"], told["is_over"], told["absent"]) == ("resolution", True, [404])
    assert values(workspace, "status") == ["resolved", "resolved", "open"]
    assert program.follow(response.headers["Location"]).json() == told
    undone = program.post(f"{PATH}{told['id']}/undo/").json()
    assert (undone["undoes"], undone["done"]) == (told["id"], 2)
    assert values(workspace, "status") == ["open"] * 3
    assert program.post(f"{PATH}{told['id']}/undo/").status_code == 409


def test_what_a_colleague_changed_is_told(program: Program, workspace: Workspace, numbers, owner: Member):
    act = program.post(PATH, {"conversations": numbers, "priority": "urgent"}).json()
    with scope(workspace.pk):
        other = Conversation.objects.get(number=numbers[1])
        work.set_priority(conversation=other, priority=1, member=owner)
    undone = program.post(f"{PATH}{act['id']}/undo/").json()
    assert (undone["done"], undone["skipped"]) == (2, 1)
    assert undone["troubles"] == [
        {"conversation": numbers[1], "has_failed": False, "reason": "Olga Owner changed it since"}
    ]


def test_many_are_done_in_a_while(program: Program, workspace: Workspace, numbers, monkeypatch):
    monkeypatch.setattr(acting, "AT_ONCE", 1)
    told = program.post(PATH, {"view": "open", "is_spam": True}).json()
    assert (told["total"], told["done"], told["is_over"]) == (3, 0, False)
    lanes.drain("bulk")
    told = program.get(f"{PATH}{told['id']}/").json()
    assert (told["done"], told["is_over"]) == (3, True)
    assert values(workspace, "is_spam") == [True] * 3


@pytest.mark.parametrize(
    ("what", "field", "value"),
    [
        ({"status": "pending"}, "status", "pending"),
        ({"status": "snoozed", "snoozed_until": "2100-01-01T00:00:00Z"}, "status", "snoozed"),
        ({"assignee": None}, "assignee_id", None),
        ({"is_spam": False}, "is_spam", False),
    ],
)
def test_each_thing_that_can_be_done(program: Program, workspace: Workspace, numbers, what, field, value):  # noqa: PLR0917
    assert program.post(PATH, {"conversations": numbers, **what}).json()["done"] == 3
    assert values(workspace, field) == [value] * 3


def test_they_are_given_to_a_team(program: Program, workspace: Workspace, numbers, member: Member):
    with scope(workspace.pk):
        team = teams.make(name="Billing", by=None)
        for one in Conversation.objects.all():
            work.take(conversation=one, member=member)
    act = program.post(PATH, {"conversations": numbers, "team": team.pk}).json()
    assert (act["changed"], values(workspace, "team_id")) == (3, [team.pk] * 3)
    program.post(f"{PATH}{act['id']}/undo/")
    assert values(workspace, "team_id") == [None] * 3
    assert values(workspace, "assignee_id") == [member.pk] * 3
    program.post(PATH, {"conversations": numbers, "team": None})
    refused = program.post(PATH, {"conversations": numbers, "team": 99999})
    assert problem(refused)["errors"].keys() == {"team"}


def test_labels_and_whom_and_read(program: Program, workspace: Workspace, numbers, member: Member):
    for what in ({"assignee": member.pk}, {"add_label": "vip"}, {"is_seen": True}, {"is_seen": False}):
        assert program.post(PATH, {"conversations": numbers, **what}).json()["failed"] == 0
    rows = program.rows("conversations/", assignee="me")
    assert [row["labels"] for row in rows] == [["vip"]] * 3
    program.post(PATH, {"conversations": numbers, "remove_label": "VIP"})
    assert [row["labels"] for row in program.rows("conversations/")] == [[]] * 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "resolved"}, "non_field_errors"),
        ({"conversations": [1], "view": "open", "status": "open"}, "non_field_errors"),
        ({"conversations": [1]}, "non_field_errors"),
        ({"conversations": [1], "status": "open", "priority": "low"}, "non_field_errors"),
        ({"conversations": [], "status": "open"}, "conversations"),
        ({"conversations": ["1"], "status": "open"}, "conversations.0"),
        ({"conversations": [1], "status": "snoozed"}, "snoozed_until"),
        ({"conversations": [1], "status": "snoozed", "snoozed_until": "2001-01-01T00:00Z"}, "snoozed_until"),
        ({"conversations": [1], "assignee": 99999}, "assignee"),
        ({"view": "no-such", "status": "open"}, "view"),
    ],
)
def test_what_makes_no_sense_is_refused(program: Program, numbers, body, field):
    assert list(problem(program.post(PATH, body))["errors"]) == [field]


def test_acts_of_elsewhere_are_not_there(program: Program, other_workspace: Workspace):
    with scope(other_workspace.pk):
        label_named(name="theirs")
        act = acting.begin(noun="seen", conversations=[], member=Member.objects.first())  # type: ignore[arg-type]
    assert program.get(f"{PATH}{act.pk}/").status_code == 404
    assert program.post(f"{PATH}{act.pk}/undo/").status_code == 404
