"""The ground that every resource stands on: tokens, scopes, problems, paging, idempotency, limits."""

import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from contacts.models import Account, Contact
from contacts.services import people
from tenancy.models import IdempotencyKey, Member, Role, Workspace
from tenancy.scope import scope
from tenancy.services import idempotency, members, tokens
from tests.people import member_of, new_workspace
from tests.programs import Program, problem

JSON = "application/json"


@pytest.fixture(autouse=True)
def _uncounted():
    cache.clear()


# Who asks


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


# Limits


def test_a_token_that_asks_too_often_is_told_when_to_come_back(program: Program, settings, time_machine):
    time_machine.move_to("2026-11-23 10:00:20Z", tick=False)
    settings.OMNIDESK_API_RATE = 2
    assert [program.get("members/").status_code for _ in range(3)] == [200, 200, 429]
    response = program.get("members/")
    assert (response.headers["Retry-After"], problem(response)["title"]) == ("41", "Too Many Requests")
    assert limits_of(response) == ["2", "0", "41"]
    time_machine.shift(41)
    assert program.get("members/").status_code == 200


def limits_of(response) -> list[str | None]:
    return [response.headers.get(f"RateLimit-{name}") for name in ("Limit", "Remaining", "Reset")]


def test_every_answer_says_what_is_left_of_the_limit(program: Program, settings, time_machine):
    time_machine.move_to("2026-11-23 10:00:20Z", tick=False)
    settings.OMNIDESK_API_RATE = 9
    assert limits_of(program.get("members/")) == ["9", "8", "41"]
    assert limits_of(program.get("members/0/")) == ["9", "7", "41"]
    assert limits_of(program.post("members/", {})) == ["9", "6", "41"]


def test_without_redis_nobody_is_held_up(program: Program, settings, monkeypatch):
    settings.OMNIDESK_API_RATE = 0

    def broken(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr("tenancy.api.throttling.cache", type("Down", (), {"add": broken, "incr": broken}))
    assert program.get("members/").status_code == 200


# Bad input


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


# Paging


def make_contacts(count: int) -> None:
    now = timezone.now()
    for number in range(count):
        # In twos of one time, so that pages are cut between rows that only their ids tell apart.
        Contact.objects.create(name=str(number), last_seen_at=now + timedelta(seconds=number // 2))


@pytest.mark.parametrize("path", ["contacts/", "accounts/"])
def test_pages_lead_through_all_rows_and_back(program: Program, workspace: Workspace, path: str):
    with scope(workspace.pk):
        make_contacts(7)
        for number in range(7):
            people.create_account(name=str(number))
    names, page = [], program.get(path, page_size=3).json()
    first = page
    while True:
        names.append([row["name"] for row in page["results"]])
        if page["next"] is None:
            break
        page = program.follow(page["next"]).json()
    assert names == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    page = program.follow(page["previous"]).json()
    assert [row["name"] for row in page["results"]] == ["3", "2", "1"]
    page = program.follow(page["previous"]).json()
    assert (page["results"], page["previous"]) == (first["results"], None)
    assert program.follow(page["next"]).json()["results"][0]["name"] == "3"


def test_what_comes_meanwhile_moves_nothing_from_page_to_page(program: Program, workspace: Workspace):
    with scope(workspace.pk):
        make_contacts(4)
    first = program.get("contacts/", page_size=2).json()
    with scope(workspace.pk):
        Contact.objects.create(name="new", last_seen_at=timezone.now() + timedelta(days=1))
    second = program.follow(first["next"]).json()
    assert [[row["name"] for row in page["results"]] for page in (first, second)] == [["3", "2"], ["1", "0"]]
    back = program.follow(second["previous"]).json()
    assert back["results"] == first["results"]
    newer = program.follow(back["previous"]).json()
    assert [row["name"] for row in newer["results"]] == ["new"]


def test_a_page_has_at_most_200_rows_and_keeps_its_filters(program: Program, workspace: Workspace):
    with scope(workspace.pk):
        Contact.objects.bulk_create(Contact(name="Ana") for _ in range(201))
    page = program.get("contacts/", page_size=100_000, search="ana").json()
    assert len(page["results"]) == 200
    assert "search=ana" in page["next"]


# Once


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


# Members


def test_members_are_read(program: Program, member: Member, other_workspace: Workspace):
    rows = program.rows("members/")
    assert [row["name"] for row in rows] == ["Aki Agent", "Ada Admin", "Olga Owner"]
    assert program.get(f"members/{member.pk}/").json() == rows[0]
    assert (rows[0]["email"], rows[0]["role"], rows[0]["is_active"]) == ("agent@acme.example", "agent", True)
    foreign = member_of(other_workspace, Role.OWNER)
    assert program.get(f"members/{foreign.pk}/").status_code == 404


def test_members_cost_the_same_however_many(program: Program, workspace: Workspace):
    program.get("members/")
    cost = program.cost("members/", page_size=1)
    with scope(workspace.pk):
        Member.objects.create(name="Bo", is_bot=True)
    assert program.cost("members/") == cost
    assert program.rows("members/")[0]["email"] is None
