"""Who may ask the API: tokens, their scopes, and roles."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tenancy.services import members, tokens
from tests.programs import Program, problem


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer omni_00000000_wrong", "Basic YTpi", "Bearer \u00fc", "bearer  x y"]
)
def test_without_a_good_token_nothing_is_said(workspace: Workspace, header: str):
    response = Client().get("/api/v1/members/", headers={"Authorization": header} if header else {})
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert problem(response)["title"] == "Unauthorized"


def test_a_signed_in_browser_has_no_entry(client: Client):
    assert client.get("/api/v1/members/").status_code == 401


def test_a_revoked_token_and_an_archived_member_are_refused(program: Program, workspace, admin, member):
    assert program.get("members/").status_code == 200
    with scope(workspace.pk):
        tokens.revoke(token=program.token, by=admin)
    assert program.get("members/").status_code == 401
    other = Program(member)
    with scope(workspace.pk):
        members.archive(member=member, by=admin)
    assert other.get("members/").status_code == 401


def test_a_suspended_workspace_answers_403(program: Program, workspace: Workspace):
    Workspace.objects.filter(pk=workspace.pk).update(status=Workspace.Status.SUSPENDED)
    assert problem(program.get("members/"))["type"] == "urn:omnidesk:problem:suspended"


@pytest.mark.parametrize(
    ("scopes", "read", "write", "administer"),
    [
        (["read"], 200, 403, 403),
        (["write"], 403, 201, 403),
        (["admin"], 403, 403, 400),
        ([], 403, 403, 403),
    ],
)
def test_a_token_does_what_its_scopes_say(admin: Member, scopes, read, write, administer):
    program = Program(admin, scopes)
    assert program.get("accounts/").status_code == read
    assert program.post("accounts/", {"name": "Northwind"}).status_code == write
    assert program.post("channels/", {}).status_code == administer


def test_no_scope_exceeds_the_members_role(program: Program):
    response = program.post("channels/", {})
    assert problem(response)["detail"] == "This needs a member with the role “admin”."


def test_the_use_of_a_token_is_noted_now_and_then(program: Program, workspace, time_machine):
    time_machine.move_to("2026-11-23 10:00Z", tick=False)
    program.get("members/")
    time_machine.shift(50)
    program.get("members/")
    with scope(workspace.pk):
        program.token.refresh_from_db()
    assert program.token.last_used_at == timezone.now() - timedelta(seconds=50)
