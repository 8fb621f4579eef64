"""Asking a provider for what its webhook missed: each call is stored once, whatever goes wrong."""

from typing import Any

import pytest

from channels_ingest import tasks
from channels_ingest.models import InboundEvent
from channels_ingest.services import reconcile, turns
from conversations.models import Channel, Entry
from conversations.services.channels import update_channel
from tenancy import lanes
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.conftest import Door
from tests.channels_ingest.shelf import Shelf

pytestmark = pytest.mark.usefixtures("clock")


def message(number: int) -> dict[str, Any]:
    return {"type": "message", "external_id": f"m{number}", "sender": "77", "text": f"Hello {number}"}


def ask(door: Door, **how: bool) -> tuple[int, int, str] | None:
    done = reconcile.reconcile(door.channel.workspace_id, door.channel.pk, **how)
    return (done.listed, done.found, done.error) if done else None


def test_a_channel_that_lacks_settings_is_left_alone(door: Door, shelf: Shelf, workspace: Workspace):
    with scope(workspace.pk):
        update_channel(channel=door.channel, member=None, config={"base": shelf.url})
    assert ask(door) is None
    with scope(workspace.pk):
        door.channel.refresh_from_db()
        assert door.channel.last_error == ""


def texts(workspace: Workspace) -> list[str]:
    lanes.drain("inbound")
    with scope(workspace.pk):
        return list(Entry.objects.filter(kind="message").order_by("id").values_list("preview", flat=True))


@pytest.fixture
def missing(door: Door, shelf: Shelf) -> Shelf:
    """The provider holds three messages; its webhook brought the second."""
    shelf.messages += [(f"d{number}", [message(number)]) for number in (1, 2, 3)]
    door.deliver(message(2), **{"x-delivery": "d2"})
    return shelf


def test_what_was_missed_is_stored_and_what_came_is_not_stored_again(
    door: Door, missing: Shelf, workspace: Workspace
):
    assert ask(door) == (3, 2, "")
    assert ask(door) == (3, 0, "")
    assert sorted(texts(workspace)) == ["Hello 1", "Hello 2", "Hello 3"]
    with scope(workspace.pk):
        assert list(InboundEvent.objects.order_by("id").values_list("via", flat=True)) == [
            "hook",
            "list",
            "list",
        ]


def test_a_webhook_that_comes_after_all_is_known(door: Door, missing: Shelf, workspace: Workspace):
    ask(door)
    assert door.deliver(message(1), **{"x-delivery": "d1"}).status_code == 200
    assert len(texts(workspace)) == 3


def test_a_provider_that_breaks_off_is_told_rested_from_and_asked_on_from_there(
    door: Door, missing: Shelf, workspace: Workspace
):
    missing.answers += [200, 500]
    assert ask(door) == (1, 1, "The server answers 500.")
    with scope(workspace.pk):
        assert Channel.objects.get().last_error == "Receiving: The server answers 500."
    assert ask(door) is None
    assert ask(door, patient=False) == (3, 1, "")
    with scope(workspace.pk):
        assert Channel.objects.get().last_error == ""


def test_two_do_not_ask_at_the_same_time(door: Door, missing: Shelf):
    with turns.alone(door.channel.pk):
        assert ask(door, patient=False) is None
    assert missing.asked == []


def test_only_the_last_two_days_are_asked_for_and_nothing_before_the_channel_began(
    door: Door, missing: Shelf, workspace: Workspace, clock: Any
):
    ask(door)
    with scope(workspace.pk):
        began = Channel.objects.get().started_at
    clock.shift(7 * 86400)
    ask(door)
    assert missing.since[0] == began
    assert abs((missing.since[-1] - began).total_seconds() - 5 * 86400) < 60


@pytest.mark.parametrize("how", [{"is_enabled": False}, {}])
def test_only_channels_in_use_are_asked_for(
    door: Door, post: Door, missing: Shelf, workspace: Workspace, how: dict[str, Any]
):
    with scope(workspace.pk):
        update_channel(channel=door.channel, member=None, **how)
        assert reconcile.can_reconcile(door.channel)
        assert not reconcile.can_reconcile(post.channel)
    assert reconcile.reconcilable() == ([] if how else [(workspace.pk, door.channel.pk)])
    assert (ask(door) is None) == bool(how)
    assert ask(post) is None


def test_a_channel_of_another_workspace_is_not_asked_for(
    door: Door, missing: Shelf, other_workspace: Workspace
):
    assert reconcile.reconcile(other_workspace.pk, door.channel.pk) is None
    assert missing.asked == []


def test_the_tasks_ask_for_every_channel(
    door: Door, missing: Shelf, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    rung: list[Any] = []
    monkeypatch.setattr(tasks.catch_up_one, "apply_async", lambda args, **_: rung.append(args))
    tasks.catch_up_all()
    assert rung == [(workspace.pk, door.channel.pk)]
    tasks.catch_up_one(*rung[0])
    assert len(texts(workspace)) == 3
