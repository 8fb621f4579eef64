"""Every operation of the API, asked by tokens that may not do it."""

import re
from collections.abc import Iterator

import pytest

from omnidesk import api_docs
from tenancy.models import ApiToken, Member
from tests.programs import Program, problem

pytestmark = pytest.mark.django_db


def operations() -> Iterator[tuple[str, str, str, bool]]:
    """Method, address, scope, and whether it is the admins', of all there is."""
    for operation in api_docs.operations(api_docs.document()):
        (scope,) = re.findall(r"Needs the scope (\w+)", operation.words)
        address = re.sub(r"\{\w+\}", "1", operation.path)
        yield operation.method, address, scope, "the role admin" in operation.words


def ask(program: Program, method: str, address: str) -> str:
    """What a refusal says."""
    response = program.client.generic(method, address, b"{}", "application/json", headers=program.headers)
    members = problem(response)
    assert members["status"] == 403, (method, address, members)
    return str(members["detail"])


def test_an_operation_needs_its_scope_whatever_else_a_token_may(admin: Member):
    lacking = {
        scope: Program(admin, [each for each in ApiToken.SCOPES if each != scope])
        for scope in ApiToken.SCOPES
    }
    asked = [(ask(lacking[scope], method, path), scope) for method, path, scope, _ in operations()]
    assert {words for words, _ in asked} == {
        f"This needs a token with the scope “{scope}”." for scope in ApiToken.SCOPES
    }
    assert all(scope in words for words, scope in asked)


def test_what_is_the_admins_no_token_of_an_agent_does(program: Program):
    admins = [(method, path) for method, path, _, is_admins in operations() if is_admins]
    assert {ask(program, *operation) for operation in admins} == {
        "This needs a member with the role “admin”."
    }
    assert {path for _, path in admins} == {
        "/api/v1/attributes/",
        "/api/v1/attributes/1/",
        "/api/v1/attributes/1/archive/",
        "/api/v1/attributes/1/return/",
        "/api/v1/brands/1/",
        "/api/v1/channels/",
        "/api/v1/channels/1/",
        "/api/v1/channels/1/archive/",
        "/api/v1/channels/1/token/",
        "/api/v1/inbound-events/1/replay/",
        "/api/v1/teams/",
        "/api/v1/teams/1/",
        "/api/v1/teams/1/archive/",
        "/api/v1/teams/1/return/",
    }


def test_reading_takes_the_scope_to_read_and_changing_never_does():
    assert {(method == "GET", scope == "read") for method, _, scope, _ in operations()} == {
        (True, True),
        (False, False),
    }
