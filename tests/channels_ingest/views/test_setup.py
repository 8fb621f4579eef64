"""Connecting a channel step by step: what is asked for, tried, to be pasted, and awaited."""

from collections.abc import Callable
from html import unescape

import pytest
import time_machine
from django.test import Client

from channels_ingest.services.chat.proof import is_signed
from channels_ingest.views import samples
from conversations.models import Channel
from conversations.services import channels
from tenancy import lanes
from tenancy.models import AuditEntry, Brand, Member, Workspace
from tenancy.scope import scope
from tests.channels_ingest.conftest import Door

ROOT = "/w/acme/settings/channels/"
HTMX = {"HX-Request": "true"}
SERVICES = ("mailgun", "postmark", "ses", "sendgrid")


@pytest.fixture
def page(admin: Member, browser: Callable[[Member], Client]) -> Client:
    """An admin's browser."""
    return browser(admin)


@pytest.fixture
def connect(page: Client, workspace: Workspace) -> Callable[..., Channel]:
    """`connect("sms", number=…)`: what the first step stores."""

    def connected(kind: str, **said: str) -> Channel:
        with scope(workspace.pk):
            brand = Brand.objects.get().pk
        response = page.post(f"{ROOT}new/{kind}/", {"name": "New", "brand": brand} | said)
        assert response.status_code == 302, response.text
        with scope(workspace.pk):
            row = Channel.objects.latest("pk")
        assert response["Location"] == f"{ROOT}{row.pk}/setup/"
        return row

    return connected


@pytest.fixture
def mailgun(connect: Callable[..., Channel]) -> Channel:
    return connect("email", address="help@acme.example", esp="mailgun", esp_secret="sign", esp_api_key="send")


def test_an_address_is_given_to_one_channel_only(page: Client, mailgun: Channel, workspace: Workspace):
    settings = {
        "name": "Second",
        "brand": mailgun.brand_id,
        "address": "Help@acme.example",
        "esp": "postmark",
    }
    response = page.post(f"{ROOT}new/email/", settings)
    assert response.status_code == 422
    assert "New has it already." in response.text
    assert page.post(f"{ROOT}{mailgun.pk}/edit/", settings | {"esp": "mailgun"}).status_code == 302
    page.post(f"{ROOT}{mailgun.pk}/archival/")
    assert page.post(f"{ROOT}new/email/", settings).status_code == 302


def asked(text: str) -> set[str]:
    """The names of the e-mail service's settings that a page has fields for."""
    return {name for name in ESP if f'name="{name}"' in text}


ESP = ("esp_secret", "esp_user", "esp_api_key", "esp_domain", "esp_region", "esp_topic", "esp_event_key")


@pytest.mark.parametrize(
    ("choice", "fields"),
    [
        ("", set()),
        ("mailgun", {"esp_secret", "esp_api_key", "esp_domain", "esp_region"}),
        ("postmark", {"esp_secret", "esp_api_key"}),
        ("ses", {"esp_user", "esp_api_key", "esp_region", "esp_topic"}),
        ("sendgrid", {"esp_secret", "esp_api_key", "esp_region", "esp_event_key"}),
        ("../../etc/passwd", set()),
    ],
)
def test_only_what_matters_for_the_chosen_service_is_asked_for(page, choice, fields):
    text = page.get(f"{ROOT}new/email/", {"choice": choice}).text
    assert asked(text) == fields
    assert ("A mailbox that mail is fetched from" in text, '<details class="fold"' in text) == (
        True,
        bool(fields),
    )


def test_each_kind_is_offered_with_what_it_is_for(page):
    text = page.get(ROOT).text
    for kind, about in (("email", "An address like"), ("sms", "at Twilio"), ("chat", "one line of HTML")):
        assert f'href="{ROOT}new/{kind}/"' in text
        assert about in text


def test_what_was_typed_stays_beside_an_error_and_no_secret_comes_back(page, workspace):
    said = {"name": "", "address": "help@acme.example", "esp": "mailgun", "esp_secret": "sign me"}
    response = page.post(f"{ROOT}new/email/", said)
    assert response.status_code == 422
    assert 'value="help@acme.example"' in response.text
    assert '<input type="hidden" name="esp" value="mailgun"' in response.text
    assert "sign me" not in response.text
    with scope(workspace.pk):
        assert not Channel.objects.exists()


def test_another_service_takes_no_secret_of_the_former_one(page, mailgun, workspace):
    path = f"{ROOT}{mailgun.pk}/edit/"
    assert page.get(path).text.count("Stored. Leave it empty to keep it.") == 2
    assert "Stored." not in page.get(f"{path}?choice=postmark").text
    with scope(workspace.pk):
        said = {"name": "New", "brand": mailgun.brand_id, "is_enabled": "on", "address": "help@acme.example"}
    page.post(path, said | {"esp": "postmark", "esp_api_key": "server"})
    with scope(workspace.pk):
        row = Channel.objects.get()
        assert channels.secrets_of(row) == {"esp_api_key": "server"}
        assert row.config["esp"] == "postmark"
    page.post(path, said | {"esp": ""})
    with scope(workspace.pk):
        row.refresh_from_db()
        assert (channels.secrets_of(row), "esp" in row.config) == ({}, False)


def test_a_service_of_the_same_name_keeps_its_secrets(page, mailgun, workspace):
    said = {"name": "New", "brand": mailgun.brand_id, "is_enabled": "on", "address": "help@acme.example"}
    page.post(f"{ROOT}{mailgun.pk}/edit/", said | {"esp": "mailgun", "esp_region": "eu"})
    with scope(workspace.pk):
        row = Channel.objects.get()
        assert channels.secrets_of(row) == {"esp_secret": "sign", "esp_api_key": "send"}
        assert row.config["esp_region"] == "eu"


@pytest.mark.parametrize("service", SERVICES)
def test_the_address_to_paste_is_the_services_own(page, connect, service):
    row = connect("email", address="help@acme.example", esp=service)
    text = page.get(f"{ROOT}{row.pk}/setup/?step=address").text
    assert f"http://127.0.0.1:8000/hooks/{service}/" in text
    assert text.count('aria-current="step"') == 1


def test_a_mailbox_that_is_fetched_needs_nothing_pasted(page, connect):
    row = connect("email", address="help@acme.example", imap_host="imap.acme.example")
    assert page.get(f"{ROOT}{row.pk}/setup/?step=address").status_code == 404
    assert "Step 2 of 3" in page.get(f"{ROOT}{row.pk}/setup/").text


@pytest.mark.parametrize("step", ["settings", "nowhere", "../x", ""])
def test_there_is_no_other_step(page, mailgun, step):
    assert page.get(f"{ROOT}{mailgun.pk}/setup/", {"step": step}).status_code == 404


def test_the_check_of_what_is_stored_tells_each_step(page, connect):
    row = connect("chat", origin="shop.example, https://two.example")
    text = page.post(f"{ROOT}{row.pk}/setup/checks/", headers=HTMX).text
    assert "<html" not in text
    assert text.count('data-state="bad"') == 1
    assert "shop.example is no origin" in text
    whole = page.post(f"{ROOT}{row.pk}/setup/checks/").text
    assert "<html" in whole
    assert "shop.example is no origin" in whole


def test_lost_secrets_are_told_by_the_check(page, mailgun, workspace):
    with scope(workspace.pk):
        Channel.objects.update(sealed=b"no key opens this")
    assert "Enter them again" in page.post(f"{ROOT}{mailgun.pk}/setup/checks/", headers=HTMX).text
    for step in ("checks", "first"):
        assert page.get(f"{ROOT}{mailgun.pk}/setup/?step={step}").status_code == 200


def test_the_secret_of_a_chat_is_shown_once_and_signs(page, connect, workspace):
    row = connect("chat")
    path = f"{ROOT}{row.pk}/setup/?step=address"
    assert "Make a secret" in page.get(path).text
    made = page.post(f"{ROOT}{row.pk}/identity/")
    assert "no-store" in made["Cache-Control"]
    with scope(workspace.pk):
        secret = channels.secrets_of(Channel.objects.get())["identity_secret"]
        assert AuditEntry.objects.filter(action="channel.changed", data__secrets=["identity_secret"]).exists()
    assert (len(secret), secret in made.text) == (64, True)
    again = page.get(path).text
    assert secret not in again
    assert "Make a new secret" in again
    assert secret not in page.get(f"{ROOT}{row.pk}/edit/").text


def test_the_python_sample_signs_as_we_check(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMNIDESK_CHAT_SECRET", "s3cret")
    names: dict[str, Callable[[str], str]] = {}
    exec(samples.PYTHON, names)
    assert is_signed("8812", names["signed"]("8812"), "s3cret")


def test_only_a_chat_has_such_a_secret(page, mailgun):
    assert page.post(f"{ROOT}{mailgun.pk}/identity/").status_code == 404


def test_the_snippet_names_the_widget_of_this_chat(page, connect, workspace):
    row = connect("chat", origin="https://shop.example")
    text = page.get(f"{ROOT}{row.pk}/setup/?step=address").text
    with scope(workspace.pk):
        token = channels.token_of(row)
    assert f'<script src="http://127.0.0.1:8000/widget/{token}.js" async>' in unescape(text)
    assert "These sites may show it: https://shop.example." in text


def test_the_first_message_ends_the_wait(page, door: Door, signed_provider: None):
    path = f"{ROOT}{door.channel.pk}/setup/?step=first"
    waiting = page.get(path, headers=HTMX).text
    assert 'data-live="channels"' in waiting
    with time_machine.travel("2026-11-23T12:00:00Z"):
        door.deliver({"type": "message", "external_id": "m1", "sender": "77", "text": "Hello"})
    here = page.get(path, headers=HTMX).text
    assert "The first message is here" in here
    assert "every 2s" in here  # until it says where to read it
    lanes.drain("inbound")
    ended = page.get(path, headers=HTMX).text
    assert "What became of it" in ended
    assert "data-live" not in ended


def test_fetching_what_was_missed_is_offered_where_the_provider_keeps_a_list(page, connect, mailgun):
    sms = connect("sms", number="+12065550142", account_sid="AC1", auth_token="t")
    assert "Fetch what was missed" in page.get(f"{ROOT}{sms.pk}/").text
    assert page.post(f"{ROOT}{sms.pk}/missed/").status_code == 302
    assert "Fetch what was missed" not in page.get(f"{ROOT}{mailgun.pk}/").text
    assert page.post(f"{ROOT}{mailgun.pk}/missed/").status_code == 404


def test_a_kind_that_nothing_here_speaks_can_be_looked_at(page, workspace):
    with scope(workspace.pk):
        row, _ = channels.create_channel(kind="slack", name="Slack", config={}, secrets={})
    assert page.get(f"{ROOT}{row.pk}/").status_code == 200
    assert page.get(f"{ROOT}{row.pk}/setup/").status_code == 200
    assert page.get(f"{ROOT}{row.pk}/edit/").status_code == 404


def test_agents_have_no_business_here(client: Client, mailgun: Channel):
    assert client.get(f"{ROOT}{mailgun.pk}/setup/").status_code == 403
    for path in ("setup/checks/", "identity/", "missed/"):
        assert client.post(f"{ROOT}{mailgun.pk}/{path}").status_code == 403
