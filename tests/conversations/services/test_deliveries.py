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
