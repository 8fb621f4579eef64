"""The same thing many times at the same moment is one thing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import connection

from channels_ingest.models import ChatSession, InboundEvent
from conversations.models import Entry
from tenancy import lanes
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.faults.calls import Call, chat_message, texts_of
from tests.people import new_workspace

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = 20


@pytest.fixture
def workspace() -> Workspace:
    cache.clear()
    return new_workspace("acme")


def at_once(calls: list[Call]) -> list[int]:
    """The statuses that calls get which all begin at the same moment."""
    ready = Barrier(len(calls))

    def post(call: Call) -> int:
        try:
            ready.wait(30)
            return call.post()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(post, calls))


def a_text(workspace: Workspace) -> Call:
    return texts_of(workspace).message()


@pytest.mark.parametrize("bring", [a_text, chat_message])
def test_a_message_that_comes_twenty_times_at_once_is_one(
    workspace: Workspace, bring: Callable[[Workspace], Call]
):
    assert at_once([bring(workspace)] * CALLS) == [200] * CALLS
    with scope(workspace.pk):
        assert InboundEvent.objects.count() == 1
    lanes.drain("inbound")
    with scope(workspace.pk):
        assert Entry.objects.filter(kind="message").count() == 1
        assert ChatSession.objects.count() <= 1
