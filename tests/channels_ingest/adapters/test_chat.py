"""The chat adapter by itself: what stored messages mean, and what its settings are worth."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.chat import ChatAdapter, color_of, origins_of
from channels_ingest.base import ChannelFacts, RawCall
from channels_ingest.types import Address, AddressKind, Ignored, InboundMessage, IncomingFile, Proof

SAID: dict[str, Any] = {
    "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "text": "Hello",
    "files": [{"name": "x.txt", "type": "text/plain", "data": "aGk="}],
    "visitor": "user:8812",
    "formerly": "visitor:3f2a9c",
    "name": "Rosa",
    "email": "rosa@x.example",
    "is_signed": True,
    "is_email_signed": True,
    "language": "en",
    "thread": "a-thread",
    "page": {"url": "https://shop.example/", "title": ""},
}


def facts(secrets: dict[str, str] | None = None, **config: str) -> ChannelFacts:
    started = datetime(2026, 1, 1, tzinfo=UTC)
    return ChannelFacts(id=7, kind="chat", config=config, secrets=secrets or {}, started_at=started)


def parse(**more: Any) -> Any:
    (event,) = ChatAdapter().parse(json.dumps(SAID | more).encode(), {}, facts())
    return event


def test_a_message_is_its_visitors_and_what_is_said_of_them_is_as_good_as_its_proof():
    assert parse() == InboundMessage(
        external_id=SAID["id"],
        external_thread="user:8812",
        sender=Address(
            AddressKind.CHAT,
            "user:8812",
            name="Rosa",
            verbatim="User 8812",
            scope="7",
            proof=Proof.ATTESTED,
            also=(
                Address(AddressKind.EMAIL, "rosa@x.example", name="Rosa", proof=Proof.ATTESTED),
                Address(AddressKind.CHAT, "visitor:3f2a9c", verbatim="Visitor 3F2A", scope="7"),
            ),
        ),
        text="Hello",
        thread_keys=("a-thread",),
        files=(IncomingFile("x.txt", "text/plain", b"hi"),),
        facts={"url": "https://shop.example/"},
    )
    claimed = parse(is_email_signed=False, formerly="").sender.also
    assert [address.proof for address in claimed] == [Proof.CLAIMED]


def test_a_repetition_has_the_same_key_and_a_visitor_keeps_their_order():
    call = RawCall("POST", "", {}, {}, json.dumps(SAID).encode(), "")
    assert ChatAdapter().seen_key(call, facts()) == f"user:8812 {SAID['id']}"
    assert ChatAdapter().order_key(call, facts()) == "chat:7:user:8812"


@given(
    body=st.binary() | st.recursive(st.none() | st.text(), st.lists).map(lambda any: json.dumps(any).encode())
)
def test_what_the_door_never_stored_is_ignored(body: bytes):
    (event,) = ChatAdapter().parse(body, {}, facts())
    assert isinstance(event, Ignored)


@pytest.mark.parametrize("name", sorted(SAID.keys() - {"is_signed", "language"}))
def test_a_message_without_one_of_its_facts_is_ignored(name: str):
    said = {key: value for key, value in SAID.items() if key != name}
    (event,) = ChatAdapter().parse(json.dumps(said).encode(), {}, facts())
    assert isinstance(event, Ignored)


def checks(secrets: dict[str, str] | None = None, **config: str) -> dict[str, tuple[bool, str]]:
    return {check.name: (check.ok, check.detail) for check in ChatAdapter().check(facts(secrets, **config))}


def test_the_check_reads_settings_as_a_browser_will():
    assert checks() == {
        "Sites": (True, "Any site may show this chat."),
        "Colour": (True, "#2f5bd0"),
        "Signed-in visitors": (True, "No identity secret: every visitor counts as a stranger."),
    }
    good = checks(
        {"identity_secret": "x"}, origin="https://shop.example:8443, http://localhost", color="#AA0000"
    )
    assert good["Sites"] == (True, "https://shop.example:8443, http://localhost")
    assert good["Signed-in visitors"] == (True, "Ids that your server signs are believed.")


@pytest.mark.parametrize(
    "origin",
    ["shop.example", "https://shop.example/path", "ftp://shop.example", "https://", "https://[", "*"],
)
def test_an_origin_that_is_none_is_named(origin: str):
    ok, detail = checks(origin=f"https://blog.example, {origin}")["Sites"]
    assert (ok, detail) == (False, f"{origin.rstrip('/')} is no origin such as https://shop.example.")


def test_settings_are_read_kindly():
    assert origins_of({"origin": " https://Shop.example/ ,, http://x.example"}) == (
        "https://shop.example",
        "http://x.example",
    )
    assert color_of({"color": "red"}) == color_of({}) == "#2f5bd0"
    assert checks(color="red")["Colour"] == (False, "red is no colour such as #2f5bd0.")
