"""Canned replies and macros, for programs."""

import pytest

from conversations import kinds
from conversations.models import CannedReply, Macro
from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tests.programs import Program, letter, problem
from tests.senders import senders

HELLO = {
    "name": "Hello",
    "shortcut": "hi",
    "text": "Hi {{contact.first_name}}, it is {{conversation.subject}}.",
}
CLOSE = {
    "name": "Close",
    "actions": [
        {"do": "reply", "text": "Done, {{contact.first_name|friend}}."},
        {"do": "status", "status": "resolved"},
        {"do": "priority", "priority": "high"},
    ],
}


@pytest.fixture(autouse=True)
def mail_can_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_senders", senders("email"))


@pytest.fixture
def number(workspace: Workspace) -> int:
    """The number of a conversation with Ana."""
    got = letter(workspace, "My lamp broke", subject="Lamp")
    assert got.conversation
    return got.conversation.number


def test_a_canned_reply_is_kept_changed_archived_and_brought_back(program: Program, member: Member):
    response = program.post("canned-replies/", HELLO)
    made = response.json()
    assert response.status_code == 201
    assert (made["owner"], made["is_shared"], made["shortcut"], made["uses"]) == (member.pk, False, "hi", 0)
    assert program.follow(response.headers["Location"]).json() == made
    path = f"canned-replies/{made['id']}/"
    assert (
        program.patch(path, {"html": "<p>Hi <b>x</b><script>x</script></p>"}).json()["html"]
        == "<p>Hi <b>x</b></p>"
    )
    changed = program.patch(path, {"text": "Bye"}).json()
    assert (changed["text"], changed["html"], changed["name"]) == ("Bye", "", "Hello")
    assert program.post(f"{path}archive/").json()["archived_at"] is not None
    assert (program.ids("canned-replies/"), program.ids("canned-replies/", is_archived="true")) == (
        [],
        [made["id"]],
    )
    assert program.post(f"{path}return/").json()["archived_at"] is None
    assert program.ids("canned-replies/", search="HI") == [made["id"]]
    assert program.ids("canned-replies/", search="nothing") == []


def test_sharing_takes_a_manager(program: Program, admin_program: Program):
    shared = HELLO | {"shared": True}
    assert problem(program.post("canned-replies/", shared))["status"] == 403
    made = admin_program.post("canned-replies/", shared).json()
    assert (made["owner"], made["is_shared"]) == (None, True)
    path = f"canned-replies/{made['id']}/"
    assert program.get(path).json() == made
    for response in (program.patch(path, {"name": "Mine"}), program.post(f"{path}archive/")):
        assert problem(response)["status"] == 403
    assert admin_program.patch(path, {"name": "Ours"}).json()["is_shared"] is True
    team = admin_program.post("teams/", {"name": "Returns"}).json()["id"]
    assert admin_program.patch(path, {"team": team}).json()["team"] == team
    assert program.get(path).status_code == 404


def test_what_is_somebody_elses_own_is_not_there(program: Program, admin_program: Program, number: int):
    hello, close = (
        admin_program.post("canned-replies/", HELLO).json()["id"],
        admin_program.post("macros/", CLOSE).json()["id"],
    )
    for path in (
        f"canned-replies/{hello}/",
        f"macros/{close}/",
        f"conversations/{number}/canned-replies/{hello}/",
        f"conversations/{number}/macros/{close}/",
    ):
        assert program.get(path).status_code == 404
    assert program.post(f"conversations/{number}/macros/{close}/runs/", {}).status_code == 404
    assert (program.ids("canned-replies/"), program.ids("macros/")) == ([], [])


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("canned-replies/", HELLO | {"text": "{{contact.shoe}}"}, "text"),
        ("canned-replies/", HELLO | {"shortcut": "two words"}, "shortcut"),
        ("canned-replies/", HELLO | {"brand": 999}, "brand"),
        ("macros/", {"name": "X", "actions": []}, "non_field_errors"),
        ("macros/", {"name": "X", "actions": [{"do": "dance"}]}, "actions.0.do"),
        ("macros/", {"name": "X", "actions": [{"do": "spam", "text": "x"}]}, "non_field_errors"),
        ("macros/", {"name": "X", "actions": [{"do": "label", "label": 999}]}, "actions"),
        ("macros/", {"name": "X"}, "actions"),
    ],
)
def test_what_cannot_be_kept_is_refused(program: Program, path: str, body: dict[str, object], field: str):
    assert list(problem(program.post(path, body))["errors"]) == [field]


def test_a_canned_reply_says_what_it_would_in_a_conversation(program: Program, number: int):
    hello = program.post(
        "canned-replies/", HELLO | {"html": "<p><b>{{contact.name}}</b> {{account.name}}</p>"}
    ).json()
    said = program.get(f"conversations/{number}/canned-replies/{hello['id']}/").json()
    assert said == {
        "text": "Hi Ana, it is Lamp.",
        "html": "<p><b>Ana</b> {{account.name}}</p>",
        "missing": ["account.name"],
    }
    program.patch(f"canned-replies/{hello['id']}/", {"text": "{{account.name}}"})
    said = program.get(f"conversations/{number}/canned-replies/{hello['id']}/").json()
    assert said == {"text": "{{account.name}}", "html": "", "missing": ["account.name"]}


def test_a_macro_is_looked_at_run_and_undone(program: Program, number: int):
    close = program.post("macros/", CLOSE).json()
    path = f"conversations/{number}/macros/{close['id']}/"
    planned = program.get(path).json()
    assert [(step["do"], step["words"], step["text"]) for step in planned["steps"]] == [
        ("reply", "Reply by Support to ana@cust.example", "Done, Ana."),
        ("status", "Resolve", ""),
        ("priority", "Set the priority to high", ""),
    ]
    assert planned["troubles"] == []
    before = program.get(f"conversations/{number}/").json()
    response = program.post(f"{path}runs/", {})
    ran = response.json()
    assert (response.status_code, ran["text"]) == (201, "")
    assert program.get(f"entries/{ran['reply']}/").json()["text"] == "Done, Ana."
    record = program.follow(response.headers["Location"]).json()
    assert (record["event"], record["facts"]) == ("macro", {"macro": close["id"], "name": "Close"})
    now = program.get(f"conversations/{number}/").json()
    assert (now["status"], now["priority"]) == ("resolved", "high")
    assert program.post(f"entries/{ran['id']}/undo/").status_code == 200
    assert program.get(f"conversations/{number}/").json() == before
    assert problem(program.post(f"entries/{ran['id']}/undo/"))["status"] == 409


def test_a_macro_that_cannot_be_run_says_why(program: Program, number: int):
    close = program.post("macros/", CLOSE).json()["id"]
    path = f"conversations/{number}/macros/{close}/runs/"
    seen = program.rows(f"conversations/{number}/entries/")[0]["id"]
    assert (
        problem(program.post(path, {"seen_entry": seen - 1}))["type"]
        == "urn:omnidesk:problem:changed-meanwhile"
    )
    program.patch(f"macros/{close}/", {"actions": [{"do": "reply", "text": "Hi {{account.name}}"}]})
    told = problem(program.post(path, {}))
    assert (told["status"], told["detail"]) == (
        409,
        "The reply needs what is not known here: the customer's company.",
    )


@pytest.mark.parametrize("path", ["canned-replies/", "macros/"])
def test_a_list_costs_the_same_however_long(program: Program, workspace: Workspace, path: str):
    with scope(workspace.pk):
        for name in "abc":
            CannedReply.objects.create(name=name, text=name)
            Macro.objects.create(name=name, actions=[{"do": "spam"}])
    program.rows(path)  # what only a first request does
    assert program.cost(path, page_size=1) == program.cost(path)


def test_a_macro_is_run_in_many(program: Program, admin_program: Program, number: int):
    close = program.post("macros/", CLOSE).json()["id"]
    told = program.post("conversations/bulk/", {"conversations": [number], "macro": close}).json()
    assert (told["action"], told["changed"]) == ("macro", 1)
    assert program.get(f"conversations/{number}/").json()["status"] == "resolved"
    theirs = admin_program.post("macros/", CLOSE).json()["id"]
    refused = problem(program.post("conversations/bulk/", {"conversations": [number], "macro": theirs}))
    assert list(refused["errors"]) == ["macro"]
