"""Commands as scripts and mail servers call them."""

import io
import json
import mailbox
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import OperationalError

from channels_ingest.models import InboundEvent, RawBody
from channels_ingest.services import accept
from conversations.models import Channel, Conversation, CountDelta
from conversations.services import channels
from tenancy import seal
from tenancy.models import Workspace
from tenancy.scope import scope
from tenancy.services import locators
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.conftest import Door

EMAIL = ["acme", "email", "--name", "Support"]


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def letter(number: int, body: str = "Hello") -> bytes:
    return mail(body, message_id=f"<q{number}@customer.example>")


def pipe(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))


# create_channel


def test_create_channel_prints_its_id_token_and_address(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
):
    settings = ["--set", "address=Support@ACME.example", "--set", "smtp_password=a=b"]
    call_command("create_channel", *EMAIL, *settings)
    (made,) = said(capsys)
    with scope(workspace.pk):
        channel = Channel.objects.get()
        assert channels.secrets_of(channel) == {"smtp_password": "a=b"}
    assert channel.address == "support@acme.example"
    assert made == {
        "id": channel.pk,
        "kind": "email",
        "token": made["token"],
        "webhook_url": f"http://127.0.0.1:8000/hooks/mail/{made['token']}/",
    }
    found = locators.find_channel(made["token"])
    assert found is not None
    assert found.target_id == channel.pk


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "email", "--name", "x"], "there is no workspace nowhere"),
        (["acme", "fax", "--name", "x"], "There is no channel of kind fax; there is: chat, email, sms."),
        ([*EMAIL], "address: This is needed."),
        ([*EMAIL, "--set", "address=nobody"], "address: Enter a valid email address."),
        (
            [*EMAIL, "--set", "address=a@b.example", "--set", "colour=red"],
            "colour: There is no such setting.",
        ),
        ([*EMAIL, "--set", "address"], "--set wants key=value, not address"),
        (
            [*EMAIL, "--set", "address=a@b.example", "--set", "imap_port=0"],
            "imap_port: A port is a number from 1 to 65535.",
        ),
        (
            [*EMAIL, "--set", "address=a@b.example", "--set", "smtp_security=maybe"],
            "smtp_security: Choose one of: ssl, starttls, none.",
        ),
        ([*EMAIL, "--set", "address=a@b.example", "--brand", "Globex"], "there is no brand Globex"),
    ],
)
def test_create_channel_says_what_is_wrong(workspace: Workspace, arguments: list[str], words: str):
    with pytest.raises(CommandError) as refused:
        call_command("create_channel", *arguments)
    assert str(refused.value) == words
    with scope(workspace.pk):
        assert not Channel.objects.exists()


# ingest_mail


def test_a_mail_server_pipes_one_mail(post: Door, workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    pipe(monkeypatch, b"From jane@customer.example Thu Nov 19 10:00:00 2026\n" + letter(1))
    call_command("ingest_mail", "acme", "Support", "-")
    with scope(workspace.pk):
        assert bytes(RawBody.objects.get().body) == letter(1)
        assert InboundEvent.objects.get().via == "pipe"


@pytest.mark.parametrize("name", ["Support", "support", "SUPPORT@acme.example", "{id}"])
def test_a_channel_is_named_by_name_address_or_id(
    post: Door, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, name: str
):
    pipe(monkeypatch, letter(1))
    call_command("ingest_mail", "acme", name.format(id=post.channel.pk), "-")
    with scope(workspace.pk):
        assert InboundEvent.objects.count() == 1


def test_waiting_prints_one_line_for_each_mail_and_needs_no_worker(
    post: Door, workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    names = []
    for number, raw in enumerate([letter(1), letter(1), b"Subject: nobody\n\nhi"]):
        (tmp_path / f"{number}.eml").write_bytes(raw)
        names.append(str(tmp_path / f"{number}.eml"))
    call_command("ingest_mail", "acme", "Support", "--wait", *names)
    first, again, ignored = said(capsys)
    with scope(workspace.pk):
        conversation = Conversation.objects.get()
        entry = conversation.entries.get(kind="message")
    assert first == again
    assert first == {
        "event": first["event"],
        "state": "done",
        "reason": "",
        "conversation": conversation.number,
        "contact": conversation.contact_id,
        "entry": entry.pk,
    }
    assert (ignored["state"], ignored["reason"], ignored["entry"]) == (
        "ignored",
        "This mail names no sender.",
        None,
    )


def test_every_mail_of_an_mbox_is_taken_as_it_was_written(post: Door, workspace: Workspace, tmp_path: Path):
    quoted = "Hello\n>From here on it goes wrong.\n>>From there too.\n"
    mails = [b"From x Thu Nov 19 10:00:00 2026\n" + letter(number, quoted) + b"\n" for number in range(3)]
    (tmp_path / "box").write_bytes(b"".join(mails))
    call_command("ingest_mail", "acme", "Support", "--mbox", str(tmp_path / "box"))
    with scope(workspace.pk):
        bodies = [bytes(raw.body) for raw in RawBody.objects.order_by("id")]
    written = "Hello\nFrom here on it goes wrong.\n>From there too.\n"
    assert bodies == [letter(number, written) for number in range(3)]


def test_every_mail_of_a_maildir_is_taken(post: Door, workspace: Workspace, tmp_path: Path):
    box = mailbox.Maildir(tmp_path / "box")
    for number in range(3):
        box.add(letter(number))
    call_command("ingest_mail", "acme", "Support", "--maildir", str(tmp_path / "box"))
    with scope(workspace.pk):
        assert InboundEvent.objects.count() == 3


def refused(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as error:
        call_command("ingest_mail", *arguments)
    return error.value


def test_whatever_could_not_be_stored_is_for_the_mail_server_to_try_again(
    post: Door, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    def away(**_: Any) -> None:
        raise OperationalError("the database system is shutting down")

    pipe(monkeypatch, b"")
    assert refused("acme", "Support", "-").returncode == 75
    pipe(monkeypatch, letter(1))
    assert refused("nowhere", "Support", "-").returncode == 75
    assert refused("acme", "Sales", "-").returncode == 75
    assert refused("acme", "Support", str(tmp_path / "missing.eml")).returncode == 75
    assert refused("acme", "Support", "--mbox", str(tmp_path / "missing")).returncode == 75
    assert refused("acme", "Support", "--maildir", str(tmp_path)).returncode == 75
    with monkeypatch.context() as patched:
        patched.setattr(accept, "_store", away)
        assert refused("acme", "Support", "-").returncode == 75
    with scope(workspace.pk):
        assert InboundEvent.objects.count() == 0


def test_only_a_mail_channel_takes_mail(door: Door, monkeypatch: pytest.MonkeyPatch):
    pipe(monkeypatch, letter(1))
    assert str(refused("acme", "Shop", "-")) == "not stored: ['Shop takes no mail']"


# replay, fsck, rotate_keys


def test_replay_processes_failed_events_again(
    post: Door, workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    post.post(letter(1))
    with scope(workspace.pk):
        InboundEvent.objects.update(state="failed", reason="the disk was full")
    call_command("replay", "acme", "--failed")
    (outcome,) = said(capsys)
    assert (outcome["state"], outcome["reason"]) == ("done", "")
    call_command("replay", "acme", str(outcome["event"]))
    (again,) = said(capsys)
    assert again == outcome | {"reason": "It was in the timeline already."}


def test_replay_says_what_is_wrong(post: Door, workspace: Workspace, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(CommandError, match="name events, or --failed"):
        call_command("replay", "acme")
    with pytest.raises(CommandError, match="there is no event 7"):
        call_command("replay", "acme", "7")
    post.post(letter(1))
    with scope(workspace.pk):
        RawBody.objects.all().delete()
        event = InboundEvent.objects.get().pk
        InboundEvent.objects.update(state="failed")
    with pytest.raises(CommandError, match="some failed again"):
        call_command("replay", "acme", str(event))
    assert said(capsys)[0]["state"] == "failed"


def test_fsck_prints_what_differs(post: Door, workspace: Workspace, capsys: pytest.CaptureFixture[str]):
    post.post(letter(1))
    call_command("replay", "acme", str(_first(workspace)))
    call_command("fsck", "acme")
    with scope(workspace.pk):
        CountDelta.objects.create(bucket="open", delta=2)
        Conversation.objects.update(preview="something else")
    capsys.readouterr()
    with pytest.raises(CommandError, match="2 differences"):
        call_command("fsck", "acme")
    assert capsys.readouterr().out.splitlines() == [
        "open: kept 3, counted 1",
        "conversation 1, preview: kept something else, derived Hello",
    ]


def test_fsck_mends_counts_where_it_is_told_to(
    post: Door, workspace: Workspace, capsys: pytest.CaptureFixture[str]
):
    post.post(letter(1))
    call_command("replay", "acme", str(_first(workspace)))
    with scope(workspace.pk):
        CountDelta.objects.create(bucket="open", delta=2)
        CountDelta.objects.filter(bucket="unassigned").delete()
    capsys.readouterr()
    with pytest.raises(CommandError, match="2 differences"):
        call_command("fsck", "acme", mend_counts=True)
    assert capsys.readouterr().out.splitlines() == [
        "open: kept 3, counted 1, mended",
        "unassigned: kept 0, counted 1, mended",
    ]
    call_command("fsck", "acme")


def _first(workspace: Workspace) -> int:
    with scope(workspace.pk):
        InboundEvent.objects.update(state="failed")
        return InboundEvent.objects.earliest("id").pk


def test_keys_are_rotated_and_the_old_one_may_go(
    workspace: Workspace, settings: Any, capsys: pytest.CaptureFixture[str]
):
    call_command("create_channel", *EMAIL, "--set", "address=a@acme.example", "--set", "smtp_password=x")
    old, new = settings.OMNIDESK_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.OMNIDESK_ENCRYPTION_KEYS = [new, old]
    capsys.readouterr()
    call_command("rotate_keys")
    assert capsys.readouterr().out == "1 channels sealed anew\n"
    settings.OMNIDESK_ENCRYPTION_KEYS = [new]
    with scope(workspace.pk):
        assert channels.secrets_of(Channel.objects.get()) == {"smtp_password": "x"}
    settings.OMNIDESK_ENCRYPTION_KEYS = [old]
    with scope(workspace.pk), pytest.raises(seal.Unsealable):
        channels.secrets_of(Channel.objects.get())
    with pytest.raises(CommandError, match="no key opens the secrets of acme/"):
        call_command("rotate_keys")
