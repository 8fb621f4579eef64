"""The fragment that says who is there, and the word that somebody types."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from conversations.models import Conversation
from conversations.services.channels import create_channel
from tenancy import lanes
from tenancy.models import Role, Workspace
from tests.channels_ingest.chat import Chat, Visitor
from tests.people import browser_of, member_of

pytestmark = pytest.mark.usefixtures("in_scope")


@pytest.fixture
def agent(workspace: Workspace) -> Client:
    return browser_of(member_of(workspace, Role.AGENT))


@pytest.fixture
def visitor(chat: Chat) -> Visitor:
    visitor = Visitor(chat)
    visitor.say("Hello", name="Rosa")
    lanes.drain("inbound")
    return visitor


def presence(agent: Client) -> str:
    """What the fragment says."""
    number = Conversation.objects.get().number
    return agent.get(f"/w/acme/inbox/{number}/presence/").content.decode()


def types(agent: Client, **said: str) -> int:
    number = Conversation.objects.get().number
    return agent.post(f"/w/acme/inbox/{number}/typing/", said).status_code


def test_a_visitor_is_here_looking_at_a_page(visitor: Visitor, agent: Client):
    shown = presence(agent)
    assert "Rosa is here, looking at" in shown
    assert '<a href="https://shop.example/linen" target="_blank" rel="noopener noreferrer nofollow"' in shown
    assert f'data-live="presence:{Conversation.objects.get().pk}"' in shown


def test_a_visitor_types(visitor: Visitor, agent: Client):
    visitor.send({"type": "typing", "is": True})
    assert "Rosa is typing…" in presence(agent)


def test_a_visitor_has_left(visitor: Visitor, agent: Client):
    cache.clear()
    with time_machine.travel(timezone.now() + timedelta(minutes=3, seconds=5), tick=False):
        assert "Rosa left 3 min ago" in presence(browser_of(member_of(visitor.chat.workspace, Role.AGENT)))


def test_a_title_is_no_markup(visitor: Visitor, agent: Client):
    visitor.poll(page={"url": 'https://shop.example/?a="><script>', "title": "<script>alert(1)</script>"})
    shown = presence(agent)
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_where_nobody_chats_the_fragment_is_empty(workspace: Workspace, agent: Client):
    channel, _ = create_channel(
        kind="email", name="Support", config={"address": "a@acme.example"}, secrets={}
    )
    assert channel
    conversation = Conversation.objects.create(number=1, brand=channel.brand)
    shown = agent.get(f"/w/acme/inbox/{conversation.number}/presence/").content.decode()
    assert "<p" not in shown
    assert "every" not in shown


def test_a_visitor_sees_that_an_agent_types(visitor: Visitor, agent: Client):
    assert types(agent, **{"is": "true"}) == 204
    assert [frame for frame in visitor.send() if frame["type"] == "typing"] == [
        {"type": "typing", "name": "Aki Agent", "is": True}
    ]
    assert types(agent, **{"is": "false"}) == 204
    assert [frame["is"] for frame in visitor.send() if frame["type"] == "typing"] == [False]


def test_typing_is_posted(visitor: Visitor, agent: Client):
    number = Conversation.objects.get().number
    assert agent.get(f"/w/acme/inbox/{number}/typing/").status_code == 405
