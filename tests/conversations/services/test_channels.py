"""Channels: their settings, their secrets, the token of their webhook address, how they are doing."""

import pytest
import time_machine
from django.utils import timezone

from conversations.models import Channel
from conversations.services import channels
from tenancy.models import AuditEntry, Member, Workspace
from tenancy.services import locators
from tenancy.services.locators import Found

pytestmark = pytest.mark.usefixtures("in_scope")

CONFIG = {"address": "Support@Acme.example", "smtp_host": "smtp.acme.example"}
SECRETS = {"smtp_password": "open sesame"}


def make() -> tuple[Channel, str]:
    return channels.create_channel(kind="email", name="Support", config=CONFIG, secrets=SECRETS)


def test_a_channel_is_found_by_its_token_of_which_only_a_digest_is_stored(workspace: Workspace):
    channel, token = make()
    assert locators.find_channel(token) == Found(workspace.pk, channel.pk)
    assert len(token) >= 32
    assert locators.find(kind=locators.Kind.CHANNEL, key=token) is None


def test_a_new_channel_has_the_first_brand_and_its_address_in_lower_case():
    channel, _ = make()
    assert (channel.brand.name, channel.address) == ("Acme", "support@acme.example")


def test_secrets_are_sealed_and_the_token_can_be_shown_again():
    channel, token = make()
    stored = Channel.objects.get(pk=channel.pk)
    assert b"sesame" not in bytes(stored.sealed)
    assert channels.secrets_of(stored) == SECRETS
    assert channels.token_of(stored) == token


def test_secrets_that_are_not_named_stay_and_empty_ones_go():
    channel, token = make()
    channels.update_channel(channel=channel, member=None, secrets={"imap_password": "x"})
    assert channels.secrets_of(channel) == {"smtp_password": "open sesame", "imap_password": "x"}
    channels.update_channel(channel=channel, member=None, secrets={"smtp_password": ""})
    assert channels.secrets_of(channel) == {"imap_password": "x"}
    assert channels.token_of(channel) == token


def test_the_audit_log_names_what_changed_and_holds_no_secret(admin: Member):
    channel, _ = make()
    config = CONFIG | {"smtp_host": "mail.acme.example"}
    channels.update_channel(channel=channel, member=admin, config=config, secrets={"smtp_password": "hush"})
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.member) == ("channel.changed", admin)
    assert entry.data == {"id": channel.pk, "changed": ["smtp_host"], "secrets": ["smtp_password"]}


def test_a_rotated_token_leads_nowhere(workspace: Workspace):
    channel, old = make()
    new = channels.rotate_token(channel=channel, member=None)
    assert locators.find_channel(old) is None
    assert locators.find_channel(new) == Found(workspace.pk, channel.pk)
    assert channels.token_of(channel) == new


def test_an_archived_channel_keeps_its_locator_so_that_its_address_can_say_that_it_is_gone(
    workspace: Workspace,
):
    channel, token = make()
    channels.archive_channel(channel=channel, member=None)
    channel.refresh_from_db()
    assert (channel.is_enabled, channel.archived_at is not None) == (False, True)
    assert locators.find_channel(token) == Found(workspace.pk, channel.pk)


def test_health_is_written_once_a_minute(django_assert_num_queries):
    channel, _ = make()
    with time_machine.travel("2026-11-19 10:00:00Z", tick=False) as clock:
        with django_assert_num_queries(1):
            channels.note_received(channel)
            channels.note_received(channel)
            clock.shift(50)
            channels.note_received(channel)
        clock.shift(11)
        channels.note_received(channel)
        channel.refresh_from_db()
        assert channel.last_received_at == timezone.now()


def test_an_error_stays_until_the_same_direction_works_again():
    channel, _ = make()
    channels.note_error(channel, channels.SENDING, "connection refused")
    channels.note_received(channel)
    channels.note_working(channel, channels.RECEIVING)
    channel.refresh_from_db()
    assert channel.last_error == "Sending: connection refused"
    channels.note_sent(channel)
    channel.refresh_from_db()
    assert (channel.last_error, channel.last_error_at is not None) == ("", True)


def test_a_new_error_is_told_at_once_and_the_same_one_once_a_minute(django_assert_num_queries):
    channel, _ = make()
    with time_machine.travel("2026-11-19 10:00:00Z", tick=False):
        channels.note_error(channel, channels.RECEIVING, "no route to host")
        with django_assert_num_queries(0):
            channels.note_error(channel, channels.RECEIVING, "no route to host")
        with django_assert_num_queries(1):
            channels.note_error(channel, channels.RECEIVING, "password refused")
