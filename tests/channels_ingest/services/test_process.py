"""The lane "inbound": each typed event becomes what it means, once, and none ends in silence."""

from typing import Any

import pytest
import time_machine
from django.db import OperationalError

from channels_ingest.models import InboundEvent, InboundItem, RawBody
from channels_ingest.services import process
from channels_ingest.services.meanings import receive_messages
from channels_ingest.services.replay import replay
from channels_ingest.types import ParsedEvent
from contacts.models import Identity
from conversations.models import Conversation, Delivery, DeliveryAlias, Entry, EntryBody
from conversations.services import optouts, work
from tenancy import lanes
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.conftest import Door
from tests.channels_ingest.signed import SignedAdapter, signed

NOW = "2026-11-19 10:00:00Z"


def message(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "external_id": f"m{number}",
        "sender": "77",
        "text": f"Hello {number}",
    } | fields


def items() -> list[tuple[str, str, str]]:
    return list(InboundItem.objects.order_by("event", "position").values_list("type", "state", "reason"))


def the_event() -> InboundEvent:
    return InboundEvent.objects.latest("id")


def test_a_message_becomes_an_entry_and_its_row_says_which(door: Door, workspace: Workspace):
    door.deliver(message(1))
    assert lanes.drain("inbound") == 1
    with scope(workspace.pk):
        entry = Entry.objects.get(kind="message")
        item = InboundItem.objects.get()
        assert (the_event().state, the_event().summary) == ("done", "77: Hello 1")
        assert the_event().processed_at is not None
        assert (item.state, item.entry_id, item.conversation_id, item.contact_id) == (
            "done",
            entry.pk,
            entry.conversation_id,
            entry.contact_id,
        )


def test_the_same_message_in_another_call_is_found_and_not_written_again(door: Door, workspace: Workspace):
    door.deliver(message(1))
    door.deliver(message(1), **{"x-delivery": "another call"})
    lanes.drain("inbound")
    with scope(workspace.pk):
        assert Entry.objects.filter(kind="message").count() == 1
        assert [reason for _, _, reason in items()] == ["", "It was in the timeline already."]


def test_a_part_that_fails_does_not_hold_up_its_neighbours(
    door: Door, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    def stumble(messages: Any) -> Any:
        if "m2" in {message.external_id for message, _ in messages}:
            raise OperationalError("deadlock detected")
        return receive_messages(messages)

    monkeypatch.setattr(process, "receive_messages", stumble)
    with time_machine.travel(NOW, tick=False) as clock:
        door.deliver(message(1), message(2), message(3))
        lanes.drain("inbound")
        with scope(workspace.pk):
            assert [state for _, state, _ in items()] == ["done", "failed", "done"]
            assert (the_event().state, the_event().reason) == (
                "pending",
                "OperationalError: deadlock detected",
            )
            assert Entry.objects.filter(kind="message").count() == 2
        monkeypatch.setattr(process, "receive_messages", receive_messages)
        clock.shift(60)
        lanes.drain("inbound")
    with scope(workspace.pk):
        assert [state for _, state, _ in items()] == ["done", "done", "done"]
        assert (the_event().state, the_event().attempts) == ("done", 2)
        assert Entry.objects.filter(kind="message").count() == 3


def test_a_call_that_keeps_failing_ends_where_people_see_it(
    door: Door, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    def never(_: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(process, "receive_messages", never)
    with time_machine.travel(NOW, tick=False) as clock:
        door.deliver(message(1))
        for _ in range(process.lane.max_attempts):
            lanes.drain("inbound")
            clock.shift(3600)
    with scope(workspace.pk):
        assert (the_event().state, the_event().reason, the_event().attempts) == (
            "failed",
            "RuntimeError: no",
            10,
        )


def test_bytes_that_crash_the_parser_fail_after_three_attempts(door: Door, workspace: Workspace):
    body = b"{not json"
    with time_machine.travel(NOW, tick=False) as clock:
        door.post(body, **{"x-signature": signed(body)})
        for _ in range(4):
            lanes.drain("inbound")
            clock.shift(60)
    with scope(workspace.pk):
        event = the_event()
        assert (event.state, event.attempts) == ("failed", 3)
        assert event.reason.startswith("It cannot be parsed: JSONDecodeError: ")


def test_one_event_that_crashes_does_not_touch_the_rest_of_its_batch(
    door: Door, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    parse = SignedAdapter.parse

    def stumble(self: SignedAdapter, body: bytes, *rest: Any) -> list[ParsedEvent]:
        if b'"m2"' in body:
            raise MemoryError
        return parse(self, body, *rest)

    monkeypatch.setattr(SignedAdapter, "parse", stumble)
    for number in range(1, 5):
        door.deliver(message(number))
    assert lanes.drain("inbound") == 4
    with scope(workspace.pk):
        states = list(InboundEvent.objects.order_by("id").values_list("state", flat=True))
        assert states == ["done", "pending", "done", "done"]


def test_what_means_nothing_is_kept_with_its_reason(door: Door, workspace: Workspace):
    door.deliver({"type": "weather"}, {"type": "weather"})
    door.deliver({"type": "reaction", "external_id": "m1"})
    door.deliver()
    lanes.drain("inbound")
    with scope(workspace.pk):
        events = InboundEvent.objects.order_by("id").values_list("state", "reason")
        assert list(events) == [
            ("ignored", "nothing is known of weather"),
            ("ignored", "No Reaction is kept yet."),
            ("ignored", "It says nothing."),
        ]
        assert len(items()) == 3


def test_characters_that_cannot_be_stored_are_left_out(door: Door, workspace: Workspace):
    door.deliver(message(1, text="a\0b\ud83d", subject="\0", sender="7\0"))
    lanes.drain("inbound")
    with scope(workspace.pk):
        assert items() == [("InboundMessage", "done", "")]
        assert EntryBody.objects.get().text == "ab"
        assert Identity.objects.get().value == "7"


def test_pruned_bytes_cannot_be_processed_again(door: Door, workspace: Workspace):
    door.deliver(message(1))
    with scope(workspace.pk):
        RawBody.objects.all().delete()
    lanes.drain("inbound")
    with scope(workspace.pk):
        assert the_event().state == "failed"
        assert the_event().reason == "Its bytes have been pruned: it cannot be processed again."


def sent_entry(door: Door, alias: str) -> Delivery:
    """Something that we sent, which the provider calls by `alias`."""
    arrived = Entry.objects.get(kind="message")
    entry = Entry.objects.create(
        conversation=arrived.conversation, kind="message", direction="out", channel=door.channel
    )
    delivery = Delivery.objects.create(
        entry=entry, channel=door.channel, identity=arrived.identity, status="sent", state="done"
    )
    DeliveryAlias.objects.create(delivery=delivery, channel=door.channel, value=alias)
    return delivery


def test_receipts_move_a_delivery_forward_in_any_order(door: Door, workspace: Workspace):
    door.deliver(message(1))
    lanes.drain("inbound")
    with scope(workspace.pk):
        delivery = sent_entry(door, "out-1")
    for status in ("read", "delivered", "read"):
        door.deliver({"type": "receipt", "aliases": ["out-1"], "status": status, "code": status})
    lanes.drain("inbound")
    with scope(workspace.pk):
        delivery.refresh_from_db()
        assert delivery.status == "read"
        receipts = InboundItem.objects.filter(type="Receipt").order_by("id")
        assert [(item.delivery_id, item.reason) for item in receipts] == [
            (delivery.pk, ""),
            (delivery.pk, "It was known already."),
        ]


def test_a_receipt_that_comes_before_the_sending_is_known_waits_for_it(door: Door, workspace: Workspace):
    with time_machine.travel(NOW, tick=False) as clock:
        door.deliver(message(1))
        door.deliver({"type": "receipt", "aliases": ["out-1"], "status": "delivered"})
        lanes.drain("inbound")
        with scope(workspace.pk):
            assert the_event().reason == "No message is known under this id yet."
            delivery = sent_entry(door, "out-1")
        clock.shift(16)
        lanes.drain("inbound")
    with scope(workspace.pk):
        delivery.refresh_from_db()
        assert (delivery.status, the_event().state) == ("delivered", "done")


def test_a_receipt_for_nothing_of_ours_is_ignored_in_the_end(door: Door, workspace: Workspace):
    with time_machine.travel(NOW, tick=False) as clock:
        door.deliver({"type": "receipt", "aliases": ["?"], "status": "delivered"})
        for _ in range(6):
            lanes.drain("inbound")
            clock.shift(16)
    with scope(workspace.pk):
        assert the_event().state == "ignored"
        assert the_event().reason == "A report on a message that is not ours."
        assert items() == [("Receipt", "ignored", "A report on a message that is not ours.")]


def test_edits_and_deletions_reach_the_entry_even_when_they_overtake_it(door: Door, workspace: Workspace):
    with time_machine.travel(NOW, tick=False) as clock:
        door.deliver({"type": "edit", "external_id": "m1", "text": "Hello, dear"})
        lanes.drain("inbound")
        door.deliver(message(1))
        door.deliver(message(2))
        door.deliver({"type": "delete", "external_id": "m2", "erase": True})
        clock.shift(16)
        lanes.drain("inbound")
        clock.shift(16)
        lanes.drain("inbound")
        with scope(workspace.pk):
            replay(InboundEvent.objects.all())
        lanes.drain("inbound")
    with scope(workspace.pk):
        first, second = Entry.objects.filter(kind="message").order_by("id")
        texts = EntryBody.objects.filter(entry=first).order_by("version").values_list("text", flat=True)
        assert list(texts) == ["Hello 1", "Hello, dear"]
        assert second.deleted_at is not None
        assert list(EntryBody.objects.filter(entry=second).values_list("text", flat=True)) == [""]
        assert set(InboundEvent.objects.values_list("state", flat=True)) == {"done"}


def test_edits_that_come_out_of_order_or_again_leave_the_newest(door: Door, workspace: Workspace):
    first, second = "2026-11-19T09:59:01+00:00", "2026-11-19T09:59:02+00:00"
    with time_machine.travel(NOW, tick=False):
        door.deliver(message(1))
        door.deliver({"type": "edit", "external_id": "m1", "text": "newest", "at": second})
        door.deliver({"type": "edit", "external_id": "m1", "text": "older", "at": first})
        lanes.drain("inbound")
        with scope(workspace.pk):
            replay(InboundEvent.objects.all())
        lanes.drain("inbound")
    with scope(workspace.pk):
        texts = EntryBody.objects.order_by("version").values_list("text", flat=True)
        assert list(texts) == ["Hello 1", "newest"]
        assert Entry.objects.get().data["edited_at"] == second


def test_edits_without_a_time_count_by_their_arrival(door: Door, workspace: Workspace):
    with time_machine.travel(NOW, tick=False) as clock:
        door.deliver(message(1))
        for text in ("older", "newest"):
            clock.shift(1)
            door.deliver({"type": "edit", "external_id": "m1", "text": text})
        for _ in range(2):
            lanes.drain("inbound")
            with scope(workspace.pk):
                replay(InboundEvent.objects.all())
    with scope(workspace.pk):
        texts = EntryBody.objects.order_by("version").values_list("text", flat=True)
        assert list(texts) == ["Hello 1", "older", "newest"]


def test_a_message_that_was_deleted_stays_so_whatever_edit_comes_later(door: Door, workspace: Workspace):
    with time_machine.travel(NOW, tick=False) as clock:
        door.deliver(message(1))
        door.deliver({"type": "delete", "external_id": "m1"})
        lanes.drain("inbound")
        clock.shift(60)
        door.deliver({"type": "edit", "external_id": "m1", "text": "too late"})
        with scope(workspace.pk):
            replay(InboundEvent.objects.all())
        lanes.drain("inbound")
        with scope(workspace.pk):
            entry = Entry.objects.get()
            assert entry.deleted_at is not None
            assert entry.deleted_at.isoformat() == "2026-11-19T10:00:00+00:00"
            assert EntryBody.objects.get().text == "Hello 1"


STOP = {"type": "consent", "sender": "77", "is_given": False}
START = STOP | {"is_given": True}


def keyword(number: int, word: str) -> dict[str, Any]:
    return message(number, text=word, automatic="keyword")


def happened() -> list[str]:
    return list(Entry.objects.filter(kind="event").order_by("id").values_list("event", flat=True))


def test_a_stop_and_a_start_are_told_once_however_often_they_come(door: Door, workspace: Workspace):
    with time_machine.travel(NOW, tick=False) as clock:
        door.deliver(message(1))
        for number, word, consent in ((2, "STOP", STOP), (3, "START", START)):
            clock.shift(60)
            door.deliver(keyword(number, word), consent)
        for _ in range(2):
            lanes.drain("inbound")
            with scope(workspace.pk):
                replay(InboundEvent.objects.all())
    with scope(workspace.pk):
        assert happened() == ["opted_out", "opted_in"]
        stopped, started = Entry.objects.filter(kind="event").order_by("id")
        assert (
            stopped.conversation
            == started.conversation
            == Entry.objects.filter(kind="message")[0].conversation
        )
        assert stopped.at.isoformat() == "2026-11-19T10:01:00+00:00"
        assert [reason for kind, _, reason in items() if kind == "Consent"] == ["It was known already."] * 2


def test_a_stop_that_comes_after_a_newer_start_does_not_win(door: Door, workspace: Workspace):
    with time_machine.travel(NOW, tick=False):
        door.deliver(message(1))
        door.deliver(START | {"at": "2026-11-19T09:59:02+00:00"})
        door.deliver(STOP | {"at": "2026-11-19T09:59:01+00:00"})
        lanes.drain("inbound")
    with scope(workspace.pk):
        assert happened() == []
        assert [state for _, state, _ in items()] == ["done"] * 3


def test_the_stop_of_a_stranger_counts(door: Door, workspace: Workspace):
    door.deliver(STOP)
    lanes.drain("inbound")
    with scope(workspace.pk):
        entry = Entry.objects.get()
        assert (entry.event, entry.conversation, str(entry.contact)) == ("opted_out", None, "77")
        assert optouts.opted_out(door.channel, Identity.objects.get())


def test_a_keyword_neither_reopens_nor_waits_for_an_answer(door: Door, workspace: Workspace):
    door.deliver(message(1))
    lanes.drain("inbound")
    with scope(workspace.pk):
        conversation = Conversation.objects.get()
        work.resolve(conversation=conversation, member=None)
        heard = conversation.last_inbound_at
    door.deliver(keyword(2, "STOP"), STOP)
    lanes.drain("inbound")
    with scope(workspace.pk):
        conversation.refresh_from_db()
        assert (conversation.status, conversation.last_inbound_at) == ("resolved", heard)
        assert conversation.waiting_since is None
        assert Entry.objects.get(automatic="keyword").conversation == conversation
