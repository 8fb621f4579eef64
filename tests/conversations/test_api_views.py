"""Views over the API, and what they hold."""

from typing import Any

import pytest

from conversations.queries import walks
from tenancy.models import Role
from tests.people import new_member
from tests.programs import Program, letter, problem

LAMPS = {"match": "all", "conditions": [{"field": "subject", "op": "has", "value": "lamp"}]}


@pytest.fixture
def manager(workspace) -> Program:
    return Program(new_member(workspace, Role.MANAGER, name="Mara Manager"))


def test_a_view_is_made_changed_ordered_and_taken_away(program, member):
    made = program.post("views/", {"name": "Lamps", "filter": LAMPS}).json()
    assert (made["name"], made["member"], made["is_shared"], made["filter"]) == (
        "Lamps",
        member.pk,
        False,
        LAMPS,
    )
    other = program.post("views/", {"name": "Others", "filter": LAMPS}).json()
    path = f"views/{made['id']}/"
    open_ = {"match": "any", "conditions": [{"field": "status", "op": "is", "value": ["open"]}]}
    changed = program.patch(path, {"name": "Open", "filter": open_, "position": 1}).json()
    assert (changed["name"], changed["filter"], changed["position"]) == ("Open", open_, 1)
    assert program.get(f"views/{other['id']}/").json()["position"] == 0
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404
    assert program.ids("views/") == [other["id"]]


def test_a_view_says_how_many_it_holds(program, workspace, monkeypatch):
    for subject in ("A lamp", "A lamp too", "A chair"):
        letter(workspace, "Hello", subject=subject)
    made = program.post("views/", {"name": "Lamps", "filter": LAMPS}).json()
    assert (made["count"], made["is_count_exact"]) == (2, True)
    cost = program.cost("views/")
    program.post("views/", {"name": "Others", "filter": LAMPS})
    assert [row["count"] for row in program.rows("views/")] == [2, 2]
    assert program.cost("views/") == cost
    monkeypatch.setattr(walks, "MOST", 1)
    told = program.get(f"views/{made['id']}/").json()
    assert (told["count"], told["is_count_exact"]) == (1, False)


def test_sharing_takes_a_manager(program, manager):
    shared = {"name": "Lamps", "filter": LAMPS, "is_shared": True}
    assert "the managers' to change" in problem(program.post("views/", shared))["detail"]
    made = manager.post("views/", shared).json()
    own = manager.post("views/", {"name": "Mine", "filter": LAMPS}).json()
    assert program.ids("views/") == [made["id"]]
    path = f"views/{made['id']}/"
    assert program.patch(path, {"name": "X"}).status_code == 403
    assert program.delete(path).status_code == 403
    assert program.patch(f"views/{own['id']}/", {"name": "X"}).status_code == 404


@pytest.mark.parametrize(
    ("filter", "why"),
    [
        ([], "Give an object: `match`"),
        ({"match": "none", "conditions": []}, "Give an object: `match`"),
        ({"match": "all", "conditions": []}, "Give a condition."),
        ({"match": "all", "conditions": ["status"]}, "A condition has a field, an op, and a value"),
        (
            {"match": "all", "conditions": [{"field": "status", "op": "is", "value": ["red"]}]},
            "Condition 1: This choice is not there any more.",
        ),
        (
            {"match": "all", "conditions": [{"field": "contact", "op": "is", "value": 99}]},
            "There is no such contact.",
        ),
    ],
)
def test_what_does_not_fit_is_said(program, filter, why):
    errors = problem(program.post("views/", {"name": "X", "filter": filter}))["errors"]
    assert errors["filter"][0].startswith(why)


def test_conversations_of_a_view_are_walked_to(program, workspace, monkeypatch):
    lamps = [letter(workspace, subject=f"Lamp {number}").conversation for number in range(2)]
    for number in range(4):
        letter(workspace, subject=f"Chair {number}")
    view = program.post("views/", {"name": "Lamps", "filter": LAMPS}).json()["id"]
    assert program.ids("conversations/", view=view) == [each.number for each in lamps[::-1] if each]
    monkeypatch.setattr(walks, "WINDOW", 2)  # for 25 rows; a page has 50
    seen: list[Any] = []
    answer = program.get("conversations/", view=view).json()
    while answer["next"]:
        seen.append([row["subject"] for row in answer["results"]])
        assert answer["previous"] is None
        answer = program.follow(answer["next"]).json()
    assert [*seen, [row["subject"] for row in answer["results"]]] == [[], ["Lamp 1", "Lamp 0"]]


def test_a_view_stands_alone_and_is_one_that_is_seen(program, manager, workspace):
    letter(workspace)
    theirs = manager.post("views/", {"name": "Mine", "filter": LAMPS}).json()["id"]
    for view in (theirs, 10**9):
        errors = problem(program.get("conversations/", view=view))["errors"]
        assert errors == {"view": ["There is no such view."]}
    own = program.post("views/", {"name": "Mine", "filter": LAMPS}).json()["id"]
    errors = problem(program.get("conversations/", view=own, status="open"))["errors"]
    assert errors == {"status": ["A view has conditions of its own: leave this out."]}
    errors = problem(program.get("conversations/", view=own, cursor="~1-1"))["errors"]
    assert errors == {"cursor": ["This cursor is not one that a page has given."]}


def test_a_views_page_takes_as_many_queries_for_three_conversations_as_for_one(program, workspace):
    view = program.post("views/", {"name": "Lamps", "filter": LAMPS}).json()["id"]
    letter(workspace, subject="Lamp")
    before = program.cost("conversations/", view=view)
    for number in range(2):
        letter(workspace, subject=f"Lamp {number}")
    assert program.cost("conversations/", view=view) == before
