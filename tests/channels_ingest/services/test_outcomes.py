"""Messages whose sending broke off: the provider is asked, and nothing is sent again blindly."""

from typing import Any

import pytest

from channels_ingest import tasks
from channels_ingest.services import outcomes
from conversations import kinds
from conversations.models import Conversation, Delivery, OptOut
from conversations.services import deliveries
from conversations.services.reply import Draft, reply
from conversations.types import Capabilities
from tenancy import lanes
from tenancy.models import Member, Workspace
from tests.channels_ingest.conftest import Door
from tests.channels_ingest.shelf import Shelf

pytestmark = pytest.mark.usefixtures("in_scope")
MINUTE = 60


@pytest.fixture
def broken(door: Door, shelf: Shelf, member: Member, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Delivery:
    """An answer whose sending broke off."""
    monkeypatch.setitem(kinds._senders, "api", lambda _: Capabilities())
    door.deliver({"type": "message", "external_id": "m1", "sender": "77", "text": "Hello"})
    lanes.drain("inbound")
    reply(conversation=Conversation.objects.get(), channel=door.channel, member=member, draft=Draft("On it."))
    lanes.drain("send")
    shelf.asked.clear()
    return Delivery.objects.get()


def told(delivery: Delivery) -> tuple[str, str]:
    delivery.refresh_from_db()
    return delivery.status, delivery.reason


def sweep() -> int:
    """What the clock does each minute; returns how many messages were asked about."""
    asked = outcomes.due()
    for question in asked:
        outcomes.ask(*question)
    return len(asked)


def test_a_message_that_is_there_was_sent_and_is_known_by_its_id(
    broken: Delivery, shelf: Shelf, door: Door, clock: Any
):
    assert told(broken) == ("uncertain", "The server answers 504.")
    shelf.arrived.append("On it.")
    assert sweep() == 0
    clock.shift(MINUTE)
    assert sweep() == 1
    assert told(broken) == ("sent", "The provider says that it has it.")
    assert sweep() == 0
    found = deliveries.find(channel=door.channel, aliases=["id of On it."])
    assert found == broken


def test_a_message_that_is_not_listed_waits_for_a_person(
    broken: Delivery, shelf: Shelf, clock: Any, member: Member
):
    clock.shift(MINUTE)
    for _ in range(30):
        sweep()
        clock.shift(MINUTE)
    assert told(broken) == ("uncertain", "The server answers 504. The provider does not list it.")
    assert len(shelf.asked) == 3
    for _ in range(30):
        sweep()
        clock.shift(60 * MINUTE)
    assert len(shelf.asked) == len(outcomes.ASK_AFTER)
    deliveries.settle_uncertain(delivery=broken, arrived=False, member=member)
    assert told(broken)[0] == "queued"


def test_what_the_provider_has_and_did_not_send_has_failed(broken: Delivery, shelf: Shelf, clock: Any):
    shelf.refused["On it."] = "opted_out"
    clock.shift(MINUTE)
    sweep()
    assert told(broken) == ("failed", "The server did not send it.")
    assert OptOut.objects.get().identity == broken.identity


def test_a_provider_that_is_down_tells_nothing(broken: Delivery, shelf: Shelf, clock: Any):
    shelf.arrived.append("On it.")
    shelf.answers += [500]
    clock.shift(MINUTE)
    assert sweep() == 1
    assert told(broken) == ("uncertain", "The server answers 504.")
    assert sweep() == 0
    clock.shift(3 * MINUTE)
    sweep()
    assert told(broken)[0] == "sent"


def test_what_becomes_known_while_it_is_asked_stays(
    broken: Delivery, shelf: Shelf, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    shelf.arrived.append("On it.")
    keep = outcomes._keep

    def overtaken(delivery: Delivery, answer: Any) -> str:
        deliveries.apply_receipt(delivery=delivery, status="read")
        return keep(delivery, answer)

    monkeypatch.setattr(outcomes, "_keep", overtaken)
    clock.shift(MINUTE)
    sweep()
    assert told(broken)[0] == "read"


def test_after_a_day_nobody_asks_and_another_breaking_off_is_a_new_one(
    broken: Delivery, shelf: Shelf, clock: Any, member: Member
):
    clock.shift(MINUTE)
    sweep()
    deliveries.settle_uncertain(delivery=broken, arrived=False, member=member)
    lanes.drain("send")
    assert told(broken)[0] == "uncertain"
    clock.shift(MINUTE)
    assert sweep() == 1
    clock.shift(25 * 60 * MINUTE)
    assert sweep() == 0


def test_a_channel_that_is_switched_off_is_not_asked(broken: Delivery, shelf: Shelf, door: Door, clock: Any):
    type(door.channel).objects.update(is_enabled=False)
    clock.shift(MINUTE)
    sweep()
    assert (told(broken)[0], shelf.asked) == ("uncertain", [])


def test_another_workspace_asks_nothing_of_ours(broken: Delivery, shelf: Shelf, other_workspace: Workspace):
    assert outcomes.ask(other_workspace.pk, broken.pk) is None
    assert shelf.asked == []


def test_the_tasks_ask_about_every_message(
    broken: Delivery, shelf: Shelf, clock: Any, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    rung: list[Any] = []
    monkeypatch.setattr(tasks.ask_outcome, "apply_async", lambda args, **_: rung.append(args))
    clock.shift(MINUTE)
    tasks.ask_outcomes()
    assert rung == [(workspace.pk, broken.pk)]
    tasks.ask_outcome(*rung[0])
    assert shelf.asked == ["/outcomes"]
