"""Commands of the ground floor, as scripts call them."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from tenancy.models import Member, Role, User, Workspace
from tenancy.scope import scope
from tenancy.services import tokens

pytestmark = pytest.mark.django_db


def run(*words: str, stdin: str = "", monkeypatch=None) -> str:
    if monkeypatch:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    said = io.StringIO()
    call_command(*words, stdout=said)
    return said.getvalue().strip()


MAKE = ("create_workspace", "acme", "--name", "Acme Ltd", "--admin", "Ann@Acme.Example")


def test_create_workspace_makes_its_owner_with_the_password_given(monkeypatch):
    assert run(*MAKE, "--password-stdin", stdin="correct-horse-9\n", monkeypatch=monkeypatch) == "/w/acme/"
    owner = User.objects.get()
    assert (owner.email, owner.check_password("correct-horse-9")) == ("ann@acme.example", True)
    with scope(Workspace.objects.get(slug="acme").pk):
        assert Member.objects.get().role == Role.OWNER


def test_create_workspace_takes_a_user_there_is(workspace):
    run("create_workspace", "second", "--name", "Second", "--admin", "owner@acme.example")
    assert User.objects.filter(email="owner@acme.example").count() == 1


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        (("create_workspace", "Not a slug", "--name", "x", "--admin", "a@b.example"), None),
        (("create_workspace", "x", "--name", "x", "--admin", "nobody"), None),
        ((*MAKE, "--password-stdin"), "short"),
        (("create_workspace", "acme", "--name", "x", "--admin", "a@b.example"), None),
        (("create_workspace", "x", "--name", "x", "--admin", "owner@acme.example", "--password-stdin"), "y"),
        (("create_token", "nowhere", "owner@acme.example"), None),
        (("create_token", "acme", "owner@globex.example"), None),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(
    workspace, other_workspace, words, stdin, monkeypatch
):
    before = (User.objects.count(), Workspace.objects.count())
    with pytest.raises(CommandError):
        run(*words, stdin=stdin or "", monkeypatch=monkeypatch)
    assert (User.objects.count(), Workspace.objects.count()) == before


def test_create_token_prints_a_token_that_works(workspace, owner):
    text = run("create_token", "acme", "OWNER@acme.example")
    found = tokens.resolve(text)
    assert found is not None
    with scope(found.workspace_id):
        token = tokens.use(found.target_id)
    assert token is not None
    assert (token.member, token.scopes) == (owner, ["read", "write", "admin"])
