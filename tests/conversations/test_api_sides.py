"""Side conversations, opened and answered by programs."""

import pytest

from conversations.models import Conversation, Delivery
from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tests.programs import Program, letter, mail_channel, problem

DHL = "claims@dhl.example"


@pytest.fixture
def parent(workspace: Workspace) -> Conversation:
    conversation = letter(workspace).conversation
    mail_channel(workspace)
    assert conversation
    return conversation


def ask(program: Program, parent: Conversation, **body: object):
    asked = {"subject": "Parcel 00340", "text": "Where is it?"} | body
    return program.post(f"conversations/{parent.number}/sides/", asked)


def test_a_third_party_is_asked_and_answered(program: Program, workspace: Workspace, parent: Conversation):
    response = ask(program, parent, address=DHL)
    row = response.json()
    assert response.status_code == 201
    assert (row["kind"], row["parent"], row["subject"]) == ("side", parent.number, "Parcel 00340")
    assert program.follow(response.headers["Location"]).json() == row
    assert program.ids(f"conversations/{parent.number}/sides/") == [row["id"]]
    assert program.ids("conversations/") == [parent.number]
    channel = mail_channel(workspace)
    answer = program.post(
        f"conversations/{row['id']}/entries/", {"kind": "message", "channel": channel.pk, "text": "And?"}
    )
    assert [each["recipient"] for each in answer.json()["deliveries"]] == [DHL]


def test_colleagues_are_asked(program: Program, parent: Conversation, admin: Member):
    row = ask(program, parent, members=[admin.pk]).json()
    (entry,) = [
        each
        for each in program.get(f"conversations/{row['id']}/entries/").json()["results"]
        if each["kind"] == "note"
    ]
    assert entry["facts"]["mentions"] == [{"id": admin.pk, "name": admin.name}]
    assert program.patch(f"conversations/{row['id']}/", {"status": "resolved"}).json()["status"] == "resolved"


def test_words_of_the_conversation_are_quoted(program: Program, workspace: Workspace, parent: Conversation):
    with scope(workspace.pk):
        said = parent.entries.get()
    row = ask(program, parent, address=DHL, quotes=[said.pk]).json()
    entries = program.get(f"conversations/{row['id']}/entries/").json()["results"]
    assert "the customer wrote:\n> " in entries[0]["text"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"address": DHL, "members": [1]}, 400),
        ({"address": "dhl"}, 400),
        ({"address": "ana@cust.example"}, 409),
        ({"address": DHL, "quotes": [999_999]}, 400),
        ({"address": DHL, "forwards": [999_999]}, 400),
    ],
)
def test_what_cannot_be_asked_is_refused(
    program: Program, workspace: Workspace, parent: Conversation, body: dict[str, object], status: int
):
    response = ask(program, parent, **body)
    assert response.status_code == status
    assert problem(response)
    with scope(workspace.pk):
        assert not Delivery.objects.exists()
        assert not Conversation.objects.filter(kind="side").exists()
