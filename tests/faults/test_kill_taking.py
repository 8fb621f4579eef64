"""Processes that are killed while they take in what customers wrote: nothing is lost, nothing is there twice."""

from collections.abc import Callable

import pytest
from django.core.cache import cache

from channels_ingest.models import InboundEvent
from conversations.models import Entry
from tenancy import lanes
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.faults.calls import Call, chat_message, postmark_call, texts_of
from tests.faults.killing import dies, worker_dies
from tests.people import new_workspace

pytestmark = pytest.mark.django_db(transaction=True)

# With the messages of the batch in the timeline and not committed, before the calls' states are kept.
DIES_BEFORE_THE_STATES = """
from channels_ingest.services import process
process._end = die
"""
DIES_BEFORE_THE_COMMIT = "from tenancy import lanes\nlanes.ring = die\n"
DIES_BEFORE_THE_ANSWER = "from tenancy import lanes\nlanes._ring = die\n"


@pytest.fixture
def workspace() -> Workspace:
    cache.clear()
    return new_workspace("acme")


def a_text(workspace: Workspace) -> Call:
    return texts_of(workspace).message()


def states(workspace: Workspace) -> list[str]:
    with scope(workspace.pk):
        return list(InboundEvent.objects.order_by("id").values_list("state", flat=True))


def messages(workspace: Workspace) -> list[str]:
    """The kinds of channel by which what stands in the timeline came."""
    with scope(workspace.pk):
        rows = Entry.objects.filter(kind="message").order_by("channel__kind")
        return list(rows.values_list("channel__kind", flat=True))


def test_a_worker_killed_over_messages_of_each_kind_leaves_them_to_the_next(workspace: Workspace):
    for call in (a_text(workspace), chat_message(workspace), postmark_call(workspace)):
        assert call.post() == 200
    worker_dies(DIES_BEFORE_THE_STATES, "inbound")
    assert (states(workspace), messages(workspace)) == (["pending"] * 3, [])
    assert lanes.sweep() == 1
    lanes.drain("inbound")
    assert (states(workspace), messages(workspace)) == (["done"] * 3, ["chat", "email", "sms"])


@pytest.mark.parametrize(
    ("patch", "stored"), [(DIES_BEFORE_THE_COMMIT, 0), (DIES_BEFORE_THE_ANSWER, 1)], ids=["commit", "answer"]
)
@pytest.mark.parametrize("bring", [a_text, chat_message])
def test_a_web_server_killed_before_its_answer_is_called_again_and_has_it_once(
    workspace: Workspace, bring: Callable[[Workspace], Call], patch: str, stored: int
):
    call = bring(workspace)
    dies(patch + call.code)
    assert len(states(workspace)) == stored
    assert b"error" not in call.answer().content
    lanes.drain("inbound")
    assert states(workspace) == ["done"]
    assert len(messages(workspace)) == 1
