"""Messages, notes and new conversations, written by programs."""

import pytest

from contacts.services import people
from contacts.types import AddressKind
from conversations.models import Channel
from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tests.programs import Program, change, letter, mail_channel, problem, write


def test_a_message_answers_the_customer(program: Program, workspace: Workspace, member: Member):
    got, channel = letter(workspace), mail_channel(workspace)
    response = write(program, got.conversation, kind="message", channel=channel.pk, text="We look into it")
    row = response.json()
    assert response.status_code == 201
    assert (row["kind"], row["direction"], row["text"], row["member"]) == (
        "message",
        "out",
        "We look into it",
        member.pk,
    )
    (delivery,) = row["deliveries"]
    assert (delivery["state"], delivery["recipient"]) == ("held", "ana@cust.example")
    assert program.follow(response.headers["Location"]).json() == row
    assert program.ids("deliveries/", state="held", entry=row["id"]) == [delivery["id"]]
    assert got.conversation
    assert program.get(f"conversations/{got.conversation.number}/").json()["status"] == "pending"


def test_copies_and_the_status_to_leave_behind_are_the_callers_choice(program: Program, workspace: Workspace):
    got, channel = letter(workspace), mail_channel(workspace)
    body = {"kind": "message", "channel": channel.pk, "text": "Done", "html": "<b>Done</b>"}
    row = write(program, got.conversation, **body, cc=["Bo@Cust.example"], status="resolved").json()
    assert [delivery["recipient"] for delivery in row["deliveries"]] == [
        "ana@cust.example",
        "bo@cust.example",
    ]
    assert row["html"] == "<b>Done</b>"
    assert got.conversation
    assert program.get(f"conversations/{got.conversation.number}/").json()["status"] == "resolved"


def test_a_note_stays_among_colleagues(program: Program, workspace: Workspace, admin: Member):
    conversation = letter(workspace).conversation
    row = write(program, conversation, kind="note", text="Call them, @Ada", mentions=[admin.pk]).json()
    assert (row["kind"], row["direction"], row["deliveries"]) == ("note", "none", [])
    assert row["facts"] == {"mentions": [{"id": admin.pk, "name": "Ada Admin"}]}


def test_whoever_has_not_seen_the_last_word_is_told(program: Program, workspace: Workspace):
    got, channel = letter(workspace), mail_channel(workspace)
    more = letter(workspace, "One more thing", thread_keys=(got.entry.external_id,), starts_thread=False)
    assert more.conversation == got.conversation
    body = {"kind": "message", "channel": channel.pk, "text": "Done"}
    told = problem(write(program, got.conversation, **body, seen_entry=got.entry.pk))
    assert (told["type"], told["entries"]) == ("urn:omnidesk:problem:changed-meanwhile", [more.entry.pk])
    assert write(program, got.conversation, **body, seen_entry=more.entry.pk).status_code == 201


def test_what_cannot_be_sent_is_refused_with_the_reason(program: Program, workspace: Workspace):
    got, channel = letter(workspace), mail_channel(workspace)
    with scope(workspace.pk):
        Channel.objects.update(is_enabled=False)
    response = write(program, got.conversation, kind="message", channel=channel.pk, text="Done")
    assert problem(response) == {
        "type": "urn:omnidesk:problem:refused",
        "title": "Conflict",
        "status": 409,
        "detail": "Support is switched off. Choose another channel.",
    }


def test_a_message_goes_to_the_contact_and_nobody_else(program: Program, workspace: Workspace):
    got, channel = letter(workspace), mail_channel(workspace)
    stranger = letter(workspace, sender="bo@cust.example").entry.identity
    assert stranger
    body = {"kind": "message", "channel": channel.pk, "text": "Done"}
    response = write(program, got.conversation, **body, to=stranger.pk)
    assert problem(response)["errors"] == {"to": ["The channel does not reach the contact there."]}
    assert write(program, got.conversation, **body, to=got.entry.identity_id).status_code == 201


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["text", "kind"]),
        ({"kind": "message", "text": "Hi"}, ["channel"]),
        ({"kind": "message", "text": "Hi", "channel": 10**30}, ["channel"]),
        ({"kind": "message", "text": "Hi", "channel": "email"}, ["channel"]),
        ({"kind": "message", "text": " ", "channel": 1}, ["channel", "text"]),
        ({"kind": "call", "text": "Hi"}, ["kind"]),
        ({"kind": "note", "text": "Hi", "cc": ["a@b.example"]}, ["cc"]),
        ({"kind": "note", "text": "Hi", "cc": "a@b.example"}, ["cc"]),
        ({"kind": "note", "text": "Hi", "mentions": [1, 2**63]}, ["mentions"]),
        ({"kind": "note", "text": "Hi", "seen_entry": -1}, ["seen_entry"]),
        ({"kind": "note", "text": "x" * 500_001}, ["text"]),
    ],
)
def test_what_cannot_be_written_is_refused(program: Program, workspace: Workspace, body, fields):
    errors = problem(write(program, letter(workspace).conversation, **body))["errors"]
    assert [name.partition(".")[0] for name in errors][: len(fields)] == fields


def test_a_conversation_is_started(program: Program, workspace: Workspace, member: Member):
    contact = change(
        workspace, people.create_contact, name="Ana", addresses=[(AddressKind.EMAIL, "ana@cust.example")]
    )
    channel = mail_channel(workspace)
    body = {
        "contact": contact.pk,
        "channel": channel.pk,
        "subject": "Your parcel",
        "text": "It is on its way",
    }
    response = program.post("conversations/", body)
    row = response.json()
    assert (response.status_code, row["subject"], row["status"], row["assignee"]) == (
        201,
        "Your parcel",
        "pending",
        member.pk,
    )
    assert program.follow(response.headers["Location"]).json() == row
    assert [entry["text"] for entry in program.rows("entries/", kind="message")] == ["It is on its way"]


def test_a_contact_without_an_address_cannot_be_written_to(program: Program, workspace: Workspace):
    contact = change(workspace, people.create_contact, name="Ana")
    body = {"contact": contact.pk, "channel": mail_channel(workspace).pk, "subject": "Hi", "text": "Hi"}
    assert problem(program.post("conversations/", body))["detail"] == "Choose an address of this contact."
    assert program.rows("conversations/") == []


def test_a_message_that_is_still_held_is_taken_back(program: Program, workspace: Workspace):
    got, channel = letter(workspace), mail_channel(workspace)
    entry = write(program, got.conversation, kind="message", channel=channel.pk, text="Done").json()
    undone = program.post(f"entries/{entry['id']}/undo/").json()
    assert ([row["state"] for row in undone["deliveries"]], undone["deleted_at"] is None) == (
        ["cancelled"],
        False,
    )
    assert got.conversation
    assert program.get(f"conversations/{got.conversation.number}/").json()["status"] == "open"
    for late in (entry["id"], got.entry.pk):
        refused = problem(program.post(f"entries/{late}/undo/"))
        assert refused["detail"] == "This message has been sent."
