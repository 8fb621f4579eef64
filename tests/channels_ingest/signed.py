"""A provider made up for tests: JSON calls, signed by HMAC, that may hold any typed event, several at once."""

import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from channels_ingest.base import (
    Adapter,
    ChannelFacts,
    Check,
    ConfigKey,
    Forged,
    OutboundMessage,
    RawCall,
    Response,
    SendResult,
)
from channels_ingest.types import (
    Address,
    AddressKind,
    Capabilities,
    Delete,
    Edit,
    Ignored,
    InboundMessage,
    ParsedEvent,
    Proof,
    Reaction,
    Receipt,
    ReceiptStatus,
)

SECRET = "a shared secret"


class SignedAdapter(Adapter):
    kind = "api"
    max_body = 10_000
    config_keys = (
        ConfigKey("mode", "Mode", choices=("live", "test"), default="live"),
        ConfigKey("hook_url", "Where to", required=True),
        ConfigKey("hook_port", "Port"),
        ConfigKey("secret", "Shared secret", secret=True, required=True),
    )

    def verify(self, call: RawCall, channel: ChannelFacts) -> None:
        signature = call.headers.get("x-signature", "")
        if not hmac.compare_digest(signature.encode(), signed(call.body, channel.secrets["secret"]).encode()):
            raise Forged("The signature is wrong", 403)

    def handshake(self, call: RawCall, channel: ChannelFacts) -> Response | None:
        return Response(body=call.query["challenge"].encode()) if "challenge" in call.query else None

    def seen_key(self, call: RawCall, channel: ChannelFacts) -> str:
        return call.headers.get("x-delivery", "") or signed(call.body, "")

    def parse(self, body: bytes, headers: Mapping[str, str], channel: ChannelFacts) -> list[ParsedEvent]:
        return [event(**one) for one in json.loads(body)]

    def send(self, message: OutboundMessage, channel: ChannelFacts) -> SendResult:
        raise NotImplementedError

    def check(self, channel: ChannelFacts) -> Iterator[Check]:
        yield Check("Address", ok=True, detail=channel.config["hook_url"])
        yield Check("Secret", ok=channel.secrets["secret"] == SECRET, detail="401 Unauthorized")

    def capabilities(self, channel: ChannelFacts) -> Capabilities:
        return Capabilities()


def event(type: str, **fields: Any) -> ParsedEvent:
    match type:
        case "message":
            fields["sender"] = Address(AddressKind.API, fields["sender"], proof=Proof.ATTESTED)
            return InboundMessage(**fields)
        case "receipt":
            status = ReceiptStatus(fields.pop("status"))
            return Receipt(aliases=tuple(fields.pop("aliases")), status=status, **fields)
        case "edit":
            return Edit(**fields)
        case "delete":
            return Delete(**fields)
        case "reaction":
            return Reaction(sender=Address(AddressKind.API, "1"), emoji="+1", **fields)
    return Ignored(f"nothing is known of {type}")


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, "sha256").hexdigest()


def call_of(*events: dict[str, Any]) -> bytes:
    return json.dumps(events).encode()
