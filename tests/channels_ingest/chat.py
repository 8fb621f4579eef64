"""A chat on a site, and browsers of visitors that speak its protocol, by POST and by socket."""

import hmac
import json
import uuid
from typing import Any

from asgiref.sync import sync_to_async
from django.test import Client

from channels_ingest.models import ChatSession
from conversations.models import Conversation, Entry
from conversations.services.channels import create_channel
from conversations.services.reply import Draft, reply
from omnidesk.asgi import application
from tenancy import lanes
from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tenancy.services.locators import digest
from tests.sockets import Socket

SECRET = "what the site signs with"
SHOP = "https://shop.example"


class Chat:
    """A chat channel and its token."""

    def __init__(self, workspace: Workspace, **config: str) -> None:
        with scope(workspace.pk):
            self.channel, self.token = create_channel(
                kind="chat", name="Shop chat", config=config, secrets={"identity_secret": SECRET}
            )
        self.workspace = workspace

    @property
    def path(self) -> str:
        return f"/widget/{self.token}/"

    def post(self, *frames: object, origin: str = SHOP, **more: Any) -> Any:
        """The answer to a POST of frames."""
        headers = {"Origin": origin} if origin else {}
        return Client().post(
            self.path, json.dumps({"frames": frames}), "application/json", headers=headers, **more
        )

    def answer(self, conversation: Conversation, text: str, member: Member | None) -> Entry:
        """Let an agent answer, and the lane hand it over."""
        entry = reply(conversation=conversation, channel=self.channel, draft=Draft(text=text), member=member)
        lanes.drain("send")
        return entry


class Visitor:
    """A browser that polls. It keeps its secret, and the number of the last message that it has."""

    def __init__(self, chat: Chat, user: dict[str, str] | None = None, secret: str = "") -> None:
        self.chat = chat
        self.user = user
        self.secret = secret
        self.after: int | None = None

    def hello(self, **more: Any) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "hello", "session": self.secret, "language": "en"}
        found |= {"page": {"url": f"{SHOP}/linen", "title": "Linen throw"}}
        if self.user is not None:
            found["user"] = self.user
        if self.after is not None:
            found["after"] = self.after
        return found | more

    def send(self, *frames: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        """Post frames after a hello; returns what comes back, `ready` first."""
        response = self.chat.post(self.hello(**more), *frames)
        assert response.status_code == 200, response.content
        told: list[dict[str, Any]] = response.json()["frames"]
        for frame in told:
            if frame["type"] == "ready":
                self.secret = frame["session"]
        return told

    def poll(self, **more: Any) -> dict[str, Any]:
        """The `ready` frame."""
        return next(frame for frame in self.send(**more) if frame["type"] == "ready")

    def say(self, text: str, id: str = "", **more: Any) -> dict[str, Any]:
        """Say something; returns what it is answered."""
        return self.send(said(text, id, **more))[-1]

    def texts(self) -> list[str]:
        """What the visitor sees."""
        return [message["text"] for message in self.poll()["messages"]]

    def session(self) -> ChatSession:
        return ChatSession.objects.get(digest=digest(self.secret))


def said(text: str, id: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "say", "id": id or str(uuid.uuid4()), "text": text} | more


def signed(text: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()


def signed_email(email: str, user_id: str = "8812") -> str:
    """How the site signs the mail address of a user."""
    return signed(f"{user_id}\n{email}")


def rosa(**more: str) -> dict[str, str]:
    """A user whom the site vouches for."""
    return {"id": "8812", "hash": signed("8812"), "name": "Rosa Diaz"} | more


def socket_to(chat: Chat, *, origin: str = SHOP, token: str = "") -> Socket:
    headers = [(b"origin", origin.encode())] if origin else []
    return Socket(application, f"/ws/widget/{token or chat.token}/", headers)


async def connected(chat: Chat, **hello: Any) -> tuple[Socket, dict[str, Any]]:
    """A socket that has said hello, and its `ready`."""
    socket = socket_to(chat)
    assert await socket.connect()
    ready: Any = await socket.ask(type="hello", **{"session": ""} | hello)
    assert ready["type"] == "ready", ready
    return socket, ready


async def work(*names: str) -> None:
    """Let the lanes do what is due."""
    await sync_to_async(lanes.drain)(*names)
