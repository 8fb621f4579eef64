"""Channels and the inbound ledger, for programs."""

from typing import Any

import pytest
from django.urls import reverse

from channels_ingest.models import InboundEvent
from conversations.models import Channel
from conversations.services.channels import archive_channel, secrets_of, token_of
from tenancy import lanes
from tenancy.models import Role, Workspace
from tenancy.scope import scope
from tests.channels_ingest.conftest import Door
from tests.people import member_of
from tests.programs import Program, mail_channel, problem

SUPPORT = {
    "kind": "email",
    "name": "Support",
    "settings": {
        "address": "Support@Acme.example",
        "smtp_host": "smtp.acme.example",
        "smtp_password": "hush",
    },
}


# Channels


def stored(workspace: Workspace, number: int) -> tuple[Channel, dict[str, str]]:
    """A channel and its secrets."""
    with scope(workspace.pk):
        channel = Channel.objects.get(pk=number)
        return channel, secrets_of(channel)


def test_an_admin_connects_a_channel_whose_secrets_are_never_shown(admin_program: Program, workspace):
    response = admin_program.post("channels/", SUPPORT)
    made = response.json()
    assert response.status_code == 201
    assert (made["kind"], made["name"], made["address"]) == ("email", "Support", "support@acme.example")
    assert made["settings"]["smtp_host"] == "smtp.acme.example"
    assert made["webhook_url"].endswith(reverse("channels_ingest:hook", args=["mail", made["token"]]))
    assert stored(workspace, made["id"])[1] == {"smtp_password": "hush"}
    shown = admin_program.follow(response.headers["Location"])
    assert shown.json() == {name: made[name] for name in made if name not in {"token", "webhook_url"}}
    assert b"hush" not in shown.content + response.content


def test_settings_that_are_not_named_stay(admin_program: Program, workspace: Workspace):
    made = admin_program.post("channels/", SUPPORT).json()
    path = f"channels/{made['id']}/"
    settings = {"smtp_host": "mail.acme.example", "smtp_port": "2525"}
    changed = admin_program.patch(path, {"name": "Help", "is_enabled": False, "settings": settings}).json()
    assert (changed["name"], changed["is_enabled"]) == ("Help", False)
    assert changed["settings"] == made["settings"] | settings
    assert stored(workspace, made["id"])[1] == {"smtp_password": "hush"}
    gone = admin_program.patch(path, {"settings": {"smtp_password": "", "smtp_port": ""}}).json()
    assert gone["settings"] == made["settings"] | {"smtp_host": "mail.acme.example"}
    assert stored(workspace, made["id"])[1] == {}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"kind": "pigeon"}, ["kind"]),
        ({"kind": None}, ["kind"]),
        ({"name": "x" * 121}, ["name"]),
        ({"brand": 2**70}, ["brand"]),
        ({"settings": {}}, ["settings.address"]),
        ({"settings": []}, ["settings"]),
        ({"settings": {"address": "nobody"}}, ["settings.address"]),
        ({"settings": {"address": {"a": 1}}}, ["settings.address"]),
        ({"settings": {"address": "a@b.example", "smtp_port": "0"}}, ["settings.smtp_port"]),
        ({"settings": {"address": "a@b.example", "smtp_port": "9" * 4001}}, ["settings.smtp_port"]),
        ({"settings": {"address": "a@b.example", "smpt_host": "x"}}, ["settings.smpt_host"]),
        ({"token": "mine"}, ["token"]),
    ],
)
def test_a_channel_that_cannot_be_is_refused(admin_program: Program, change: dict[str, Any], fields):
    assert list(problem(admin_program.post("channels/", SUPPORT | change))["errors"]) == fields
    assert admin_program.rows("channels/") == []


def test_an_archived_channel_stays_as_it_was(admin_program: Program, workspace: Workspace):
    channel = mail_channel(workspace)
    with scope(workspace.pk):
        archive_channel(channel=channel, member=None)
    response = admin_program.patch(f"channels/{channel.pk}/", {"is_enabled": True})
    assert problem(response)["detail"] == "This channel is archived: it stays as it was."


def test_an_agent_reads_channels_and_changes_none(program: Program, workspace: Workspace):
    channel = mail_channel(workspace)
    assert program.ids("channels/") == [channel.pk]
    assert program.patch(f"channels/{channel.pk}/", {"name": "Mine"}).status_code == 403
    assert program.post("channels/", SUPPORT).status_code == 403


def test_channels_of_another_workspace_are_not_there(admin_program: Program, other_workspace: Workspace):
    foreign = mail_channel(other_workspace)
    assert admin_program.rows("channels/") == []
    assert admin_program.get(f"channels/{foreign.pk}/").status_code == 404
    assert admin_program.patch(f"channels/{foreign.pk}/", {"name": "Mine"}).status_code == 404
    with scope(other_workspace.pk):
        brand = foreign.brand_id
    assert list(problem(admin_program.post("channels/", SUPPORT | {"brand": brand}))["errors"]) == ["brand"]


def test_a_channel_is_retired_for_good(admin_program: Program, program: Program, workspace: Workspace):
    path = f"channels/{mail_channel(workspace).pk}/"
    assert program.post(f"{path}archive/").status_code == 403
    archived = admin_program.post(f"{path}archive/").json()
    assert (archived["archived_at"] is None, archived["is_enabled"]) == (False, False)
    assert admin_program.post(f"{path}archive/").json() == archived
    assert problem(admin_program.post(f"{path}token/"))["status"] == 409


def test_a_channel_gets_a_new_token(admin_program: Program, program: Program, workspace: Workspace):
    made = admin_program.post("channels/", SUPPORT).json()
    path = f"channels/{made['id']}/token/"
    assert program.post(path).status_code == 403
    renewed = admin_program.post(path).json()
    assert renewed["token"] != made["token"]
    assert renewed.keys() == made.keys()
    with scope(workspace.pk):
        assert token_of(Channel.objects.get(pk=made["id"])) == renewed["token"]


# The ledger


MESSAGE = {"type": "message", "sender": "ana", "text": "Hello", "subject": "Hi"}


@pytest.fixture
def arrived(door: Door) -> Door:
    """One message that was processed, and one call that means nothing."""
    assert door.deliver(MESSAGE | {"external_id": "1"}).status_code == 200
    assert door.deliver({"type": "newsletter"}).status_code == 200
    lanes.drain("inbound")
    return door


def test_the_ledger_says_what_became_of_each_call(program: Program, arrived: Door):
    ignored, done = program.rows("inbound-events/")
    assert (done["state"], done["reason"], done["attempts"], done["channel"]) == (
        "done",
        "",
        1,
        arrived.channel.pk,
    )
    assert done["entries"] == program.ids("entries/")
    assert (ignored["state"], ignored["reason"], ignored["entries"]) == (
        "ignored",
        "nothing is known of newsletter",
        [],
    )
    assert program.get(f"inbound-events/{done['id']}/").json() == done


def test_the_ledger_is_filtered(program: Program, arrived: Door, workspace: Workspace):
    ignored, done = program.ids("inbound-events/")
    assert program.ids("inbound-events/", state="done") == [done]
    assert program.ids("inbound-events/", state="failed") == []
    assert program.ids("inbound-events/", channel=arrived.channel.pk, state="") == [ignored, done]
    assert program.ids("inbound-events/", channel=mail_channel(workspace).pk) == []


@pytest.mark.parametrize("query", [{"state": "lost"}, {"channel": "x"}, {"channel": 2**63}, {"search": "x"}])
def test_a_ledger_filter_that_cannot_be_is_refused(program: Program, query):
    assert problem(program.get("inbound-events/", **query))["errors"].keys() == query.keys()


def test_an_admin_replays_and_nothing_is_doubled(admin_program: Program, arrived: Door):
    _, done = admin_program.ids("inbound-events/")
    response = admin_program.post(f"inbound-events/{done}/replay/")
    assert (response.status_code, response.json()["state"]) == (202, "pending")
    waiting = admin_program.post(f"inbound-events/{done}/replay/")
    assert problem(waiting)["detail"] == "It is waiting to be processed already."
    lanes.drain("inbound")
    assert admin_program.get(f"inbound-events/{done}/").json()["state"] == "done"
    assert len(admin_program.ids("entries/")) == 1


def test_replaying_is_the_admins(program: Program, arrived: Door):
    event, _ = program.ids("inbound-events/")
    assert program.post(f"inbound-events/{event}/replay/").status_code == 403


def test_the_ledger_of_another_workspace_is_not_there(arrived: Door, workspace, other_workspace: Workspace):
    stranger = Program(member_of(other_workspace, Role.ADMIN))
    with scope(workspace.pk):
        number = InboundEvent.objects.latest("id").pk
    assert stranger.rows("inbound-events/") == []
    assert stranger.get(f"inbound-events/{number}/").status_code == 404
    assert stranger.post(f"inbound-events/{number}/replay/").status_code == 404


@pytest.mark.parametrize("path", ["inbound-events/", "channels/"])
def test_a_list_costs_the_same_however_long(program: Program, arrived: Door, workspace: Workspace, path: str):
    arrived.deliver(MESSAGE | {"external_id": "2"})
    lanes.drain("inbound")
    mail_channel(workspace)
    assert len(program.rows(path)) >= 2
    assert program.cost(path, page_size=1) == program.cost(path)
