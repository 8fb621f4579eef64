"""Web chat: what a visitor says comes from our own widget, and what we answer waits in the timeline for it.

Nothing is called and nothing calls: the widget's frames come in by a door of their own
(channels_ingest/services/chat), which stores each message with what the server knows of its session.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from channels_ingest.base import (
    MEGABYTE,
    Adapter,
    AdapterError,
    ChannelFacts,
    Check,
    ConfigKey,
    OutboundMessage,
    RawCall,
    SendResult,
)
from channels_ingest.types import (
    Address,
    AddressKind,
    Capabilities,
    Ignored,
    InboundMessage,
    IncomingFile,
    ParsedEvent,
    Proof,
)

MOST_TEXT = 8_000  # characters of one message
MOST_FILES = 10
MOST_BYTES = 10 * MEGABYTE  # of all files of one message
LARGEST_POST = 14 * MEGABYTE  # such files in base64, and some room
COLOR = "#2f5bd0"

# Before the id that the site signs, and before the random one of everybody else.
USER, VISITOR = "user:", "visitor:"

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class ChatAdapter(Adapter):
    """A chat window on the workspace's own sites."""

    kind = "chat"
    config_keys = (
        ConfigKey(
            "origin",
            "Sites that may show the chat",
            "Such as https://shop.example, separated by commas. Empty: any site.",
        ),
        ConfigKey(
            "identity_secret",
            "Identity secret",
            "Your server signs the ids of signed-in visitors with it, so that nobody can chat as somebody else.",
            secret=True,
        ),
        ConfigKey("color", "Colour", "Of the button and the head, as #rrggbb.", default=COLOR),
        ConfigKey("greeting", "Greeting", "The first line that visitors see."),
        ConfigKey(
            "form",
            "Ask for name and e-mail first",
            choices=("off", "optional", "required"),
            default="optional",
        ),
    )

    def verify(self, call: RawCall, channel: ChannelFacts) -> None:
        """Nothing to check: whoever knows the session's secret is its visitor, and the door has seen it."""

    def seen_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """The visitor and the id that their browser gave the message."""
        said = json.loads(call.body)
        return f"{said['visitor']} {said['id']}"

    def order_key(self, call: RawCall, channel: ChannelFacts) -> str:
        """The visitor, on this channel."""
        return f"chat:{channel.id}:{json.loads(call.body)['visitor']}"

    def parse(self, body: bytes, headers: Mapping[str, str], channel: ChannelFacts) -> list[ParsedEvent]:
        """The message, from the visitor whom the browser's secret proves it to be."""
        try:
            said: dict[str, Any] = json.loads(body)
            return [_message(said, channel)]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return [Ignored(f"It is no message of the widget: {type(error).__name__}.")]

    def send(self, message: OutboundMessage, channel: ChannelFacts) -> SendResult:
        """Nothing leaves: from now on the visitor's browsers are shown it. Raises AdapterError for another
        chat's visitor."""
        if message.recipient.scope != str(channel.id):
            raise AdapterError("unknown", "This visitor writes to another chat.", retryable=False)
        return SendResult(aliases=(), detail="waits for the visitor")

    def capabilities(self, channel: ChannelFacts) -> Capabilities:
        """Plain text and some files: the widget shows no HTML."""
        return Capabilities(files=True, text_limit=MOST_TEXT, file_limit=MOST_BYTES, most_files=MOST_FILES)

    def check(self, channel: ChannelFacts) -> Iterator[Check]:
        """Read the settings as a browser will."""
        origins = origins_of(channel.config)
        wrong = [origin for origin in origins if not _is_origin(origin)]
        told = ", ".join(wrong) + " is no origin such as https://shop.example." if wrong else ""
        yield Check("Sites", not wrong, told or ", ".join(origins) or "Any site may show this chat.")
        color = channel.config.get("color", COLOR)
        is_color = bool(_COLOR.fullmatch(color))
        yield Check("Colour", is_color, color if is_color else f"{color} is no colour such as {COLOR}.")
        signed = bool(channel.secrets.get("identity_secret"))
        yield Check("Signed-in visitors", True, _SIGNED if signed else _UNSIGNED)


_SIGNED = "Ids that your server signs are believed."
_UNSIGNED = "No identity secret: every visitor counts as a stranger."


def origins_of(config: Mapping[str, str]) -> tuple[str, ...]:
    """The origins that may use a chat, as browsers write them; none when all may."""
    named = (origin.strip().rstrip("/").lower() for origin in config.get("origin", "").split(","))
    return tuple(origin for origin in named if origin)


def color_of(config: Mapping[str, str]) -> str:
    """The colour of a chat as #rrggbb; ours where the setting is none."""
    color = config.get("color", "")
    return color if _COLOR.fullmatch(color) else COLOR


def visitor_address(said: Mapping[str, Any], channel_id: int) -> Address:
    """Who a session's visitor is, and what else the site or they themselves say of them."""
    visitor, scope = said["visitor"], str(channel_id)
    also = []
    if said["email"]:
        proof = Proof.ATTESTED if said["is_email_signed"] else Proof.CLAIMED
        also.append(Address(AddressKind.EMAIL, said["email"], name=said["name"], proof=proof))
    if said["formerly"]:
        also.append(
            Address(AddressKind.CHAT, said["formerly"], scope=scope, verbatim=_shown(said["formerly"]))
        )
    return Address(
        AddressKind.CHAT,
        visitor,
        name=said["name"],
        verbatim=_shown(visitor),
        scope=scope,
        proof=Proof.ATTESTED,
        also=tuple(also),
    )


def _message(said: Mapping[str, Any], channel: ChannelFacts) -> InboundMessage:
    page = {name: said["page"][name] for name in ("url", "title") if said["page"].get(name)}
    return InboundMessage(
        external_id=said["id"],
        external_thread=said["visitor"],
        sender=visitor_address(said, channel.id),
        text=said["text"],
        thread_keys=(said["thread"],),
        files=tuple(
            IncomingFile(file["name"], file["type"], b64decode(file["data"])) for file in said["files"]
        ),
        facts=page,
    )


def _shown(visitor: str) -> str:
    """How people read a visitor who gave no name."""
    if visitor.startswith(USER):
        return f"User {visitor.removeprefix(USER)}"
    return f"Visitor {visitor.removeprefix(VISITOR)[:4].upper()}"


def _is_origin(text: str) -> bool:
    """RFC 6454: a scheme, a host and perhaps a port."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and f"{parts.scheme}://{parts.netloc}" == text
        )
    except ValueError:
        return False
