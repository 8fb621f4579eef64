"""What the API is told that it cannot take, and what it says to that."""

import pytest

from contacts.models import Account
from tenancy.scope import scope
from tests.programs import Program, problem

JSON = "application/json"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"name": NaN}',
        b'{"name": "a", "name": "b"}',
        b'{"name": "a", "facts": {"n": 1, "n": 1}}',
        b'{"name": "a\\u0000b"}',
        b'{"name": "\\ud800"}',
        b'{"\\u0000": 1, "name": "a"}',
        b'{"name": "a", "facts": {"n": 1e999}}',
        b'{"name": "a", "facts": {"deep": ' + b"[" * 200 + b"]" * 200 + b"}}",
        b"[" * 100_000,
        b'{"name": ' + b"9" * 5000 + b"}",
        b'{"name": {"a": 1}}',
        b'{"name": ["a"]}',
        b'{"name": true}',
        b'{"name": 0}',
        b'{"name": null}',
        b'{"name": ""}',
        b'{"name": "' + b"a" * 201 + b'"}',
        b'{"name": "a", "facts": []}',
        b'{"name": "a", "domains": "x.example"}',
        b'{"name": "a", "domains": ["no domain"]}',
        b'{"name": "a", "nmae": "b"}',
    ],
)
def test_what_cannot_be_taken_is_refused_and_changes_nothing(program: Program, workspace, body: bytes):
    response = program.post("accounts/", body)
    assert problem(response)["status"] == 400
    with scope(workspace.pk):
        assert not Account.objects.exists()


def test_errors_name_the_fields(program: Program):
    body = {
        "title": "x" * 121,
        "identities": [{"kind": "email", "value": "a@b.example"}, {"kind": "owl"}],
        "n": 1,
    }
    assert problem(program.post("contacts/", body))["errors"] == {
        "n": ["There is no such field, or it cannot be written."]
    }
    del body["n"]
    assert problem(program.post("contacts/", body))["errors"] == {
        "name": ["This field is required."],
        "title": ["Ensure this field has no more than 120 characters."],
        "identities.1.kind": ['"owl" is not a valid choice.'],
        "identities.1.value": ["This field is required."],
    }


def test_only_json_of_a_sensible_size_is_read(program: Program, settings):
    as_form = program.client.post("/api/v1/accounts/", {"name": "a"}, headers=program.headers)
    assert problem(as_form)["title"] == "Unsupported Media Type"
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert problem(program.post("accounts/", {"name": "a" * 100}))["status"] == 413


def test_a_body_of_unknown_length_is_refused(program: Program):
    headers = program.headers | {"Transfer-Encoding": "chunked"}
    response = program.client.generic("POST", "/api/v1/accounts/", b"", JSON, headers=headers)
    assert problem(response)["status"] == 411


def test_whatever_the_client_accepts_it_gets_json(program: Program):
    headers = program.headers | {"Accept": "text/html"}
    assert program.client.get("/api/v1/members/", headers=headers).headers["Content-Type"] == JSON


@pytest.mark.parametrize(
    "path", ["nothing/", "members/0/", "members/x/", f"members/{10**40}/", "members/-1/"]
)
def test_what_is_not_there_is_a_problem_too(program: Program, path: str):
    assert problem(program.get(path))["title"] == "Not Found"


def test_without_its_slash_an_address_leads_to_the_right_one_with_the_same_method(program: Program):
    response = program.post("accounts", {"name": "Northwind"})
    assert (response.status_code, response.headers["Location"]) == (308, "/api/v1/accounts/")


def test_errors_outside_of_the_views_are_problems(program: Program):
    response = program.client.get("/api/v1/members/", headers=program.headers | {"Host": "evil.example"})
    assert problem(response)["title"] == "Bad Request"
    assert problem(program.client.get("/api/"))["title"] == "Not Found"
    assert program.client.get("/elsewhere/").headers["Content-Type"].startswith("text/html")


def test_a_method_that_is_not_there(program: Program):
    response = program.client.delete("/api/v1/members/", headers=program.headers)
    assert problem(response)["title"] == "Method Not Allowed"
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_fault_of_ours_tells_no_details(program: Program, monkeypatch):
    monkeypatch.setattr("tenancy.api.members.MemberResource.rows", property(lambda _: 1 / 0))
    response = program.get("members/")
    assert problem(response) == {"type": "about:blank", "title": "Internal Server Error", "status": 500}


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "garbage"},
        {"cursor": f"1-{2**63}"},
        {"cursor": "~"},
        {"cursor": "9" * 40 + "-1"},
        {"cursor": "1\0-1"},
        {"page_size": "0"},
        {"page_size": "-1"},
        {"page_size": "x"},
        {"page_size": "²"},
        {"serach": "x"},
    ],
)
def test_a_parameter_that_cannot_be_is_named(program: Program, query: dict[str, str]):
    assert list(problem(program.get("contacts/", **query))["errors"]) == list(query)
