"""A provider made up for tests: JSON calls, signed by HMAC, that may hold any typed event, several at once."""

import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count
from typing import Any

import httpx

from channels_ingest.base import (
    Adapter,
    AdapterError,
    ChannelFacts,
    Check,
    ConfigKey,
    Forged,
    NotSent,
    OutboundMessage,
    RawCall,
    Response,
    SendResult,
)
from channels_ingest.types import (
    Address,
    AddressKind,
    Capabilities,
    Consent,
    Delete,
    Edit,
    Ignored,
    InboundMessage,
    IncomingFile,
    ParsedEvent,
    Proof,
    Reaction,
    Receipt,
    ReceiptStatus,
)
from tenancy.http import client

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
        ask(channel, "/send", text=message.text)
        return SendResult(aliases=(message.text,))

    def fetch(self, source: str, channel: ChannelFacts) -> IncomingFile:
        answer = ask(channel, f"/files/{source}")
        return IncomingFile("", answer.headers["content-type"], answer.content)

    def missed(self, channel: ChannelFacts, since: datetime) -> Iterator[RawCall]:
        for page in count():
            listed = ask(channel, "/messages", page=str(page), since=since.isoformat()).json()
            if not listed:
                return
            for delivery, events in listed:
                yield RawCall("POST", "", {"x-delivery": delivery}, {}, call_of(*events), "")

    def outcome(self, message: OutboundMessage, channel: ChannelFacts) -> SendResult | None:
        found = ask(channel, "/outcomes", text=message.text).json()
        if found and "refused" in found:
            raise NotSent(found["refused"], "The server did not send it.")
        return SendResult(aliases=(found["id"],)) if found else None

    def check(self, channel: ChannelFacts) -> Iterator[Check]:
        yield Check("Address", ok=True, detail=channel.config["hook_url"])
        yield Check("Secret", ok=channel.secrets["secret"] == SECRET, detail="401 Unauthorized")

    def capabilities(self, channel: ChannelFacts) -> Capabilities:
        return Capabilities()


def ask(channel: ChannelFacts, path: str, **query: str) -> httpx.Response:
    """Ask the provider's server; raises AdapterError as a real adapter does."""
    try:
        with client(timeout=2) as http:
            answer = http.get(channel.config["base"] + path, params=query)
    except httpx.TransportError as error:
        raise AdapterError("connect", "The server does not answer.", retryable=True) from error
    if answer.is_success:
        return answer
    raise AdapterError(
        "opted_out" if answer.status_code == 410 else str(answer.status_code),
        f"The server answers {answer.status_code}.",
        retryable=answer.status_code in {429, 500, 503},
        uncertain=answer.status_code == 504,
        retry_after=30 if answer.status_code == 429 else None,
    )


def event(type: str, **fields: Any) -> ParsedEvent:
    if "sender" in fields:
        fields["sender"] = Address(AddressKind.API, fields["sender"], proof=Proof.ATTESTED)
    if "at" in fields:
        fields["at"] = datetime.fromisoformat(fields["at"])
    match type:
        case "message":
            files = tuple(IncomingFile(**file) for file in fields.pop("files", ()))
            return InboundMessage(**fields, files=files)
        case "receipt":
            status = ReceiptStatus(fields.pop("status"))
            return Receipt(aliases=tuple(fields.pop("aliases")), status=status, **fields)
        case "reaction":
            return Reaction(sender=Address(AddressKind.API, "1"), emoji="+1", **fields)
    plain = {"edit": Edit, "delete": Delete, "consent": Consent}
    return plain[type](**fields) if type in plain else Ignored(f"nothing is known of {type}")


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, "sha256").hexdigest()


def call_of(*events: dict[str, Any]) -> bytes:
    return json.dumps(events).encode()
