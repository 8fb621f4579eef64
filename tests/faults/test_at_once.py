"""The same thing many times at the same moment is one thing."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

import pytest
from django.core.cache import cache
from django.db import connection

from channels_ingest.models import ChatSession, InboundEvent
from conversations.models import Channel, Entry
from conversations.services.reply import Draft, WroteMeanwhile, reply
from tenancy import lanes
from tenancy.models import Member, Role, Workspace
from tenancy.scope import scope
from tests.faults.calls import Call, chat_message, texts_of
from tests.people import member_of, new_workspace

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = 20
Result = TypeVar("Result")


@pytest.fixture
def workspace() -> Workspace:
    cache.clear()
    return new_workspace("acme")


def at_once(acts: Sequence[Callable[[], Result]]) -> list[Result]:
    """What comes of acts which all begin at the same moment."""
    ready = Barrier(len(acts))

    def begin(act: Callable[[], Result]) -> Result:
        try:
            ready.wait(30)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def a_text(workspace: Workspace) -> Call:
    return texts_of(workspace).message()


@pytest.mark.parametrize("bring", [a_text, chat_message])
def test_a_message_that_comes_twenty_times_at_once_is_one(
    workspace: Workspace, bring: Callable[[Workspace], Call]
):
    assert at_once([bring(workspace).post] * CALLS) == [200] * CALLS
    with scope(workspace.pk):
        assert InboundEvent.objects.count() == 1
    lanes.drain("inbound")
    with scope(workspace.pk):
        assert Entry.objects.filter(kind="message").count() == 1
        assert ChatSession.objects.count() <= 1


def answered(channel: Channel, member: Member, seen: Entry) -> bool:
    """Whether a member's answer by a channel was taken; not, where somebody else was faster."""
    assert seen.conversation is not None
    with scope(channel.workspace_id):
        draft = Draft(f"It comes, says {member}.")
        try:
            reply(
                conversation=seen.conversation,
                channel=channel,
                draft=draft,
                member=member,
                seen_entry_id=seen.pk,
            )
        except WroteMeanwhile:
            return False
    return True


def test_of_two_who_answer_at_once_by_different_channels_one_is_shown_the_others(workspace: Workspace):
    one, other = texts_of(workspace), texts_of(workspace)
    assert one.message().post() == 200
    lanes.drain("inbound")
    with scope(workspace.pk):
        seen = Entry.objects.select_related("conversation").get(kind="message")
        members = [member_of(workspace, Role.AGENT), member_of(workspace, Role.ADMIN)]
    channels = (one.channel, other.channel)
    acts = [partial(answered, channel, who, seen) for channel, who in zip(channels, members, strict=True)]
    assert sorted(at_once(acts)) == [False, True]
