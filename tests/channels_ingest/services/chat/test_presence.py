"""Who is here, as agents see it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from channels_ingest.services.chat import presence
from channels_ingest.services.chat.presence import presence_of
from contacts.models import Identity
from conversations.models import Channel, Conversation
from conversations.services.channels import create_channel
from tenancy import lanes
from tests.channels_ingest.chat import Chat, Visitor, rosa, signed_email

pytestmark = pytest.mark.usefixtures("in_scope")
EMAIL = "rosa@x.example"


@pytest.fixture
def visitor(chat: Chat) -> Visitor:
    visitor = Visitor(chat, rosa(email=EMAIL, email_hash=signed_email(EMAIL)))
    visitor.say("Hello")
    lanes.drain("inbound")
    return visitor


@pytest.fixture
def asked(visitor: Visitor) -> Conversation:
    return Conversation.objects.get()


@pytest.fixture
def pushed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The topics that agents are told of."""
    topics: list[str] = []
    monkeypatch.setattr(presence, "push", lambda _workspace, topic, ids=(): topics.append(topic))
    return iter([topics])


def test_who_is_here_is_seen_with_their_page(visitor: Visitor, asked: Conversation):
    here = presence_of(asked)
    assert here is not None
    assert (here.is_here, here.is_typing, here.name) == (True, False, "Rosa Diaz")
    assert (here.page, here.title) == ("https://shop.example/linen", "Linen throw")


def test_who_has_left_was_last_here(visitor: Visitor, asked: Conversation):
    cache.clear()
    gone = presence_of(asked)
    assert gone is not None
    assert (gone.is_here, gone.is_typing, gone.title) == (False, False, "")
    assert (gone.page, gone.seen_at) == ("https://shop.example/linen", visitor.session().seen_at)


def test_typing_is_seen_until_it_ends(visitor: Visitor, asked: Conversation):
    for is_typing in (True, False):
        visitor.send({"type": "typing", "is": is_typing})
        here = presence_of(asked)
        assert here is not None
        assert here.is_typing is is_typing


def test_agents_are_told_of_changes_alone(visitor: Visitor, asked: Conversation, pushed: Any):
    topics = next(pushed)
    visitor.poll()
    assert topics == []
    visitor.poll(page={"url": "https://shop.example/cart", "title": "Cart"})
    visitor.send({"type": "typing", "is": True}, page={"url": "https://shop.example/cart", "title": "Cart"})
    assert topics == [f"presence:{asked.pk}"] * 2


def test_a_conversation_that_was_never_a_chat_has_nobody_present(asked: Conversation):
    asked.entries.filter(kind="message").update(channel=None)
    assert presence_of(asked) is None


def test_the_hint_says_how_an_answer_would_reach_them(chat: Chat, visitor: Visitor, asked: Conversation):
    identity = Identity.objects.get(kind="chat")
    assert presence.hint(chat.channel, identity) == "is here"
    cache.clear()
    assert presence.hint(chat.channel, identity) == "has left; your answer waits"
    config = {"address": "support@acme.example", "smtp_host": "127.0.0.1"}
    create_channel(kind="email", name="Support", config=config, secrets={})
    assert presence.hint(chat.channel, identity) == f"has left; your answer goes by e-mail to {EMAIL}"


def test_without_redis_nobody_is_here_and_the_chat_goes_on(
    visitor: Visitor, asked: Conversation, settings: Any
):
    redis = settings.CACHES["default"]
    settings.CACHES = {"default": redis | {"LOCATION": "unix:///nowhere/redis.sock"}}
    assert visitor.say("Still there?")["type"] == "stored"
    here = presence_of(asked)
    assert here is not None
    assert here.is_here is False
    assert Channel.objects.count() == 1
