"""A mail channel, and customers who write to it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from contacts.types import Address, AddressKind, Proof
from conversations.models import Channel
from conversations.services.arrivals import Received
from conversations.services.receive import receive
from conversations.types import InboundMessage
from tenancy.models import Brand

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    """A Monday morning that moves only when a test says so."""
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def mail(in_scope: Any) -> Channel:
    return Channel.objects.create(
        kind="email",
        name="Support",
        brand=Brand.objects.get(),
        address="support@acme.example",
        started_at=NOW.replace(year=2025),
    )


@pytest.fixture
def sms(in_scope: Any) -> Channel:
    return Channel.objects.create(
        kind="sms",
        name="Text",
        brand=Brand.objects.get(),
        address="+12065550100",
        started_at=NOW.replace(year=2025),
    )


def person(value: str = "ana@cust.example", *, verified: bool = True, name: str = "") -> Address:
    kind = AddressKind.EMAIL if "@" in value else AddressKind.SMS
    return Address(kind=kind, value=value, name=name, proof=Proof.ATTESTED if verified else Proof.CLAIMED)


@pytest.fixture
def write(mail: Channel) -> Callable[..., Received]:
    """`write("m1", text=…, sender=…)`: a mail arrives now and is received."""

    def written(
        external_id: str, *, channel: Channel = mail, sender: Address | None = None, **fields: Any
    ) -> Received:
        usual: dict[str, Any] = {
            "subject": "Help",
            "text": "It broke.",
            "starts_thread": channel.kind == "email",
        }
        message = InboundMessage(external_id=external_id, sender=sender or person(), **usual | fields)
        return receive(channel=channel, message=message, received_at=datetime.now(tz=UTC))

    return written
