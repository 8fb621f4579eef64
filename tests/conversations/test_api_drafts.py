"""Drafts, scheduled messages and signatures, by programs."""

from datetime import timedelta

from django.utils import timezone

from conversations.models import Conversation
from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tests.programs import Program, letter, mail_channel, problem, write


def number_of(workspace: Workspace) -> int:
    conversation = letter(workspace).conversation
    assert conversation
    return conversation.number


def test_a_draft_is_begun_gone_on_with_and_thrown_away(program: Program, workspace: Workspace):
    number, channel = number_of(workspace), mail_channel(workspace)
    with scope(workspace.pk):
        contact = Conversation.objects.get(number=number).contact
        assert contact
        identity = contact.identities.get()
    body = {"conversation": number, "mode": "reply", "html": "<b>Hi</b>", "cc": ["bo@x.example", "not yet"]}
    made = program.post("drafts/", body | {"channel": channel.pk, "to": identity.pk})
    row = made.json()
    assert made.status_code == 201
    assert (row["text"], row["html"], row["channel"], row["to"]) == (
        "Hi",
        "<b>Hi</b>",
        channel.pk,
        identity.pk,
    )
    assert (row["cc"], row["revision"], row["others"]) == (["bo@x.example", "not yet"], 1, [])
    changed = program.patch(f"drafts/{row['id']}/", {"text": "Hello"}).json()
    assert (changed["text"], changed["html"], changed["cc"], changed["revision"]) == (
        "Hello",
        "",
        ["bo@x.example", "not yet"],
        2,
    )
    assert program.ids("drafts/") == [row["id"]]
    assert program.delete(f"drafts/{row['id']}/").status_code == 204
    assert program.ids("drafts/") == []


def test_what_somebody_kept_meanwhile_is_among_the_others(program: Program, workspace: Workspace):
    number = number_of(workspace)
    body = {"conversation": number, "mode": "note"}
    program.post("drafts/", body | {"text": "One"})
    row = program.post("drafts/", body | {"text": "Two"}).json()
    assert (row["text"], row["others"]) == ("Two", ["One"])


def test_nothing_is_no_draft_and_others_drafts_are_not_there(
    program: Program, workspace: Workspace, admin_program: Program
):
    number = number_of(workspace)
    assert problem(program.post("drafts/", {"conversation": number, "mode": "reply"}))["status"] == 409
    row = program.post("drafts/", {"conversation": number, "mode": "reply", "text": "Mine"}).json()
    assert admin_program.ids("drafts/") == []
    assert admin_program.get(f"drafts/{row['id']}/").status_code == 404


def test_a_message_is_scheduled_sent_now_and_once(program: Program, workspace: Workspace):
    conversation, channel = letter(workspace).conversation, mail_channel(workspace)
    at = timezone.now() + timedelta(hours=1)
    body = {"kind": "message", "channel": channel.pk, "text": "Later", "send_at": at.isoformat()}
    row = write(program, conversation, **body, bcc=["eva@x.example"]).json()
    assert "send_at" in row, row
    assert row["send_at"] == at.isoformat()
    assert row["facts"]["bcc"] == ["eva@x.example"]
    sent = program.post(f"entries/{row['id']}/sending/", {}).json()
    assert (sent["send_at"], [each["state"] for each in sent["deliveries"]]) == (None, ["held", "held"])
    assert problem(program.post(f"entries/{row['id']}/sending/", {}))["status"] == 409


def test_a_time_that_has_gone_is_no_time_to_send_at(program: Program, workspace: Workspace):
    conversation, channel = letter(workspace).conversation, mail_channel(workspace)
    body = {"kind": "message", "channel": channel.pk, "text": "Late", "send_at": "2020-01-01T00:00:00Z"}
    assert problem(write(program, conversation, **body))["status"] == 400


def test_an_admins_program_signs_for_a_brand(admin_program: Program, workspace: Workspace, member: Member):
    (brand,) = admin_program.ids("brands/")
    row = admin_program.patch(f"brands/{brand}/", {"signature": "{{member.name}}, Acme"}).json()
    assert row["signature"] == "{{member.name}}, Acme"
    refused = problem(admin_program.patch(f"brands/{brand}/", {"signature": "{{contact.name}}"}))
    assert refused["status"] == 400
    assert Program(member).patch(f"brands/{brand}/", {"signature": "x"}).status_code == 403
