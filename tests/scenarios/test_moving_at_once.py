"""Agents who move the same things at the same moment, while the customer goes on writing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection

from conversations.models import Channel, Conversation, Entry
from conversations.services import counts, moves
from conversations.services.arrivals import Received
from conversations.services.moves import CannotMove
from conversations.services.receive import receive
from conversations.services.retelling import retold
from conversations.types import InboundMessage
from tenancy.models import Brand, Member, Workspace
from tenancy.scope import scope
from tests.people import new_workspace
from tests.scenarios.story import mailbox

pytestmark = pytest.mark.django_db(transaction=True)

EACH = 3  # agents who split, who move, and mails that come


def test_one_of_them_wins_and_nothing_is_lost() -> None:
    workspace = new_workspace("acme")
    with scope(workspace.pk):
        Channel.objects.create(kind="email", name="email", brand=Brand.objects.get(), address="email")
        first, other = written("m1"), written("m0", sender="ben@cust.example")
        second = written("m2", answers="m1")
    source, target, entry = first.conversation, other.conversation, second.entry
    assert source is not None
    assert target is not None

    def split(member: Member) -> int:
        return moves.split(entry=entry, source=source, member=member).target.pk

    def move(member: Member) -> int:
        return moves.move(wanted=[entry], source=source, to=target, member=member).target.pk

    def arrive(number: int) -> None:
        written(f"later-{number}", answers="m2")

    deeds: list[Callable[[], int | None]] = []
    for number in range(EACH):
        deeds += [
            lambda: split(Member.objects.earliest("pk")),
            lambda: move(Member.objects.latest("pk")),
            lambda number=number: arrive(number),  # type: ignore[misc]
        ]
    brought = [pk for pk in at_once(workspace, deeds) if pk is not None]
    with scope(workspace.pk):
        assert {Entry.objects.get(pk=entry.pk).conversation_id} == set(brought)
        assert len(brought) == EACH
        assert Entry.objects.filter(kind="message").count() == 3 + EACH
        assert counts.differences() == {}
        for conversation in Conversation.objects.all():
            true = retold(conversation)
            assert {name: getattr(conversation, name) for name in true} == true


def written(external_id: str, *, sender: str = "ana@cust.example", answers: str = "") -> Received:
    """A mail that is received now."""
    message = InboundMessage(
        external_id=external_id,
        sender=mailbox(sender),
        thread_keys=(answers,) if answers else (),
        starts_thread=not answers,
    )
    channel = Channel.objects.get()
    return receive(channel=channel, message=message, received_at=datetime.now(tz=UTC))


def at_once(workspace: Workspace, deeds: list[Callable[[], int | None]]) -> list[int | None]:
    """Do all of it at the same moment, each on a connection of its own; what is refused comes to nothing."""
    ready = Barrier(len(deeds))

    def do(deed: Callable[[], int | None]) -> int | None:
        ready.wait()
        try:
            with scope(workspace.pk):
                return deed()
        except CannotMove:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))
