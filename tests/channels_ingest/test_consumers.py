"""The widget's socket, over a real Redis."""

import asyncio
import json
import uuid
from contextlib import suppress
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as RedisError

from channels_ingest import consumers
from channels_ingest.consumers import Garbled, read
from channels_ingest.models import InboundEvent
from channels_ingest.services.chat import presence
from channels_ingest.services.chat.door import Line
from channels_ingest.services.chat.frames import LARGEST
from conversations.models import Channel, Conversation, Delivery, Entry
from conversations.services.channels import archive_channel
from tenancy import live
from tenancy.consumers import MAKES_NO_SENSE, START_AGAIN
from tenancy.models import Member
from tenancy.scope import scope
from tests.channels_ingest.chat import Chat, Visitor, connected, rosa, said, socket_to, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def tidy():
    """Asynchronous code reaches the database from a thread of its own, which keeps its connection."""
    yield
    await sync_to_async(connections.close_all)()


def answer(chat: Chat, text: str, member: Member) -> int:
    with scope(chat.workspace.pk):
        conversation = Conversation.objects.get()
        return chat.answer(conversation, text, member).pk


def status(chat: Chat) -> str:
    with scope(chat.workspace.pk):
        return Delivery.objects.get().status


async def test_a_message_goes_and_its_answer_comes(chat: Chat, member: Member):
    socket, ready = await connected(chat)
    assert (ready["messages"], ready["older"], ready["answers"]) == ([], False, {"by": "none"})
    frame = said("Is it washable?")
    assert await socket.ask(**frame) == {"type": "stored", "id": frame["id"]}
    await work("inbound")
    told: Any = await socket.hear()
    assert [message["client_id"] for message in told["messages"]] == [frame["id"]]
    pk = await sync_to_async(answer)(chat, "At 30 degrees.", member)
    told = await socket.hear()
    assert [(message["id"], message["from"]) for message in told["messages"]] == [(pk, "Aki Agent")]
    assert await sync_to_async(status)(chat) == "sent"
    await socket.say(type="seen", delivered=pk, read=pk)
    assert await socket.ask(type="ping") == {"type": "pong", "is_here": False}
    assert await sync_to_async(status)(chat) == "read"
    await socket.close()


async def test_both_tabs_of_a_visitor_hear_everything_and_another_visitor_nothing(chat: Chat, member: Member):
    one, ready = await connected(chat)
    two, _ = await connected(chat, session=ready["session"])
    other, _ = await connected(chat)
    await one.ask(**said("Hello"))
    await work("inbound")
    assert await one.hear() == await two.hear()
    await sync_to_async(answer)(chat, "Hi", member)
    assert await one.hear() == await two.hear()
    assert await other.hears_nothing()
    for socket in (one, two, other):
        await socket.close()


async def test_who_comes_back_is_told_what_came_meanwhile(chat: Chat, member: Member):
    socket, ready = await connected(chat)
    await socket.ask(**said("Hello"))
    await work("inbound")
    told: Any = await socket.hear()
    last = told["messages"][-1]["id"]
    await socket.close()
    pk = await sync_to_async(answer)(chat, "Hi", member)
    socket, again = await connected(chat, session=ready["session"], after=last)
    assert [message["id"] for message in again["messages"]] == [pk]
    await socket.close()


async def test_what_comes_between_listening_and_reading_is_not_missed(
    chat: Chat, member: Member, monkeypatch: pytest.MonkeyPatch
):
    socket, ready = await connected(chat)
    await socket.ask(**said("Hello"))
    await work("inbound")
    await socket.hear()
    await socket.close()
    read = consumers._ready

    async def late(line: Line) -> Any:
        found = await read(line)
        await sync_to_async(answer)(chat, "Just now", member)
        return found

    monkeypatch.setattr(consumers, "_ready", late)
    socket, again = await connected(chat, session=ready["session"])
    assert [message["text"] for message in again["messages"]] == ["Hello"]
    told: Any = await socket.hear()
    assert [message["text"] for message in told["messages"]] == ["Just now"]
    await socket.close()


async def test_a_socket_that_has_not_noticed_a_sign_in_speaks_for_nobody(chat: Chat):
    socket, ready = await connected(chat)
    await socket.ask(**said("As a stranger"))
    other, _ = await connected(chat, session=ready["session"], user=rosa())
    frame = said("Still here")
    told: Any = await socket.ask(**frame)
    assert (told["code"], told["id"]) == ("no_session", frame["id"])
    assert await other.ask(**frame) == {"type": "stored", "id": frame["id"]}
    for each in (socket, other):
        await each.close()


async def test_the_same_message_by_socket_and_by_post_at_once_is_one(chat: Chat):
    socket, ready = await connected(chat)
    frame = said("Hello")
    visitor = Visitor(chat, secret=ready["session"])
    told = await asyncio.gather(
        socket.ask(**frame),
        *(asyncio.to_thread(_say, visitor, frame) for _ in range(3)),
    )
    assert told == [{"type": "stored", "id": frame["id"]}] * 4
    await work("inbound")

    def count() -> tuple[int, int]:
        with scope(chat.workspace.pk):
            return InboundEvent.objects.count(), Entry.objects.filter(kind="message").count()

    assert await sync_to_async(count)() == (1, 1)
    await socket.close()


def _say(visitor: Visitor, frame: dict[str, object]) -> dict[str, object]:
    try:
        return visitor.send(frame)[-1]
    finally:
        connections.close_all()


async def test_the_visitor_sees_that_an_agent_types(chat: Chat, member: Member):
    socket, _ = await connected(chat)
    await socket.ask(**said("Hello"))
    await work("inbound")
    await socket.hear()

    def types(is_typing: bool) -> None:
        with scope(chat.workspace.pk):
            conversation = Conversation.objects.get()
            presence.agent_types(conversation=conversation, member=member, is_typing=is_typing)

    for is_typing in (True, False):
        await sync_to_async(types)(is_typing)
        assert await socket.hear() == {"type": "team", "is_here": False}
        assert await socket.hear() == {"type": "typing", "name": "Aki Agent", "is": is_typing}
    await socket.close()


async def test_the_visitor_sees_that_somebody_has_the_chat_on_screen(chat: Chat):
    socket, ready = await connected(chat)
    assert ready["is_here"] is False
    await socket.ask(**said("Hello"))
    await work("inbound")
    await socket.hear()

    def attends() -> None:
        with scope(chat.workspace.pk):
            presence.agent_attends(Conversation.objects.get())

    await sync_to_async(attends)()
    assert await socket.hear() == {"type": "team", "is_here": True}
    await sync_to_async(attends)()
    assert await socket.hears_nothing()
    assert await socket.ask(type="ping") == {"type": "pong", "is_here": True}
    await socket.close()


async def refused(chat: Chat, **door: str) -> object:
    """The code that a socket is closed with."""
    socket = socket_to(chat, **door)
    assert await socket.connect()
    return await socket.hear()


async def test_other_sites_unknown_tokens_and_archived_chats_are_closed_with_a_code(workspace):
    chat = await sync_to_async(Chat)(workspace, origin="https://shop.example, https://Blog.example/")
    for origin in ("https://shop.example", "https://blog.example"):
        socket = socket_to(chat, origin=origin)
        assert await socket.connect()
        ready: Any = await socket.ask(type="hello", session="")
        assert ready["type"] == "ready"
        await socket.close()
    for origin in ("https://evil.example", "https://shop.example.evil.example", "null", ""):
        assert await refused(chat, origin=origin) == 4403
    assert await refused(chat, token="unknown") == 4404
    socket, _ = await connected(chat)

    def archive() -> None:
        with scope(workspace.pk):
            archive_channel(channel=chat.channel, member=None)

    await sync_to_async(archive)()
    assert await refused(chat) == 4410
    assert await socket.ask(type="ping") == 4410


async def test_a_chat_that_is_switched_off_says_when_to_try_again(chat: Chat):
    socket, _ = await connected(chat)

    def switch_off() -> None:
        with scope(chat.workspace.pk):
            Channel.objects.update(is_enabled=False)

    await sync_to_async(switch_off)()
    id = str(uuid.uuid4())
    told: Any = await socket.ask(**said("Hello", id))
    assert (told["code"], told["retry_after"], told["id"]) == ("unavailable", 60, id)
    await socket.close()


async def test_a_token_of_another_kind_of_channel_opens_no_chat(chat: Chat, door):
    assert await refused(chat, token=door.token) == 4404


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "[" * 10_000, '{"type": "ping", "x": "' + "é" * LARGEST]
)
async def test_garbage_closes_the_socket(chat: Chat, text: str):
    socket, _ = await connected(chat)
    await socket.say_text(text)
    assert await socket.hear() == MAKES_NO_SENSE


async def test_files_come_by_post_alone(chat: Chat):
    socket, _ = await connected(chat)
    told: Any = await socket.ask(**said("See", files=[]))
    assert (told["code"], told["detail"]) == ("bad_frame", "Files are sent by POST.")
    await socket.close()


async def test_a_socket_that_missed_what_was_pushed_starts_again(chat: Chat):
    socket, _ = await connected(chat)
    await sync_to_async(live.pulse)()
    assert await socket.ask(type="ping") == {"type": "pong", "is_here": False}
    await sync_to_async(live._publish)({live.PULSE: {"type": "pulse", "run": "another"}})
    assert await socket.hear() == START_AGAIN


async def test_without_redis_no_socket_opens(chat: Chat, settings):
    unreachable = {"hosts": ["unix:///nowhere/redis.sock"], "prefix": "x"}
    layer = django_settings.CHANNEL_LAYERS["default"] | {"CONFIG": unreachable}
    settings.CHANNEL_LAYERS = {"default": layer}
    with pytest.raises(RedisError):
        await socket_to(chat).connect()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text() | JSON.map(json.dumps))
def test_any_text_is_a_frame_or_garbage(text: str):
    with suppress(Garbled):
        assert isinstance(read(text), dict)
