"""A worker that is killed in the middle of an act on many conversations: each of them is changed once."""

import pytest
from django.core.cache import cache

from conversations.models import BulkItem, Conversation, Entry
from conversations.services import counts
from conversations.services.bulk import acting
from tenancy import lanes
from tenancy.models import Role, Workspace
from tenancy.scope import scope
from tests.faults.killing import worker_dies
from tests.people import member_of, new_workspace
from tests.programs import letter

pytestmark = pytest.mark.django_db(transaction=True)

# The first batch commits; of the second all is done and nothing committed.
DIES_OVER_THE_SECOND_BATCH = """
from conversations.services.bulk import acting
from dataclasses import replace
from tenancy import lanes
seen = []
def work(items):
    outcomes = acting.work_on(items)
    seen.append(items)
    return outcomes if len(seen) == 1 else die()
lanes.register(replace(acting.lane, batch=2, work=work))
"""


@pytest.fixture
def workspace() -> Workspace:
    cache.clear()
    return new_workspace("acme")


def test_a_killed_worker_leaves_the_rest_to_the_next(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(acting, "AT_ONCE", 1)
    for number in range(5):
        letter(workspace, f"Letter {number}", subject=f"Matter {number}")
    member = member_of(workspace, Role.AGENT)
    with scope(workspace.pk):
        ids = list(Conversation.objects.values_list("pk", flat=True))
        acting.begin(noun="resolution", conversations=ids, member=member)
    worker_dies(DIES_OVER_THE_SECOND_BATCH, "bulk")
    with scope(workspace.pk):
        assert sorted(BulkItem.objects.values_list("state", flat=True)) == ["done"] * 2 + ["pending"] * 3
    lanes.drain("bulk")
    with scope(workspace.pk):
        assert set(BulkItem.objects.values_list("state", flat=True)) == {"done"}
        assert set(Conversation.objects.values_list("status", flat=True)) == {"resolved"}
        assert Entry.objects.filter(event="resolved").count() == 5
        assert counts.differences() == {}
