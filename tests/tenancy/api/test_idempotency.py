"""A POST with a key is done once and answered the same."""

import threading
from datetime import timedelta

import pytest

from contacts.models import Account
from contacts.services import people
from tenancy.models import IdempotencyKey, Role, Workspace
from tenancy.scope import scope
from tenancy.services import idempotency
from tests.people import member_of, new_workspace
from tests.programs import Program, problem


def count_accounts(workspace: Workspace) -> int:
    with scope(workspace.pk):
        return Account.objects.count()


def test_a_repeated_post_gets_the_same_answer_and_is_done_once(program: Program, workspace: Workspace):
    first = program.post("accounts/", {"name": "Northwind"}, key="k1")
    again = program.post("accounts/", {"name": "Northwind"}, key="k1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert (again.headers["Idempotency-Replayed"], "Idempotency-Replayed" in first.headers) == ("true", False)
    assert count_accounts(workspace) == 1


@pytest.mark.parametrize(
    ("path", "body"), [("accounts/", {"name": "Other"}), ("contacts/", {"name": "Northwind"})]
)
def test_a_key_is_for_one_request_only(program: Program, path, body):
    program.post("accounts/", {"name": "Northwind"}, key="k1")
    assert problem(program.post(path, body, key="k1"))["type"] == "urn:omnidesk:problem:key-reused"


def test_a_key_is_the_tokens_own(program: Program, admin_program: Program, workspace: Workspace):
    for one in (program, admin_program):
        assert one.post("accounts/", {"name": "Northwind"}, key="k1").status_code == 201
    assert count_accounts(workspace) == 2


def test_an_answer_that_went_wrong_is_not_kept(program: Program):
    assert program.post("accounts/", {}, key="k1").status_code == 400
    assert program.post("accounts/", {"name": "Northwind"}, key="k1").status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256, "\u0085", "\u00e9"])
def test_a_key_that_cannot_be_one(program: Program, key: str):
    assert problem(program.post("accounts/", {"name": "a"}, key=key))["status"] == 400


def test_kept_answers_are_sealed_and_forgotten_after_two_days(program: Program, workspace, time_machine):
    time_machine.move_to("2026-11-23 10:00Z", tick=False)
    program.post("accounts/", {"name": "Northwind"}, key="k1")
    with scope(workspace.pk):
        assert b"Northwind" not in bytes(IdempotencyKey.objects.get().sealed)
    time_machine.shift(timedelta(hours=48))
    assert idempotency.prune() == 0
    time_machine.shift(1)
    assert idempotency.prune() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_told_to_wait(monkeypatch):
    workspace = new_workspace("acme")
    program = Program(member_of(workspace, Role.AGENT))
    inside, go_on = threading.Event(), threading.Event()
    create = people.create_account

    def slow(**facts):
        inside.set()
        go_on.wait(10)
        return create(**facts)

    monkeypatch.setattr(people, "create_account", slow)
    answers = []

    def post():
        from django.db import connection

        answers.append(program.post("accounts/", {"name": "Northwind"}, key="k1").status_code)
        connection.close()

    first = threading.Thread(target=post)
    first.start()
    assert inside.wait(10)
    response = program.post("accounts/", {"name": "Northwind"}, key="k1")
    go_on.set()
    first.join()
    assert problem(response)["type"] == "urn:omnidesk:problem:still-answering"
    assert program.post("accounts/", {"name": "Northwind"}, key="k1").status_code == 201
    assert (answers, count_accounts(workspace)) == ([201], 1)
