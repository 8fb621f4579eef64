"""Deliveries, for programs."""

import pytest

from conversations.models import Delivery
from tenancy.models import Role, Workspace
from tenancy.scope import scope
from tests.people import member_of
from tests.programs import Program, letter, mail_channel, problem, write


def failed_delivery(program: Program, workspace: Workspace) -> int:
    got = letter(workspace)
    body = {"kind": "message", "channel": mail_channel(workspace).pk, "text": "Done"}
    number: int = write(program, got.conversation, **body).json()["deliveries"][0]["id"]
    with scope(workspace.pk):
        Delivery.objects.update(status=Delivery.Status.FAILED, state="failed", reason="No such user")
    return number


def test_a_failed_delivery_is_retried(program: Program, workspace: Workspace):
    number = failed_delivery(program, workspace)
    (row,) = program.rows("deliveries/", state="failed")
    assert (row["id"], row["state"], row["reason"]) == (number, "failed", "No such user")
    response = program.post(f"deliveries/{number}/retry/")
    assert (response.status_code, response.json()["state"]) == (202, "queued")
    refused = problem(program.post(f"deliveries/{number}/retry/"))
    assert refused["detail"] == "Only a failed message can be sent again."


def test_deliveries_of_others_are_not_there(program: Program, other_workspace: Workspace):
    other = Program(member_of(other_workspace, Role.AGENT))
    number = failed_delivery(other, other_workspace)
    assert program.rows("deliveries/") == []
    assert program.get(f"deliveries/{number}/").status_code == 404
    assert program.post(f"deliveries/{number}/retry/").status_code == 404


@pytest.mark.parametrize("query", [{"state": "lost"}, {"entry": "x"}, {"channel": 2**63}])
def test_a_delivery_filter_that_cannot_be_is_refused(program: Program, query):
    assert problem(program.get("deliveries/", **query))["errors"].keys() == query.keys()


def test_an_uncertain_delivery_is_settled_by_who_knows(program: Program, workspace: Workspace):
    number = failed_delivery(program, workspace)
    path = f"deliveries/{number}/outcome/"
    assert problem(program.post(path, {"arrived": True}))["detail"] == "Its outcome is known."
    for arrived, state in ((False, "queued"), (True, "sent")):
        with scope(workspace.pk):
            Delivery.objects.update(status=Delivery.Status.UNCERTAIN)
        assert program.post(f"deliveries/{number}/retry/").status_code == 409
        response = program.post(path, {"arrived": arrived})
        assert (response.status_code, response.json()["state"]) == (202, state)
    assert list(problem(program.post(path, {}))["errors"]) == ["arrived"]


def test_a_failed_delivery_goes_another_way(program: Program, workspace: Workspace):
    number = failed_delivery(program, workspace)
    channel = mail_channel(workspace).pk
    with scope(workspace.pk):
        contact = Delivery.objects.get().entry.contact
        assert contact
        values = {"kind": "email", "value": "other@cust.example", "proof": "confirmed", "holds": True}
        other = contact.identities.create(**values).pk
        entry = Delivery.objects.get().entry_id
    path, body = f"entries/{entry}/elsewhere/", {"delivery": number, "channel": channel, "to": other}
    assert problem(program.post(path, body | {"to": 99999}))["errors"].keys() == {"to"}
    response = program.post(path, body)
    assert (response.status_code, response.json()["text"]) == (201, "Done")
    assert response.json()["deliveries"][0]["recipient"] == "other@cust.example"
    assert program.post(path, body).status_code == 409
