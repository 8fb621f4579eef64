"""Several workers at the messages that one call hands to all recipients."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from channels_ingest.services import send
from channels_ingest.services.accept import MailIntake
from conversations.models import Channel, Conversation, Delivery
from conversations.services.channels import create_channel
from conversations.services.reply import Draft, reply
from tenancy import lanes
from tenancy.models import Role, Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.conftest import ADDRESS
from tests.people import member_of, new_workspace
from tests.providers.postmark import TOKEN, PostmarkServer, postmark_server

__all__ = ["postmark_server"]

pytestmark = pytest.mark.django_db(transaction=True)

COPIES = ["bob@customer.example", "eve@customer.example"]


@pytest.fixture
def queued(postmark_server: PostmarkServer) -> Workspace:
    """A workspace with four conversations, two answers to three people in each, all due."""
    cache.clear()
    workspace = new_workspace("acme")
    with scope(workspace.pk):
        channel, _ = create_channel(
            kind="email",
            name="Support",
            config=ADDRESS | {"esp": "postmark"},
            secrets={"esp_api_key": TOKEN},
        )
        for number in range(4):
            MailIntake(channel).take(
                mail(message_id=f"<q{number}@customer.example>", subject=f"Matter {number}")
            )
    lanes.drain("inbound")
    with scope(workspace.pk):
        _answer_all(channel, workspace)
        Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    return workspace


def _answer_all(channel: Channel, workspace: Workspace) -> None:
    member = member_of(workspace, Role.AGENT)
    for conversation in Conversation.objects.all():
        for text in ("First", "Second"):
            reply(
                conversation=conversation, channel=channel, member=member, draft=Draft(text=text, cc=COPIES)
            )


@contextmanager
def held(workspace: Workspace, value: str) -> Iterator[None]:
    """Somebody else holds the deliveries to this address."""
    has, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with scope(workspace.pk):
            list(Delivery.objects.select_for_update().filter(identity__value=value))
            has.set()
            enough.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert has.wait(20)
    try:
        yield
    finally:
        enough.set()
        thread.join(20)


def work(workspace: Workspace, seconds: float = 60) -> None:
    """Two workers, until nothing is left to send."""

    def toil() -> None:
        end = timezone.now() + timedelta(seconds=seconds)
        while timezone.now() < end and _is_open(workspace):
            lanes.run_batch(send.lane, workspace.pk)
        connection.close()

    threads = [threading.Thread(target=toil) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _is_open(workspace: Workspace) -> bool:
    with scope(workspace.pk):
        return Delivery.objects.filter(lanes.OPEN).exists()


def test_each_message_leaves_once_with_all_its_recipients(queued: Workspace, postmark_server: PostmarkServer):
    work(queued)
    assert [len(f"{mail['To']}, {mail['Cc']}".split(", ")) for mail in postmark_server.mails] == [3] * 8
    with scope(queued.pk):
        assert set(Delivery.objects.values_list("status", "state")) == {("sent", "done")}
    by_matter: dict[str, str] = {}
    for sent in postmark_server.mails:
        by_matter[sent["Subject"]] = by_matter.get(sent["Subject"], "") + sent["TextBody"][:1]
    assert set(by_matter.values()) == {"FS"}


def test_a_message_whose_copy_is_in_other_hands_waits_for_it(
    queued: Workspace, postmark_server: PostmarkServer
):
    with held(queued, COPIES[1]):
        lanes.run_batch(send.lane, queued.pk)
        assert postmark_server.asked == []
        with scope(queued.pk):
            first = Delivery.objects.order_by("pk")[0]
            assert (first.status, first.state) == ("queued", "pending")
            assert first.reason == "Another recipient of it is in other hands."
    work(queued)
    assert [len(f"{mail['To']}, {mail['Cc']}".split(", ")) for mail in postmark_server.mails] == [3] * 8
