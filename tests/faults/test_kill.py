"""Workers that are killed in the middle: nothing is lost, nothing happens twice."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from channels_ingest.models import FileFetch, InboundEvent
from channels_ingest.services.accept import MailIntake
from conversations.models import Attachment, Channel, Conversation, Delivery, Entry
from conversations.services.channels import create_channel
from conversations.services.reply import Draft, reply
from tenancy import lanes
from tenancy.models import Role, Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.conftest import ADDRESS, Door, door, shelf, signed_provider
from tests.channels_ingest.shelf import Shelf
from tests.faults.killing import worker_dies
from tests.people import member_of, new_workspace
from tests.providers.smtp import SmtpServer, smtp_server

__all__ = ["door", "shelf", "signed_provider", "smtp_server"]

pytestmark = pytest.mark.django_db(transaction=True)

# The worker dies when it has received a batch of mails, and before that is committed.
DIES_IN_A_BATCH = """
from channels_ingest.services import process
process._end = die
"""
# The worker dies when the server has taken the message and before that is recorded.
DIES_AFTER_SENDING = """
from channels_ingest.adapters.email.adapter import EmailAdapter
send = EmailAdapter.send
EmailAdapter.send = lambda *sending: (send(*sending), die())
"""
# The worker dies when the provider has handed out the file and before it is stored.
DIES_WHILE_FETCHING = """
from channels_ingest import base
from tests.channels_ingest.signed import SignedAdapter
base.ADAPTERS["api"] = "tests.channels_ingest.signed.SignedAdapter"
fetch = SignedAdapter.fetch
SignedAdapter.fetch = lambda *asking: (fetch(*asking), die())
"""


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    cache.clear()
    yield new_workspace("acme")
    cache.clear()


@pytest.fixture
def channel(workspace: Workspace, smtp_server: SmtpServer) -> Channel:
    with scope(workspace.pk):
        port = {"smtp_host": smtp_server.host, "smtp_port": str(smtp_server.port), "smtp_security": "none"}
        return create_channel(kind="email", name="Support", config=ADDRESS | port, secrets={})[0]


def arrive(channel: Channel, number: int) -> None:
    with scope(channel.workspace_id):
        raw = mail(
            f"Number {number}", message_id=f"<q{number}@x.example>", **{"from": f"c{number}@x.example"}
        )
        MailIntake(channel).take(raw)


def test_a_worker_killed_in_the_middle_of_a_batch_loses_and_repeats_nothing(
    channel: Channel, workspace: Workspace
):
    for number in range(5):
        arrive(channel, number)
    worker_dies(DIES_IN_A_BATCH, "inbound")
    with scope(workspace.pk):
        assert set(InboundEvent.objects.values_list("state", flat=True)) == {"pending"}
        assert Entry.objects.count() == 0
    assert lanes.sweep() >= 1
    lanes.drain("inbound")
    with scope(workspace.pk):
        assert list(InboundEvent.objects.values_list("state", flat=True)) == ["done"] * 5
        assert Entry.objects.filter(kind="message").count() == 5
        assert Conversation.objects.count() == 5


def test_a_worker_killed_while_sending_leaves_it_unknown_and_sends_nothing_again(
    channel: Channel, workspace: Workspace, smtp_server: SmtpServer
):
    arrive(channel, 1)
    lanes.drain("inbound")
    with scope(workspace.pk):
        draft, member = Draft(text="We are coming."), member_of(workspace, Role.AGENT)
        reply(conversation=Conversation.objects.get(), channel=channel, member=member, draft=draft)
        Delivery.objects.update(due_at=timezone.now())
    worker_dies(DIES_AFTER_SENDING, "send")
    assert len(smtp_server.mails) == 1
    with scope(workspace.pk):
        assert Delivery.objects.get().status == "sending"
    lanes.drain("send")
    with time_machine.travel(timezone.now() + lanes.LEASE + timedelta(minutes=1)):
        assert lanes.sweep() >= 1
        lanes.drain("send")
    with scope(workspace.pk):
        assert (Delivery.objects.get().status, Delivery.objects.get().code) == ("uncertain", "crash")
    assert len(smtp_server.mails) == 1


def test_a_worker_killed_while_it_fetches_a_file_leaves_it_to_the_next(
    door: Door, shelf: Shelf, workspace: Workspace
):
    shelf.files["f1"] = ("text/plain", b"hello")
    named = {"name": "log.txt", "content_type": "text/plain", "source": "f1"}
    door.deliver({"type": "message", "external_id": "m1", "sender": "77", "files": [named]})
    lanes.drain("inbound")
    worker_dies(DIES_WHILE_FETCHING, "files")
    with scope(workspace.pk):
        assert Attachment.objects.get().state == "coming"
    with time_machine.travel(timezone.now() + lanes.LEASE + timedelta(minutes=1)) as clock:
        lanes.drain("files")
        clock.shift(60)
        lanes.drain("files")
    with scope(workspace.pk):
        attachment = Attachment.objects.get()
        assert (attachment.state, attachment.size) == ("stored", 5)
    assert shelf.asked == ["/files/f1", "/files/f1"]


def test_a_file_that_is_being_erased_is_waited_for_by_nobody(door: Door, shelf: Shelf, workspace: Workspace):
    """Erasing waits for the fetch's row: were the fetch to wait for the erasure as well, it would be for ever."""
    shelf.files["f1"] = ("text/plain", b"hello")
    named = {"name": "log.txt", "content_type": "text/plain", "source": "f1"}
    door.deliver({"type": "message", "external_id": "m1", "sender": "77", "files": [named]})
    lanes.drain("inbound")
    has_locked, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with scope(workspace.pk):
            list(Attachment.objects.select_for_update())
            has_locked.set()
            may_end.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert has_locked.wait(30)
    lanes.drain("files")
    may_end.set()
    holder.join()
    with scope(workspace.pk):
        assert FileFetch.objects.get().reason == "Somebody else changes this file."
        assert Attachment.objects.get().state == "coming"
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        lanes.drain("files")
    with scope(workspace.pk):
        assert Attachment.objects.get().state == "stored"
