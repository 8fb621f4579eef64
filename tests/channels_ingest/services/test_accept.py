"""The one way to store what arrived: once, however often and however concurrently it comes."""

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from channels_ingest.models import InboundEvent, RawBody, SeenKey
from channels_ingest.services.accept import MAX_KEY, accept
from conversations.models import Channel, Entry
from conversations.services.channels import create_channel
from tenancy import lanes
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.conftest import ADDRESS, Door
from tests.people import new_workspace


def stored(channel: Channel, key: str, body: bytes = b"x") -> int | None:
    return accept(
        channel=channel, via=InboundEvent.Via.PIPE, body=body, headers={"a": "b\x00c"}, seen_key=key
    )


@pytest.mark.parametrize("key", ["plain", "k" * 1000, "nul\x00", "lone \ud800 surrogate", "", "a\nb"])
def test_any_key_a_stranger_writes_can_be_stored_and_recognised(post: Door, workspace: Workspace, key: str):
    with scope(workspace.pk):
        assert stored(post.channel, key) is not None
        assert stored(post.channel, key) is None
        assert len(SeenKey.objects.get().key) <= MAX_KEY
        assert RawBody.objects.get().headers == {"a": "bc"}


def test_the_same_key_on_another_channel_is_another_event(
    post: Door, workspace: Workspace, signed_provider: None
):
    with scope(workspace.pk):
        other, _ = create_channel(kind="api", name="Other", config={}, secrets={})
        assert stored(post.channel, "k") is not None
        assert stored(other, "k") is not None


def test_only_a_seen_key_makes_a_duplicate(post: Door, workspace: Workspace):
    with scope(workspace.pk):
        post.channel.pk += 1_000_000
        with pytest.raises(IntegrityError, match="channel_fk"), transaction.atomic():
            stored(post.channel, "k")


def at_once(count: int, act: Callable[[], object]) -> None:
    """Run `act` in so many threads that start together."""
    gate = threading.Barrier(count)

    def run() -> None:
        gate.wait(10)
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


@pytest.mark.django_db(transaction=True)
def test_twenty_deliveries_at_once_are_one_event_and_one_entry():
    workspace = new_workspace("acme")
    with scope(workspace.pk):
        post = Door(*create_channel(kind="email", name="Support", config=ADDRESS, secrets={}), "mail")
    statuses: list[int] = []
    at_once(20, lambda: statuses.append(post.post(mail()).status_code))
    assert statuses == [200] * 20
    at_once(4, lambda: lanes.drain("inbound"))
    with scope(workspace.pk):
        assert (InboundEvent.objects.count(), RawBody.objects.count(), SeenKey.objects.count()) == (1, 1, 1)
        assert Entry.objects.filter(kind="message").count() == 1
        assert InboundEvent.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_the_same_mail_by_twenty_ways_at_once_is_one_entry():
    """Twenty events that the seen key cannot tell apart from others: the timeline itself keeps them one."""
    workspace = new_workspace("acme")
    with scope(workspace.pk):
        channel, _ = create_channel(kind="email", name="Support", config=ADDRESS, secrets={})
    for number in range(20):
        with scope(workspace.pk):
            stored(channel, f"way {number}", mail())
    at_once(4, lambda: lanes.drain("inbound"))
    lanes.drain("inbound")
    with scope(workspace.pk):
        InboundEvent.objects.update(due_at="2026-01-01T00:00Z")
    lanes.drain("inbound")
    with scope(workspace.pk):
        assert Entry.objects.filter(kind="message").count() == 1
        assert set(InboundEvent.objects.values_list("state", flat=True)) == {"done"}
