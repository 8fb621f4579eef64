"""20 deliveries at once, on 20 connections: one entry each, one person, and nothing lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import IntegrityError, connection

from contacts.models import Contact, Identity
from contacts.types import AddressKind
from conversations.models import Channel, Conversation, Entry, TimelineRef
from conversations.services import counts
from conversations.services.arrivals import Received
from conversations.services.receive import receive
from conversations.types import InboundMessage
from tenancy.models import Brand, Workspace
from tenancy.scope import scope
from tests.people import new_workspace
from tests.scenarios.story import address, mailbox

TWENTY = 20
TRIES = 10

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def busy() -> Workspace:
    """A committed workspace with a mailbox and a number."""
    workspace = new_workspace("acme")
    with scope(workspace.pk):
        for kind in ("email", "sms"):
            Channel.objects.create(kind=kind, name=kind, brand=Brand.objects.get(), address=kind)
    return workspace


def at_once(workspace: Workspace, message: Callable[[int], tuple[str, InboundMessage]]) -> list[Received]:
    """Deliver twenty messages at the same moment, each on a connection of its own; as in the lane, one that
    meets itself is tried again."""
    ready = Barrier(TWENTY)

    def deliver(number: int) -> Received:
        kind, arriving = message(number)
        ready.wait()
        try:
            for _ in range(TRIES):
                try:
                    with scope(workspace.pk):
                        return receive(
                            channel=Channel.objects.get(kind=kind),
                            message=arriving,
                            received_at=datetime.now(tz=UTC),
                        )
                except IntegrityError:
                    continue
            raise AssertionError("it was never received")
        finally:
            connection.close()

    with ThreadPoolExecutor(TWENTY) as pool:
        return list(pool.map(deliver, range(TWENTY)))


def test_the_same_mail_twenty_times_is_there_once(busy: Workspace) -> None:
    def same(number: int) -> tuple[str, InboundMessage]:
        return "email", InboundMessage(external_id="one@cust.example", sender=mailbox("ana@cust.example"))

    got = at_once(busy, same)
    with scope(busy.pk):
        assert len({one.entry.pk for one in got}) == 1
        assert sum(one.is_duplicate for one in got) == TWENTY - 1
        assert (Conversation.objects.count(), Contact.objects.count()) == (1, 1)
        assert (Entry.objects.count(), TimelineRef.objects.count()) == (1, 1)
        assert counts.differences() == {}


def test_twenty_messages_of_a_new_person_make_one_contact(busy: Workspace) -> None:
    sender = address(AddressKind.SMS, "+4915550001")

    def different(number: int) -> tuple[str, InboundMessage]:
        return "sms", InboundMessage(external_id=f"SM{number}", sender=sender)

    at_once(busy, different)
    with scope(busy.pk):
        assert (Contact.objects.count(), Identity.objects.count()) == (1, 1)
        assert (Entry.objects.count(), TimelineRef.objects.count()) == (TWENTY, TWENTY)
        assert Conversation.objects.count() == 1
        assert counts.differences() == {}


def test_twenty_strangers_get_twenty_numbers(busy: Workspace) -> None:
    def strangers(number: int) -> tuple[str, InboundMessage]:
        sender = mailbox(f"person{number}@cust.example")
        return "email", InboundMessage(
            external_id=f"{number}@cust.example", sender=sender, starts_thread=True
        )

    at_once(busy, strangers)
    with scope(busy.pk):
        assert (Conversation.objects.count(), Contact.objects.count()) == (TWENTY, TWENTY)
        assert len(set(Conversation.objects.values_list("number", flat=True))) == TWENTY
        assert counts.totals()["open"] == TWENTY
        assert counts.differences() == {}


def test_twenty_answers_to_one_thread_stand_in_it(busy: Workspace) -> None:
    ana = mailbox("ana@cust.example")
    with scope(busy.pk):
        root = InboundMessage(external_id="root", sender=ana, starts_thread=True)
        receive(channel=Channel.objects.get(kind="email"), message=root, received_at=datetime.now(tz=UTC))

    def answers(number: int) -> tuple[str, InboundMessage]:
        return "email", InboundMessage(external_id=f"{number}", sender=ana, thread_keys=("root",))

    got = at_once(busy, answers)
    with scope(busy.pk):
        assert {one.rule for one in got} == {"thread"}
        assert (Conversation.objects.count(), Entry.objects.count()) == (1, TWENTY + 1)
        assert counts.differences() == {}
