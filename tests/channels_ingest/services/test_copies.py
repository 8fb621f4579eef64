"""One call for all recipients of a message: each stands for itself before and after, none is written to twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from channels_ingest.adapters.email.adapter import EmailAdapter
from channels_ingest.adapters.email.esp import outbound
from channels_ingest.base import AdapterError
from channels_ingest.services import send
from channels_ingest.services.accept import MailIntake
from conversations.models import Channel, Conversation, Delivery, DeliveryAlias
from conversations.services import channels, deliveries
from conversations.services.reply import Draft, TooLate, reply, undo_send
from tenancy import lanes
from tenancy.models import Member
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.conftest import ADDRESS
from tests.providers.postmark import TOKEN, PostmarkServer, postmark_server

__all__ = ["postmark_server"]

pytestmark = pytest.mark.usefixtures("clock", "in_scope")

VERIFIED = "Authentication-Results: mx.acme.example; dmarc=pass header.from=customer.example\n"
HELD = timedelta(seconds=11)
BOB = "bob@customer.example"
BOTH = ["jane@customer.example", BOB]

Answer = Callable[..., list[Delivery]]


@pytest.fixture
def outbox(in_scope: None) -> Channel:
    """A mail channel that sends by Postmark."""
    secrets = {"esp_api_key": TOKEN}
    return channels.create_channel(
        kind="email", name="Support", config=ADDRESS | {"esp": "postmark"}, secrets=secrets
    )[0]


@pytest.fixture
def asked(clock: Any, outbox: Channel) -> Conversation:
    """A conversation that a customer's mail with a copy has opened."""
    MailIntake(outbox).take(mail("It is on fire.", cc=f"Bob <{BOB}>", top=VERIFIED))
    lanes.drain("inbound")
    return Conversation.objects.get()


@pytest.fixture
def answer(
    asked: Conversation, outbox: Channel, member: Member, clock: Any, postmark_server: PostmarkServer
) -> Answer:
    """`answer()`: the agent answers both, the undo window passes, the lane runs."""

    def answered(text: str = "We are coming.") -> list[Delivery]:
        entry = reply(conversation=asked, channel=outbox, member=member, draft=Draft(text=text, cc=[BOB]))
        clock.shift(HELD)
        lanes.drain("send")
        return rows(entry.pk)

    return answered


def rows(entry_id: int) -> list[Delivery]:
    return list(Delivery.objects.filter(entry=entry_id).select_related("identity").order_by("pk"))


def told(found: list[Delivery]) -> list[tuple[str, str, str]]:
    fresh = Delivery.objects.in_bulk([row.pk for row in found])
    return [(fresh[row.pk].status, fresh[row.pk].state, fresh[row.pk].code) for row in found]


def sent_to(server: PostmarkServer) -> list[str]:
    return [", ".join(filter(None, (mail["To"], mail.get("Cc")))) for mail in server.mails]


def test_one_call_reaches_all_and_each_is_told_sent(answer: Answer, postmark_server: PostmarkServer):
    found = answer()
    assert [row.identity.value for row in found] == BOTH
    assert told(found) == [("sent", "done", "")] * 2
    assert sent_to(postmark_server) == [f"Jane Doe <jane@customer.example>, Bob <{BOB}>"]
    names = DeliveryAlias.objects.filter(value="pm-1").values_list("delivery", flat=True)
    assert sorted(names) == [row.pk for row in found]
    lanes.drain("send")
    assert len(postmark_server.mails) == 1


def test_the_one_that_is_refused_has_failed_and_the_other_is_sent(
    answer: Answer, postmark_server: PostmarkServer
):
    postmark_server.inactive = {BOB}
    assert told(answer()) == [("sent", "done", ""), ("failed", "failed", "refused")]
    postmark_server.inactive = {"jane@customer.example"}
    assert told(answer("Again")) == [("failed", "failed", "refused"), ("sent", "done", "")]


def test_a_retry_of_the_failed_one_goes_to_that_one_alone(
    answer: Answer, postmark_server: PostmarkServer, member: Member
):
    postmark_server.inactive = {BOB}
    found = answer()
    postmark_server.inactive = set()
    deliveries.retry(delivery=found[1], member=member)
    lanes.drain("send")
    assert told(found) == [("sent", "done", "")] * 2
    assert sent_to(postmark_server)[1:] == [f"Bob <{BOB}>"]


def test_when_all_are_refused_all_have_failed(answer: Answer, postmark_server: PostmarkServer):
    postmark_server.inactive = set(BOTH)
    assert told(answer()) == [("failed", "failed", "refused")] * 2


def test_a_refusal_of_the_message_fails_all(answer: Answer, postmark_server: PostmarkServer):
    postmark_server.answers = [400]
    assert told(answer()) == [("failed", "failed", "400")] * 2
    assert len(postmark_server.asked) == 1


def test_after_a_passing_trouble_all_leave_together_once(
    answer: Answer, postmark_server: PostmarkServer, clock: Any
):
    postmark_server.answers = [503, 429]
    found = answer()
    assert told(found) == [("queued", "pending", "503")] * 2
    clock.shift(timedelta(seconds=5))
    lanes.drain("send")
    assert told(found) == [("queued", "pending", "busy")] * 2
    clock.shift(timedelta(seconds=15))
    lanes.drain("send")
    assert told(found) == [("sent", "done", "")] * 2
    assert sent_to(postmark_server) == [f"Jane Doe <jane@customer.example>, Bob <{BOB}>"]
    assert len(postmark_server.asked) == 3


def test_a_trouble_that_does_not_pass_ends_for_all(
    answer: Answer, postmark_server: PostmarkServer, clock: Any
):
    postmark_server.answers = [503] * 200
    found = answer()
    for _ in range(80):
        clock.shift(timedelta(hours=1, minutes=20))
        lanes.drain("send")
    assert told(found) == [("failed", "failed", "503")] * 2
    assert len(postmark_server.asked) <= 2 * send.MAX_ATTEMPTS


def test_a_wrong_key_is_told_once_in_the_channels_health(answer: Answer, outbox: Channel):
    channels.update_channel(channel=outbox, member=None, secrets={"esp_api_key": "wrong"})
    assert told(answer()) == [("failed", "failed", "auth")] * 2
    outbox.refresh_from_db()
    assert outbox.last_error.startswith("Sending: The service refuses this channel's API key")


def test_an_answer_that_does_not_come_leaves_all_unknown_and_is_never_sent_again(
    answer: Answer, postmark_server: PostmarkServer, clock: Any
):
    postmark_server.answers = ["hang up"]
    found = answer()
    assert told(found) == [("uncertain", "done", "no-answer")] * 2
    clock.shift(timedelta(days=1))
    lanes.drain("send")
    assert len(postmark_server.asked) == 1


def test_of_two_unknown_ones_the_one_that_a_person_sends_again_goes_alone(
    answer: Answer, postmark_server: PostmarkServer, member: Member
):
    postmark_server.answers = ["hang up"]
    found = answer()
    deliveries.settle_uncertain(delivery=found[0], arrived=True, member=member)
    deliveries.settle_uncertain(delivery=found[1], arrived=False, member=member)
    lanes.drain("send")
    assert told(found) == [("sent", "done", "")] * 2
    assert sent_to(postmark_server) == [f"Bob <{BOB}>"]


def test_a_worker_that_dies_on_the_way_leaves_all_unknown(
    answer: Answer, postmark_server: PostmarkServer, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    def die(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(EmailAdapter, "send", die)
        with pytest.raises(SystemExit):
            answer()
    found = list(Delivery.objects.order_by("pk"))
    assert told(found) == [("sending", "taken", "")] * 2
    lanes.drain("send")
    clock.shift(lanes.LEASE)
    lanes.drain("send")
    assert told(found) == [("uncertain", "done", "crash")] * 2
    assert postmark_server.asked == []


def test_what_comes_after_the_lease_is_still_believed(
    answer: Answer, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    hand_over = outbound.send

    def slowly(*sending: Any) -> Any:
        result = hand_over(*sending)
        clock.shift(lanes.LEASE)
        lanes.drain("send")
        assert set(told(list(Delivery.objects.all()))) == {("uncertain", "done", "crash")}
        return result

    monkeypatch.setattr(outbound, "send", slowly)
    assert told(answer()) == [("sent", "done", "")] * 2


def test_a_receipt_that_is_faster_than_the_record_is_not_taken_back(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
):
    hand_over = outbound.send

    def overtaken(*sending: Any) -> Any:
        result = hand_over(*sending)
        copy = Delivery.objects.get(identity__value=BOB)
        deliveries.apply_receipt(delivery=copy, status="failed", code="5.2.2", detail="full")
        return result

    monkeypatch.setattr(outbound, "send", overtaken)
    assert told(answer()) == [("sent", "done", ""), ("failed", "failed", "5.2.2")]


def test_one_that_was_sent_anew_meanwhile_is_left_alone(
    answer: Answer,
    member: Member,
    postmark_server: PostmarkServer,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
):
    hand_over = outbound.send

    def overtaken(*sending: Any) -> Any:
        monkeypatch.setattr(outbound, "send", hand_over)
        clock.shift(lanes.LEASE)
        lanes.drain("send")
        copy = Delivery.objects.get(identity__value=BOB)
        deliveries.settle_uncertain(delivery=copy, arrived=False, member=member)
        raise AdapterError("400", "Refused", retryable=False)

    monkeypatch.setattr(outbound, "send", overtaken)
    assert told(answer()) == [("failed", "failed", "400"), ("sent", "done", "")]
    assert sent_to(postmark_server) == [f"Bob <{BOB}>"]


def test_undoing_takes_all_back_or_none(
    asked: Conversation, outbox: Channel, member: Member, postmark_server: PostmarkServer, clock: Any
):
    entry = reply(conversation=asked, channel=outbox, member=member, draft=Draft(text="Wait", cc=[BOB]))
    undo_send(entry=entry, member=member)
    clock.shift(HELD)
    lanes.drain("send")
    assert told(rows(entry.pk)) == [("cancelled", "done", "")] * 2
    late = reply(conversation=asked, channel=outbox, member=member, draft=Draft(text="Go", cc=[BOB]))
    clock.shift(HELD)
    lanes.drain("send")
    with pytest.raises(TooLate):
        undo_send(entry=late, member=member)
    assert len(postmark_server.mails) == 1


def test_two_answers_of_a_conversation_leave_in_their_order(
    asked: Conversation, outbox: Channel, member: Member, postmark_server: PostmarkServer, clock: Any
):
    for text in ("First", "Second"):
        reply(conversation=asked, channel=outbox, member=member, draft=Draft(text=text, cc=[BOB]))
    keys = set(Delivery.objects.values_list("order_key", flat=True))
    assert keys == {f"{asked.pk}:"}
    clock.shift(HELD)
    lanes.drain("send")
    assert [mail["TextBody"].split("\n")[0] for mail in postmark_server.mails] == ["First", "Second"]
    assert [len(sent.split(",")) for sent in sent_to(postmark_server)] == [2, 2]


def test_an_smtp_server_is_told_each_recipient_apart(
    asked: Conversation, outbox: Channel, member: Member, postmark_server: PostmarkServer
):
    channels.update_channel(channel=outbox, member=None, config=outbox.config | {"smtp_host": "127.0.0.1"})
    entry = reply(conversation=asked, channel=outbox, member=member, draft=Draft(text="Wait", cc=[BOB]))
    assert [row.order_key for row in rows(entry.pk)] == [
        f"{asked.pk}:{row.identity_id}" for row in rows(entry.pk)
    ]


def test_deliveries_that_were_queued_before_the_service_was_chosen_go_one_by_one(
    asked: Conversation, outbox: Channel, member: Member, postmark_server: PostmarkServer, clock: Any
):
    entry = reply(conversation=asked, channel=outbox, member=member, draft=Draft(text="Wait", cc=[BOB]))
    for row in rows(entry.pk):
        Delivery.objects.filter(pk=row.pk).update(order_key=f"{asked.pk}:{row.identity_id}")
    clock.shift(HELD)
    lanes.drain("send")
    assert sent_to(postmark_server) == ["Jane Doe <jane@customer.example>", f"Bob <{BOB}>"]
