"""Settings → Channels: for admins; secrets go in and never come out."""

from collections.abc import Callable

import pytest
from django.test import Client

from channels_ingest.models import InboundEvent
from conversations.models import Channel
from conversations.services import channels
from tenancy import seal
from tenancy.models import AuditEntry, Brand, Member, Workspace
from tenancy.scope import scope
from tests.channels_ingest.conftest import WHERE, Door, queries_of
from tests.channels_ingest.signed import SECRET

ROOT = "/w/acme/settings/channels/"
SETTINGS = {"name": "Shop", "hook_url": "https://shop.example/", "mode": "test", "secret": SECRET}


@pytest.fixture
def page(admin: Member, browser: Callable[[Member], Client], signed_provider: None) -> Client:
    """An admin's browser."""
    return browser(admin)


def brand_of(channel: Channel) -> dict[str, str]:
    return {"brand": str(channel.brand_id)}


def test_agents_have_no_business_here(client: Client, door: Door):
    for path in (ROOT, f"{ROOT}new/api/", f"{ROOT}{door.channel.pk}/", f"{ROOT}{door.channel.pk}/edit/"):
        assert client.get(path).status_code == 403
    assert client.post(f"{ROOT}{door.channel.pk}/archival/").status_code == 403


def test_an_admin_connects_a_channel_and_finds_its_webhook_address(page: Client, workspace: Workspace):
    with scope(workspace.pk):
        brand = Brand.objects.get().pk
    made = page.post(f"{ROOT}new/api/", SETTINGS | {"brand": brand})
    response = page.get(made["Location"] + "?step=address")
    with scope(workspace.pk):
        channel = Channel.objects.get()
        token = channels.token_of(channel)
        assert channels.secrets_of(channel) == {"secret": SECRET}
        assert AuditEntry.objects.filter(action="channel.created").count() == 1
    assert channel.config == {"hook_url": "https://shop.example/", "mode": "test"}
    assert f"http://127.0.0.1:8000/hooks/api/{token}/" in response.text
    assert SECRET not in response.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"hook_url": ""}, "This field is required."),
        ({"secret": ""}, "This field is required."),
        ({"mode": "other"}, "Select a valid choice."),
        ({"hook_port": "99999"}, "A port is a number from 1 to 65535."),
    ],
)
def test_wrong_settings_are_told_and_not_stored(
    page: Client, workspace: Workspace, wrong: dict[str, str], words: str
):
    with scope(workspace.pk):
        brand = Brand.objects.get().pk
    response = page.post(f"{ROOT}new/api/", SETTINGS | {"brand": brand} | wrong)
    assert response.status_code == 422
    assert words in response.text
    with scope(workspace.pk):
        assert not Channel.objects.exists()


def test_an_empty_secret_keeps_the_stored_one(page: Client, door: Door, workspace: Workspace):
    path = f"{ROOT}{door.channel.pk}/edit/"
    form = page.get(path)
    assert SECRET not in form.text
    assert "Stored. Leave it empty to keep it." in form.text
    said = SETTINGS | brand_of(door.channel) | {"secret": "", "name": "Renamed", "is_enabled": "on"}
    assert page.post(path, said).status_code == 302
    with scope(workspace.pk):
        channel = Channel.objects.get()
        assert (channel.name, channel.is_enabled) == ("Renamed", True)
        assert channels.secrets_of(channel) == {"secret": SECRET}
        page.post(path, said | {"secret": "another", "is_enabled": ""})
        channel.refresh_from_db()
        assert (channel.is_enabled, channels.secrets_of(channel)) == (False, {"secret": "another"})


def test_testing_a_connection_tells_each_step_and_stores_nothing(
    page: Client, door: Door, workspace: Workspace
):
    path = f"{ROOT}{door.channel.pk}/check/"
    said = SETTINGS | brand_of(door.channel)
    response = page.post(path, said | {"secret": ""}, headers={"HX-Request": "true"})
    assert "<html" not in response.text
    assert response.text.count('data-state="ok"') == 2
    wrong = page.post(f"{ROOT}new/api/check/", said | {"secret": "wrong"})
    assert wrong.text.count('data-state="bad"') == 1
    assert "401 Unauthorized" in wrong.text
    incomplete = page.post(path, said | {"hook_url": ""}, headers={"HX-Request": "true"})
    assert "Complete the settings first" in incomplete.text
    with scope(workspace.pk):
        assert (Channel.objects.count(), Channel.objects.get().config) == (1, WHERE)


def test_a_new_webhook_address_ends_the_old_one(page: Client, door: Door):
    response = page.post(f"{ROOT}{door.channel.pk}/token/", follow=True)
    assert door.token not in response.text
    assert "/hooks/api/" in response.text
    assert door.deliver().status_code == 404


def test_an_archived_channel_leaves_the_list(page: Client, door: Door):
    assert page.post(f"{ROOT}{door.channel.pk}/archival/").status_code == 302
    assert "No channel yet" in page.get(ROOT).text
    assert page.get(f"{ROOT}{door.channel.pk}/").status_code == 404
    assert door.deliver().status_code == 410


def test_the_list_tells_errors_and_what_to_replay(page: Client, door: Door, workspace: Workspace):
    door.deliver()
    with scope(workspace.pk):
        InboundEvent.objects.update(state="failed")
        channels.note_error(door.channel, channels.RECEIVING, "password refused")
    text = page.get(ROOT).text
    assert "Receiving: password refused" in text
    assert f"?state=failed&amp;channel={door.channel.pk}" in text
    assert "Replay 1 failed" in text


def test_a_channel_whose_key_was_lost_can_still_be_opened(
    page: Client, door: Door, monkeypatch: pytest.MonkeyPatch
):
    def unopened(_: bytes) -> None:
        raise seal.Unsealable("no key opens this secret")

    monkeypatch.setattr(channels, "unseal", unopened)
    assert page.get(f"{ROOT}{door.channel.pk}/").status_code == 200
    assert page.get(f"{ROOT}{door.channel.pk}/edit/").status_code == 200


def test_the_list_costs_the_same_with_one_channel_and_with_three(
    page: Client, door: Door, workspace: Workspace
):
    page.get(ROOT)
    one = queries_of(page, ROOT)
    with scope(workspace.pk):
        for name in ("Two", "Three"):
            channels.create_channel(kind="api", name=name, config={}, secrets={"secret": SECRET})
    assert queries_of(page, ROOT) == one


def test_another_workspaces_channel_is_not_found(
    page: Client, other_workspace: Workspace, signed_provider: None
):
    with scope(other_workspace.pk):
        channel, _ = channels.create_channel(kind="api", name="Theirs", config={}, secrets={})
    for path in ("", "edit/"):
        assert page.get(f"{ROOT}{channel.pk}/{path}").status_code == 404
    for path in ("token/", "archival/", "check/"):
        assert page.post(f"{ROOT}{channel.pk}/{path}").status_code == 404
