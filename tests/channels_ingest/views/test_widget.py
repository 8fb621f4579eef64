"""The widget over HTTP: its script, frames by POST from other sites, and the files of a chat."""

import json
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_ingest.adapters.chat import COLOR
from channels_ingest.models import ChatSession, InboundEvent
from channels_ingest.services import accept
from channels_ingest.services.chat import rates, sessions
from conversations.models import Channel, Conversation
from conversations.services.channels import archive_channel
from conversations.services.files import store
from conversations.services.reply import Draft, reply
from conversations.types import IncomingFile
from tenancy import lanes
from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tenancy.services import locators
from tests.channels_ingest.chat import SHOP, Chat, Visitor, said
from tests.channels_ingest.conftest import Door

pytestmark = pytest.mark.usefixtures("in_scope")

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def script(chat: Chat, **headers: str) -> Any:
    return Client().get(f"/widget/{chat.token}.js", headers=headers)


def config(content: bytes) -> dict[str, Any]:
    line = next(line for line in content.decode().splitlines() if line.startswith("const CONFIG = "))
    found: dict[str, Any] = json.loads(line.removeprefix("const CONFIG = ").removesuffix(";"))
    return found


def test_the_script_knows_its_chat(workspace: Workspace):
    chat = Chat(workspace, color="#AA0000", greeting="Hi there", form="required")
    response = script(chat)
    assert (response.status_code, response["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert response["Cache-Control"] == "public, max-age=300"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    base = django_settings.PUBLIC_URL
    assert config(response.content) == {
        "token": chat.token,
        "base": base,
        "socket": f"ws://{base.partition('://')[2]}/ws/widget/{chat.token}/",
        "name": "Acme",
        "color": "#AA0000",
        "form": "required",
        "greeting": "Hi there",
        "limits": {"text": 8000, "files": 10485760, "most_files": 10},
    }
    assert script(chat, **{"If-None-Match": response["ETag"]}).status_code == 304


def test_a_colour_that_is_none_does_no_harm(workspace: Workspace):
    assert config(script(Chat(workspace, color="red;}")).content)["color"] == COLOR


def test_a_script_is_404_for_an_unknown_and_410_for_an_archived_chat(chat: Chat, door: Door):
    assert Client().get("/widget/unknown.js").status_code == 404
    assert Client().get(f"/widget/{door.token}.js").status_code == 404
    archive_channel(channel=chat.channel, member=None)
    assert script(chat).status_code == 410
    assert chat.post().status_code == 410


def test_the_script_sets_no_cookie_and_reads_none(chat: Chat):
    for response in (script(chat), chat.post({"type": "hello", "session": ""})):
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")


def test_a_site_may_ask_and_is_answered(chat: Chat):
    response = chat.post({"type": "hello", "session": ""})
    assert response["Access-Control-Allow-Origin"] == SHOP
    assert "Origin" in response["Vary"]
    assert "Access-Control-Allow-Credentials" not in response
    preflight = Client().options(chat.path, headers={"Origin": SHOP})
    assert (preflight.status_code, preflight["Access-Control-Allow-Origin"]) == (204, SHOP)
    assert preflight["Access-Control-Allow-Headers"] == "Content-Type"


@pytest.mark.parametrize("origin", ["https://evil.example", "https://shop.example:444", "null", ""])
def test_a_site_that_is_not_named_may_not(workspace: Workspace, origin: str):
    chat = Chat(workspace, origin=f"{SHOP}, https://blog.example")
    assert chat.post(origin=SHOP).status_code == 200
    for response in (
        chat.post({"type": "hello"}, origin=origin),
        Client().options(chat.path, headers={"Origin": origin} if origin else {}),
    ):
        assert response.status_code == 403
        assert "Access-Control-Allow-Origin" not in response


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b" ", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"frames": 7}', "application/json", 400),
        (b"\xff\xfe\x00", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (json.dumps({"frames": [{}] * 21}).encode(), "application/json", 400),
        (b"frames=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b" " * (14 * 1024 * 1024 + 1), "application/json", 413),
        (b'{"frames": [], "x": [' + b"{}," * 200_000 + b"{}]}", "application/json", 413),
    ],
)
def test_a_body_that_holds_no_frames_is_refused_in_words(
    chat: Chat, body: bytes, content_type: str, status: int
):
    response = Client().post(chat.path, body, content_type, headers={"Origin": SHOP})
    assert response.status_code == status
    (error,) = response.json()["frames"]
    assert (error["type"], error["code"]) == ("error", "too_large" if status == 413 else "bad_frame")
    assert error["detail"]
    assert response["Access-Control-Allow-Origin"] == SHOP


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["\ud800", "\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["hello", "say", "introduce", "seen", "typing", "more", "ping", "dance"])
IDS = st.just(ID)
FRAMES = st.fixed_dictionaries(
    {"type": TYPES},
    optional={
        "id": IDS | ANY,
        "text": st.text() | ANY,
        "session": ANY,
        "delivered": st.integers() | ANY,
        "read": st.integers() | ANY,
        "before": st.integers() | ANY,
        "after": st.integers() | ANY,
        "is": ANY,
        "name": st.text() | ANY,
        "email": ANY,
        "user": ANY,
        "page": ANY,
        "language": st.text() | ANY,
    },
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=st.lists(FRAMES | ANY, max_size=4))
def test_whatever_frames_are_posted_are_answered(chat: Chat, monkeypatch: Any, frames: list[object]):
    monkeypatch.setattr(rates, "spend", lambda *_, **__: None)
    response = chat.post({"type": "hello", "session": ""}, *frames)
    assert response.status_code == 200
    codes = {frame["code"] for frame in response.json()["frames"] if frame["type"] == "error"}
    assert codes <= {"bad_frame", "too_long", "too_large", "unsigned"}


def test_what_was_said_by_fuzzing_ends_well(chat: Chat):
    visitor = Visitor(chat)
    for text in ("\u202e", "<img src=x onerror=alert(1)>", "a\u0000b".replace("\0", ""), "🧵" * 4_000):
        assert visitor.say(text)["type"] == "stored"
    lanes.drain("inbound")
    assert set(InboundEvent.objects.values_list("state", flat=True)) == {"done"}
    assert len(visitor.texts()) == 4


def picture_of(chat: Chat, visitor: Visitor, content: bytes = PNG, name: str = "x.png") -> str:
    """The address of a file that the visitor has sent."""
    visitor.say("", files=[{"name": name, "type": "image/png", "data": b64encode(content).decode()}])
    lanes.drain("inbound")
    (file,) = visitor.poll()["messages"][-1]["files"]
    assert (file["name"], file["size"]) == (name, len(content))
    return str(file["url"]).removeprefix(django_settings.PUBLIC_URL)


def fetch(path: str) -> tuple[int, Any, bytes]:
    """The status, the headers and the content of a file."""
    response: Any = Client().get(path)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, response.headers, content


def test_a_picture_is_shown_and_anything_else_is_downloaded(chat: Chat):
    visitor = Visitor(chat)
    status, headers, content = fetch(picture_of(chat, visitor))
    assert (status, headers["Content-Type"], content) == (200, "image/png", PNG)
    assert headers["Content-Disposition"].startswith("inline")
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    _, headers, _ = fetch(picture_of(chat, visitor, b"<script>alert(1)</script>", "x.html"))
    assert headers["Content-Disposition"] == 'attachment; filename="x.html"'


def test_an_agents_file_reaches_the_visitor(chat: Chat, member: Member):
    visitor = Visitor(chat)
    visitor.say("Have you a picture?")
    lanes.drain("inbound")
    file = store(IncomingFile("linen.png", "image/png", PNG), member=member)
    draft = Draft(text="Here", attachments=[file])
    reply(conversation=Conversation.objects.get(), channel=chat.channel, draft=draft, member=member)
    lanes.drain("send")
    (told,) = visitor.poll()["messages"][-1]["files"]
    assert fetch(told["url"].removeprefix(django_settings.PUBLIC_URL))[0] == 200


def test_one_workspaces_chat_opens_no_other(chat: Chat, other_workspace: Workspace):
    visitor = Visitor(chat)
    picture_of(chat, visitor)
    other = Chat(other_workspace)
    stranger = Visitor(other, secret=visitor.secret)
    assert stranger.texts() == []
    assert stranger.secret != visitor.secret
    with scope(other_workspace.pk):
        assert ChatSession.objects.count() == 0


def test_a_chat_goes_on_while_redis_is_away(chat: Chat, settings: Any):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": settings.REDIS_URL}}
    visitor = Visitor(chat)
    assert visitor.say("Hello")["type"] == "stored"
    lanes.drain("inbound")
    assert visitor.texts() == ["Hello"]


def test_nothing_is_called_stored_while_the_database_is_away(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    visitor = Visitor(chat)
    visitor.poll()

    def cut(**_: Any) -> None:
        raise OperationalError("the connection is closed")

    with monkeypatch.context() as patched:
        patched.setattr(accept, "_store", cut)
        told = visitor.say("Hello", ID)
    assert (told["code"], told["id"], told["retry_after"]) == ("unavailable", ID, 5)
    assert InboundEvent.objects.count() == ChatSession.objects.count() == 0
    with monkeypatch.context() as patched:
        patched.setattr(locators, "find_channel", lambda _: cut())
        response = chat.post(visitor.hello())
    assert (response.status_code, response.json()["frames"][0]["code"]) == (503, "unavailable")
    assert visitor.say("Hello", ID) == {"type": "stored", "id": ID}


def test_a_lost_encryption_key_is_told_as_a_fault_of_ours(chat: Chat, settings: Any):
    settings.OMNIDESK_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    (told,) = chat.post({"type": "hello", "session": ""}).json()["frames"]
    assert told["code"] == "unavailable"


def test_who_says_too_much_is_told_when_to_go_on_and_loses_nothing(chat: Chat):
    visitor = Visitor(chat)
    told = visitor.send(*(said(str(number)) for number in range(19)))
    assert {frame["type"] for frame in told} == {"ready", "stored"}
    frames = [said(str(number)) for number in range(19)]
    told = visitor.send(*frames)
    error = told[-1]
    assert (error["code"], error["id"]) == ("rate", frames[-1]["id"])
    assert 0 < error["retry_after"] <= 60
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert visitor.send(frames[-1])[-1] == {"type": "stored", "id": frames[-1]["id"]}


def test_one_place_begins_so_many_chats_and_no_more(chat: Chat):
    told = [Visitor(chat).say("Hello") for _ in range(31)]
    assert [frame["type"] for frame in told] == ["stored"] * 30 + ["error"]
    assert (told[-1]["code"], ChatSession.objects.count()) == ("rate", 30)


def test_one_place_may_ask_so_often_and_no_more(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(rates.LIMITS, "line", ("2/minute", ""))
    assert [chat.post().status_code for _ in range(3)] == [200, 200, 429]
    (error,) = chat.post().json()["frames"]
    assert error["code"] == "rate"


def test_addresses_that_a_visitor_makes_up_count_as_messages(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(rates.LIMITS, "say", ("", "2/minute"))
    frames = [{"type": "introduce", "name": "", "email": f"{number}@x.example"} for number in range(3)]
    told = Visitor(chat).send(*frames)
    assert [frame["type"] for frame in told] == ["ready", "error"]
    assert told[-1]["code"] == "rate"


def test_sessions_of_a_year_ago_are_forgotten(chat: Chat):
    Visitor(chat).say("Hello")
    Visitor(chat).say("Hello")
    assert sessions.prune() == 0
    old = ChatSession.objects.earliest("id")
    ChatSession.objects.filter(pk=old.pk).update(seen_at=timezone.now() - timedelta(days=366))
    assert sessions.prune() == 1
    assert not ChatSession.objects.filter(pk=old.pk).exists()
    assert Channel.objects.count() == 1
