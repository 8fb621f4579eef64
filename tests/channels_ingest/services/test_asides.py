"""What leaves from a side conversation: a mail with a thread of its own, which says nothing of the matter."""

from datetime import timedelta
from typing import Any

import pytest

from channels_ingest.services.accept import MailIntake
from conversations.models import Channel, Conversation, Delivery, Participant
from conversations.services.reply import Draft
from conversations.services.sides import ask_outside
from tenancy import lanes
from tenancy.models import Member
from tests.channels_ingest.adapters.email.mails import mail
from tests.providers.smtp import SmtpServer

pytestmark = pytest.mark.usefixtures("clock", "in_scope")

VERIFIED = "Authentication-Results: mx.acme.example; dmarc=pass header.from=customer.example\n"
HELD = timedelta(seconds=11)
DHL = "claims@dhl.example"


@pytest.fixture
def delivery(clock: Any, outbox: Channel, member: Member) -> Delivery:
    """The first message of a side conversation about a customer's mail, held."""
    MailIntake(outbox).take(mail("It never came.", top=VERIFIED))
    lanes.drain("inbound")
    ask_outside(
        parent=Conversation.objects.get(),
        channel=outbox,
        address=DHL,
        subject="Parcel 00340",
        draft=Draft("Where is it?"),
        member=member,
    )
    return Delivery.objects.get()


def test_it_has_a_thread_of_its_own_and_says_nothing_of_the_matter(
    delivery: Delivery, smtp_server: SmtpServer, clock: Any
):
    clock.shift(HELD)
    lanes.drain("send")
    (sent,) = smtp_server.mails
    assert sent.parsed["Subject"] == "Parcel 00340"
    assert sent.parsed["To"].endswith(f"{DHL}>") or sent.parsed["To"] == DHL
    assert sent.parsed["In-Reply-To"] is None
    assert sent.parsed["References"] is None
    assert "never came" not in sent.parsed.as_string()
    assert "customer.example" not in sent.parsed.as_string()


def test_it_stays_here_when_its_third_party_has_come_to_take_part_meanwhile(
    delivery: Delivery, smtp_server: SmtpServer, clock: Any
):
    parent = Conversation.objects.get(kind="customer")
    Participant.objects.create(
        conversation=parent, contact=delivery.identity.contact, identity=delivery.identity, role="cc"
    )
    clock.shift(HELD)
    lanes.drain("send")
    delivery.refresh_from_db()
    assert (delivery.status, smtp_server.mails) == ("failed", [])
    assert f"takes part in #{parent.number}" in delivery.reason
