"""Reading a real mailbox: each mail once, none skipped, none in the way of the next."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DataError

from channels_ingest import tasks
from channels_ingest.adapters.email import imap
from channels_ingest.adapters.email.imap import FetchedMail
from channels_ingest.models import InboundEvent, MailboxPosition, RawBody, SeenKey
from channels_ingest.services import accept, poll, turns
from channels_ingest.services.facts import facts_of
from conversations.models import Channel, Entry
from conversations.services.channels import update_channel
from tenancy import lanes
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.mails import mail
from tests.providers.imap import ImapServer


def letter(number: int) -> bytes:
    return mail(f"Number {number}", message_id=f"<q{number}@customer.example>")


def read(channel: Channel) -> poll.Polled:
    found = poll.poll(channel.workspace_id, channel.pk, patient=False)
    assert found is not None
    return found


def subjects() -> list[str]:
    return [bytes(raw.body).decode().rpartition("\n")[2] for raw in RawBody.objects.order_by("event")]


def test_each_mail_is_read_once_in_the_order_of_its_arrival(mailbox: Channel, imap_server: ImapServer):
    for number in (1, 2):
        imap_server.deliver(letter(number))
    assert (read(mailbox).stored, read(mailbox).stored) == (2, 0)
    imap_server.deliver(letter(3))
    assert read(mailbox).stored == 1
    with scope(mailbox.workspace_id):
        assert subjects() == ["Number 1", "Number 2", "Number 3"]
        assert set(InboundEvent.objects.values_list("via", "state")) == {("imap", "pending")}
        assert MailboxPosition.objects.get().last_uid == 103
    lanes.drain("inbound")
    with scope(mailbox.workspace_id):
        assert Entry.objects.filter(kind="message").count() == 3
    assert b"\\Seen" not in imap_server.flags(101)


def test_a_full_mailbox_is_read_on_at_once(
    mailbox: Channel, imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch
):
    for number in (1, 2, 3):
        imap_server.deliver(letter(number))
    rung: list[tuple[int, int]] = []
    monkeypatch.setattr(imap, "BATCH", 2)
    monkeypatch.setattr(tasks.poll_one, "apply_async", lambda args, **_: rung.append(args))
    tasks.poll_one(mailbox.workspace_id, mailbox.pk)
    assert rung == [(mailbox.workspace_id, mailbox.pk)]
    tasks.poll_one(*rung[0])
    assert len(rung) == 1
    with scope(mailbox.workspace_id):
        assert subjects() == ["Number 1", "Number 2", "Number 3"]


def test_a_mailbox_that_comes_into_being_anew_brings_nothing_twice(mailbox: Channel, imap_server: ImapServer):
    for number in (1, 2):
        imap_server.deliver(letter(number))
    read(mailbox)
    with scope(mailbox.workspace_id):
        before = MailboxPosition.objects.get().uidvalidity
    imap_server.start_over()
    for number in (2, 1, 3):
        imap_server.deliver(letter(number))
    read(mailbox)
    with scope(mailbox.workspace_id):
        assert subjects() == ["Number 1", "Number 2", "Number 3"]
        assert MailboxPosition.objects.get().uidvalidity != before


def fetched(*mails: FetchedMail) -> Any:
    return lambda *_, **__: iter(mails)


@pytest.mark.parametrize("error", [DataError("value too large"), RecursionError("too deep")])
def test_a_mail_that_cannot_be_stored_does_not_block_the_next(
    mailbox: Channel, imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    store = accept._store

    def refuse(**fields: Any) -> Any:
        if b"Number 2" in fields["body"]:
            raise error
        return store(**fields)

    monkeypatch.setattr(accept, "_store", refuse)
    for number in (1, 2, 3):
        imap_server.deliver(letter(number))
    found = read(mailbox)
    assert (found.stored, found.troubled) == (2, 1)
    with scope(mailbox.workspace_id):
        failed = InboundEvent.objects.get(state="failed")
        assert failed.reason == "Mail 102 of INBOX could not be stored. It will be tried again at night."
    monkeypatch.undo()
    assert poll.reconcile(mailbox.workspace_id, mailbox.pk).stored == 1  # type: ignore[union-attr]
    with scope(mailbox.workspace_id):
        failed.refresh_from_db()
        assert failed.state == "ignored"
        assert subjects() == ["Number 1", "", "Number 3", "Number 2"]


@pytest.mark.parametrize("problem", ["empty", "placeholder", "refused", "too-big"])
def test_a_mail_that_the_server_does_not_hand_out_is_kept_as_failed_until_it_comes(
    mailbox: Channel, imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch, problem: str
):
    imap_server.deliver(letter(1))
    imap_server.deliver(letter(2))
    raw = b"Subject: huge\r\n\r\n" if problem == "too-big" else b""
    uidvalidity = imap.list_mailbox(facts_of(mailbox)).uidvalidity
    bad, good = FetchedMail(101, uidvalidity, raw, problem), FetchedMail(102, uidvalidity, letter(2))
    with monkeypatch.context() as patched:
        patched.setattr(imap, "fetch_new", fetched(bad, good))
        read(mailbox)
        read(mailbox)
    with scope(mailbox.workspace_id):
        failed = InboundEvent.objects.get(state="failed")
        assert failed.reason == poll._PROBLEMS[problem].format(uid=101, folder="INBOX")
        assert (failed.summary, InboundEvent.objects.count()) == ("INBOX 101", 2)
    assert poll.reconcile(mailbox.workspace_id, mailbox.pk).stored == 1  # type: ignore[union-attr]
    with scope(mailbox.workspace_id):
        failed.refresh_from_db()
        assert (failed.state, failed.reason) == ("ignored", "It could be read later.")
        assert InboundEvent.objects.filter(state="pending").count() == 2


def test_a_reconciliation_fetches_what_the_ledger_misses_and_nothing_else(
    mailbox: Channel, imap_server: ImapServer
):
    for number in (1, 2, 3):
        imap_server.deliver(letter(number))
    read(mailbox)
    with scope(mailbox.workspace_id):
        lost = SeenKey.objects.get(key__startswith="q2@customer.example ").event_id
        SeenKey.objects.filter(event=lost).delete()
        RawBody.objects.filter(event=lost).delete()
        InboundEvent.objects.filter(pk=lost).delete()
    found = poll.reconcile(mailbox.workspace_id, mailbox.pk)
    assert found is not None
    assert (found.stored, found.uids) == (1, [102])
    with scope(mailbox.workspace_id):
        assert sorted(subjects()) == ["Number 1", "Number 2", "Number 3"]
        assert MailboxPosition.objects.get().reconciled_at is not None


def test_a_server_that_is_away_is_told_rested_from_and_forgotten_when_it_is_back(
    mailbox: Channel, imap_server: ImapServer, workspace: Workspace
):
    right = mailbox.config
    with scope(workspace.pk):
        update_channel(channel=mailbox, member=None, config=right | {"imap_port": "1"})
    assert "127.0.0.1:1" in read(mailbox).error
    assert poll.poll(workspace.pk, mailbox.pk) is None
    with scope(workspace.pk):
        mailbox.refresh_from_db()
        assert re.match(r"Receiving: 127\.0\.0\.1:1: ", mailbox.last_error)
        update_channel(channel=mailbox, member=None, config=right)
    imap_server.deliver(letter(1))
    assert read(mailbox).stored == 1
    with scope(workspace.pk):
        mailbox.refresh_from_db()
        assert mailbox.last_error == ""
    assert poll.poll(workspace.pk, mailbox.pk) is not None


def test_a_wrong_password_is_told_and_never_raised(mailbox: Channel, workspace: Workspace):
    with scope(workspace.pk):
        update_channel(channel=mailbox, member=None, secrets={"imap_password": "wrong"})
    assert read(mailbox).error == "The IMAP server 127.0.0.1 refused the user name or password."


def test_two_polls_never_overlap(mailbox: Channel):
    with turns.alone(mailbox.pk) as free:
        assert free
        assert poll.poll(mailbox.workspace_id, mailbox.pk) is None
        assert poll.reconcile(mailbox.workspace_id, mailbox.pk) is None
    assert poll.poll(mailbox.workspace_id, mailbox.pk) is not None


@pytest.mark.parametrize("change", [{"is_enabled": False}, {"config": {"address": "support@acme.example"}}])
def test_only_mailboxes_that_are_on_are_read(mailbox: Channel, workspace: Workspace, change: dict[str, Any]):
    assert poll.mailboxes() == [(workspace.pk, mailbox.pk)]
    with scope(workspace.pk):
        update_channel(channel=mailbox, member=None, **change)
    assert poll.mailboxes() == []
    assert poll.poll(workspace.pk, mailbox.pk) is None


def test_a_suspended_workspace_keeps_its_mail_on_the_server(mailbox: Channel, workspace: Workspace):
    Workspace.objects.filter(pk=workspace.pk).update(status=Workspace.Status.SUSPENDED)
    assert poll.mailboxes() == []


def test_mails_are_marked_only_when_the_channel_says_so(
    mailbox: Channel, imap_server: ImapServer, workspace: Workspace
):
    with scope(workspace.pk):
        update_channel(channel=mailbox, member=None, config=mailbox.config | {"imap_after": "seen"})
    imap_server.deliver(letter(1))
    read(mailbox)
    assert b"\\Seen" in imap_server.flags(101)


def test_the_command_polls_every_mailbox_once(
    mailbox: Channel, imap_server: ImapServer, workspace: Workspace, capsys: pytest.CaptureFixture[str]
):
    imap_server.deliver(letter(1))
    call_command("poll_mail")
    assert capsys.readouterr().out == f"channel {mailbox.pk}: 1 stored, 0 in trouble\n"
    with scope(workspace.pk):
        update_channel(channel=mailbox, member=None, secrets={"imap_password": "wrong"})
    with pytest.raises(CommandError, match="1 mailboxes could not be read"):
        call_command("poll_mail")


def test_a_rest_after_failures_grows_to_ten_minutes():
    assert [turns.rest_after(failures) for failures in (0, 1, 2, 5, 6, 1000)] == [15, 30, 60, 480, 600, 600]


def test_mails_from_before_the_channel_stay_where_they_are(mailbox: Channel, imap_server: ImapServer):
    imap_server.deliver(letter(1), arrived=datetime(2020, 1, 1, tzinfo=UTC).timestamp())
    imap_server.deliver(letter(2))
    read(mailbox)
    with scope(mailbox.workspace_id):
        assert subjects() == ["Number 2"]
