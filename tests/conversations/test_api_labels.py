"""Labels over the API: made by agents, renamed by managers."""

import pytest
from django.utils import timezone

from conversations.models import Label
from tenancy.models import Role, Workspace
from tenancy.scope import scope
from tests.people import new_member
from tests.programs import Program, problem


@pytest.fixture
def manager(workspace: Workspace) -> Program:
    return Program(new_member(workspace, Role.MANAGER, name="Mara Manager"))


def test_a_label_is_made_once(program: Program, workspace: Workspace):
    response = program.post("labels/", {"name": " Very  important "})
    made = response.json()
    assert (response.status_code, made["name"]) == (201, "Very important")
    assert response["Location"].endswith(f"/labels/{made['id']}/")
    assert problem(program.post("labels/", {"name": "VERY IMPORTANT"}))["errors"].keys() == {"name"}
    with scope(workspace.pk):
        Label.objects.update(archived_at=timezone.now())
    back = program.post("labels/", {"name": "Very important"})
    assert (back.status_code, back.json()) == (201, made)


def test_a_manager_calls_it_something_else(program: Program, manager: Program):
    made = program.post("labels/", {"name": "Refund"}).json()
    program.post("labels/", {"name": "Late"})
    path = f"labels/{made['id']}/"
    assert program.patch(path, {"name": "Money back"}).status_code == 403
    assert manager.patch(path, {"name": " Money  back"}).json()["name"] == "Money back"
    assert problem(manager.patch(path, {"name": "late"}))["errors"].keys() == {"name"}
    assert program.get(path).json()["name"] == "Money back"
    for name in ("", " ", "x" * 61, 7):
        assert problem(manager.patch(path, {"name": name}))["status"] == 400
