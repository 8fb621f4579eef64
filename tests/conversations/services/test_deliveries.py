import pytest

from conversations import kinds
from conversations.models import Delivery
from conversations.services import deliveries
from conversations.services.deliveries import CannotRetry
from conversations.services.reply import Draft, reply
from tests.senders import senders


@pytest.fixture
def delivery(write, mail, member, monkeypatch) -> Delivery:
    monkeypatch.setattr(kinds, "_senders", senders("email"))
    reply(conversation=write("m1").conversation, channel=mail, draft=Draft("On it."), member=member)
    return Delivery.objects.get()


@pytest.mark.parametrize(
    ("news", "ends"),
    [
        (["sent", "delivered", "read"], "read"),
        (["read", "delivered", "sent"], "read"),
        (["sent", "failed", "delivered"], "failed"),
        (["read", "failed"], "read"),
        (["uncertain", "delivered"], "delivered"),
    ],
)
def test_receipts_never_go_back(delivery, news, ends):
    for status in news:
        deliveries.apply_receipt(delivery=delivery, status=status)
    delivery.refresh_from_db()
    assert delivery.status == ends


def test_a_bounce_finds_the_delivery_by_our_id_and_says_why(delivery, mail):
    found = deliveries.find(channel=mail, aliases=["unknown", delivery.entry.external_id])
    assert found is not None
    assert found == delivery
    deliveries.apply_receipt(delivery=found, status="failed", code="5.1.1", detail="no such mailbox")
    found.refresh_from_db()
    assert (found.status, found.code, found.reason, found.state) == (
        "failed",
        "5.1.1",
        "no such mailbox",
        "failed",
    )


def test_a_report_on_one_of_several_recipients_names_that_one(write, mail, member, delivery):
    draft = Draft("To you both.", cc=["ben@cust.example"])
    entry = reply(conversation=delivery.entry.conversation, channel=mail, draft=draft, member=member)

    def found(recipient: str) -> str | None:
        of = deliveries.find(channel=mail, aliases=[entry.external_id], recipient=recipient)
        return of.identity.value if of else None

    assert found("Ben@cust.example") == "ben@cust.example"
    assert found("ben@elsewhere.example") is None
    assert found("") is None


def test_a_failed_delivery_is_handed_over_again_on_request_only(delivery, member):
    with pytest.raises(CannotRetry):
        deliveries.retry(delivery=delivery, member=member)
    deliveries.apply_receipt(delivery=delivery, status="failed")
    again = deliveries.retry(delivery=delivery, member=member)
    assert (again.status, again.state, again.attempts) == ("queued", "pending", 0)


@pytest.mark.parametrize(("arrived", "status"), [(True, "sent"), (False, "queued")])
def test_a_person_settles_an_unknown_outcome(delivery, member, arrived, status):
    deliveries.apply_receipt(delivery=delivery, status="uncertain")
    with pytest.raises(CannotRetry):
        deliveries.retry(delivery=delivery, member=member)
    assert deliveries.settle_uncertain(delivery=delivery, arrived=arrived, member=member).status == status


def test_an_alias_of_any_length_is_found_again(delivery, mail):
    long = "\0" + "x" * 5000
    deliveries.name(delivery, ["", long, long, "short"])
    deliveries.name(delivery, [long])
    assert delivery.aliases.count() == 3  # the mail's own Message-ID besides
    assert deliveries.find(channel=mail, aliases=[long]) == delivery


def test_what_the_provider_has_was_sent(delivery):
    assert not deliveries.settle_found(delivery=delivery, aliases=["early"])
    deliveries.apply_receipt(delivery=delivery, status="uncertain", detail="The worker stopped.")
    deliveries.note_not_found(delivery=delivery)
    deliveries.note_not_found(delivery=delivery)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason) == (
        "uncertain",
        "The worker stopped. The provider does not list it.",
    )
    assert deliveries.settle_found(delivery=delivery, aliases=["p1"])
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason) == ("sent", "The provider says that it has it.")
    assert deliveries.apply_receipt(delivery=delivery, status="delivered")


def test_another_message_that_says_the_same_settles_nothing(write, mail, member, delivery):
    deliveries.name(delivery, ["p1"])
    again = reply(
        conversation=delivery.entry.conversation, channel=mail, draft=Draft("On it."), member=member
    )
    unknown = Delivery.objects.get(entry=again)
    deliveries.apply_receipt(delivery=unknown, status="uncertain", detail="The worker stopped.")
    assert not deliveries.settle_found(delivery=unknown, aliases=["p1"])
    unknown.refresh_from_db()
    assert (unknown.status, unknown.reason) == (
        "uncertain",
        "The worker stopped. The provider does not list it.",
    )
    assert deliveries.settle_found(delivery=unknown, aliases=["p2"])
