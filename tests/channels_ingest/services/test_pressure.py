"""How much may come in at once; what may not is left where it is, and comes later."""

from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels_ingest.adapters.email.adapter import EmailAdapter
from channels_ingest.adapters.email.esp.mailgun import MailgunInlet
from channels_ingest.adapters.email.esp.postmark import PostmarkInlet
from channels_ingest.adapters.email.esp.sendgrid import SendGridInlet
from channels_ingest.adapters.email.esp.ses import SesInlet
from channels_ingest.base import Inlet
from channels_ingest.models import InboundEvent
from channels_ingest.services import poll, pressure, reconcile
from conversations.models import Channel
from conversations.services.channels import create_channel
from tenancy import lanes
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.chat import Chat, Visitor
from tests.channels_ingest.conftest import WHERE, Door
from tests.channels_ingest.shelf import Shelf
from tests.channels_ingest.signed import SECRET, signed
from tests.providers.imap import ImapServer

pytestmark = pytest.mark.usefixtures("clock")

BACKLOG = b"Too much of this workspace waits to be worked on: try again later\n"
WORKSPACE = b"This workspace brings too much at once: try again later\n"
CHANNEL = b"This channel brings too much at once: try again later\n"


@pytest.fixture(autouse=True)
def asked_each_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Answers that hold for no time, so that a limit is exact."""
    monkeypatch.setattr(pressure, "HOLDS", 0.0)
    yield
    pressure.forget()


def deliver(door: Door, number: int) -> tuple[int, str | None, bytes]:
    response = door.deliver({"type": "message", "external_id": f"m{number}", "sender": "77", "text": "Hello"})
    return response.status_code, response.headers.get("Retry-After"), response.content


def stored(workspace: Workspace) -> int:
    with scope(workspace.pk):
        return InboundEvent.objects.count()


def another_door(workspace: Workspace) -> Door:
    with scope(workspace.pk):
        channel, token = create_channel(kind="api", name="Club", config=WHERE, secrets={"secret": SECRET})
    return Door(channel, token, "api")


def test_a_channel_that_brings_too_much_in_a_minute_comes_later(
    door: Door, workspace: Workspace, other_workspace: Workspace, settings: Any, clock: Any
):
    settings.OMNIDESK_INBOUND_RATE = 2
    club, theirs = another_door(workspace), another_door(other_workspace)
    assert [deliver(door, number)[0] for number in range(2)] == [200, 200]
    assert deliver(door, 2) == (429, "60", CHANNEL)
    assert stored(workspace) == 2
    assert (deliver(club, 2)[0], deliver(theirs, 2)[0]) == (200, 200)
    clock.shift(61)
    assert deliver(door, 2)[0] == 200


def test_all_channels_of_a_workspace_together_may_bring_so_much(
    door: Door, workspace: Workspace, other_workspace: Workspace, settings: Any, clock: Any
):
    settings.OMNIDESK_INBOUND_RATE_WORKSPACE = 2
    club, theirs = another_door(workspace), another_door(other_workspace)
    assert (deliver(door, 0)[0], deliver(club, 1)[0]) == (200, 200)
    assert deliver(door, 2) == deliver(club, 2) == (429, "60", WORKSPACE)
    assert deliver(theirs, 2)[0] == 200
    clock.shift(61)
    assert deliver(club, 2)[0] == 200


def test_a_workspace_whose_calls_wait_takes_more_when_they_are_worked_on(
    door: Door, workspace: Workspace, other_workspace: Workspace, settings: Any, clock: Any
):
    settings.OMNIDESK_INBOUND_BACKLOG = 2
    assert [deliver(door, number)[0] for number in range(2)] == [200, 200]
    assert deliver(door, 2) == (429, "60", BACKLOG)
    assert deliver(another_door(other_workspace), 2)[0] == 200
    clock.shift(3600)
    assert deliver(door, 2)[0] == 429
    lanes.drain("inbound")
    assert deliver(door, 2)[0] == 200


def test_an_answer_holds_for_a_moment_and_costs_nothing_meanwhile(
    door: Door, workspace: Workspace, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pressure, "HOLDS", 2.0)
    settings.OMNIDESK_INBOUND_RATE = 1
    with scope(workspace.pk), CaptureQueriesContext(connection) as asked:
        pressure.check(door.channel)
        pressure.check(door.channel)
    assert sum("inboundevent" in query["sql"] for query in asked) == 1
    assert [deliver(door, number)[0] for number in range(2)] == [200, 200]
    pressure.forget()
    assert deliver(door, 2)[0] == 429


def test_a_handshake_is_answered_however_much_there_is(door: Door, settings: Any):
    settings.OMNIDESK_INBOUND_BACKLOG = 1
    deliver(door, 0)
    assert deliver(door, 1)[0] == 429
    response = Client().get(door.path, {"challenge": "42"}, headers={"x-signature": signed(b"")})
    assert (response.status_code, response.content) == (200, b"42")


@pytest.mark.parametrize(
    ("inlet", "status"),
    [(MailgunInlet, 429), (PostmarkInlet, 429), (SendGridInlet, 503), (SesInlet, 503), (EmailAdapter, 429)],
)
def test_each_service_is_told_what_has_it_deliver_again(inlet: type[Inlet], status: int):
    assert inlet.too_much == status


def test_a_mail_server_that_pipes_too_much_tries_again(
    post: Door, workspace: Workspace, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    settings.OMNIDESK_INBOUND_RATE = 1
    files = []
    for number in range(3):
        files.append(tmp_path / f"{number}.eml")
        files[-1].write_bytes(mail(f"Number {number}", message_id=f"<q{number}@x.example>"))
    call_command("ingest_mail", "acme", "Support", str(files[0]))
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(files[1].read_bytes())))
    with pytest.raises(CommandError) as error:
        call_command("ingest_mail", "acme", "Support", "-")
    assert (error.value.returncode, str(error.value)) == (75, f"not stored: {CHANNEL.decode().strip()}")
    assert stored(workspace) == 1
    call_command("ingest_mail", "acme", "Support", *map(str, files))
    assert stored(workspace) == 3


def test_a_mailbox_keeps_what_is_too_much(
    mailbox: Channel, imap_server: ImapServer, workspace: Workspace, settings: Any, clock: Any
):
    settings.OMNIDESK_INBOUND_RATE = 2
    for number in range(3):
        imap_server.deliver(mail(f"Number {number}", message_id=f"<q{number}@x.example>"))

    def read() -> tuple[int, str] | None:
        found = poll.poll(workspace.pk, mailbox.pk)
        return (found.stored, found.error) if found else None

    assert (read(), read()) == ((2, ""), (0, ""))
    assert poll.reconcile(workspace.pk, mailbox.pk)
    assert stored(workspace) == 2
    clock.shift(61)
    assert (read(), stored(workspace)) == ((1, ""), 3)


def test_what_a_provider_lists_is_left_there_until_there_is_room(
    door: Door, shelf: Shelf, workspace: Workspace, settings: Any, clock: Any
):
    settings.OMNIDESK_INBOUND_RATE = 2
    listed = [{"type": "message", "external_id": f"m{number}", "sender": "77"} for number in range(3)]
    shelf.messages += [(f"d{number}", [one]) for number, one in enumerate(listed)]

    def ask() -> tuple[int, str] | None:
        done = reconcile.reconcile(workspace.pk, door.channel.pk)
        return (done.found, done.error) if done else None

    assert (ask(), ask()) == ((2, ""), (0, ""))
    clock.shift(61)
    assert (ask(), stored(workspace)) == ((1, ""), 3)


def test_a_visitor_is_asked_to_wait(chat: Chat, workspace: Workspace, settings: Any):
    visitor = Visitor(chat)
    settings.OMNIDESK_INBOUND_BACKLOG = 1
    assert visitor.say("Hello")["type"] == "stored"
    told = visitor.say("And?")
    assert (told["type"], told["code"], told["retry_after"]) == ("error", "rate", 60)
    assert stored(workspace) == 1
