"""Fetching files: from Twilio alone, with our credentials for Twilio alone, and no more than fits."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.responses import Response, StreamingResponse

from channels_ingest.adapters.twilio import media
from channels_ingest.adapters.twilio.sms import SmsAdapter
from channels_ingest.base import AdapterError, ChannelFacts
from channels_ingest.types import IncomingFile
from tenancy import http
from tests.channels_ingest.adapters.twilio.calls import THEIRS, channel
from tests.providers.twilio import Media, TwilioServer

ADAPTER = SmsAdapter()
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def source_of(twilio: TwilioServer, **about: Any) -> str:
    """The address that a webhook names for a file."""
    message = twilio.customer_writes(THEIRS, "", media=[Media(**{"content": PNG} | about)])
    return message.arrival(twilio.url)["MediaUrl0"]


def refused(source: str, ours: ChannelFacts) -> tuple[str, bool]:
    """Code, and whether to try again."""
    with pytest.raises(AdapterError) as raised:
        ADAPTER.fetch(source, ours)
    assert not raised.value.uncertain
    return raised.value.code, raised.value.retryable


def test_a_file_is_fetched_from_where_twilio_sends_us(twilio: TwilioServer, ours: ChannelFacts):
    source = source_of(twilio, content_type="image/png", name="my printer.png")
    assert ADAPTER.fetch(source, ours) == IncomingFile("my printer.png", "image/png", PNG)


def test_its_store_is_not_shown_our_credentials(twilio: TwilioServer, ours: ChannelFacts):
    ADAPTER.fetch(source_of(twilio), ours)
    (asked,) = twilio.store_calls
    assert "authorization" not in asked
    assert asked["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "source",
    [
        "https://evil.example/x",
        "https://api.twilio.com.evil.example/x",
        "https://api.twilio.com@evil.example/x",
        "https://api.twilio.com:8443/x",
        "http://api.twilio.com/x",
        "https://user:pass@api.twilio.com/x",
        "https://mms.twiliocdn.com/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/x",
        "http://localhost/x",
        "file:///etc/passwd",
        "//api.twilio.com/x",
        "/etc/passwd",
        "data:text/plain,x",
        "",
    ],
)
def test_only_the_api_is_asked(twilio: TwilioServer, ours: ChannelFacts, source: str):
    assert refused(source, ours) == ("host", False)


@pytest.mark.parametrize("source", ["https://[::1", "http://\0", "https://a:b/", "https://\udcff.example/"])
def test_an_address_that_is_none_is_refused(ours: ChannelFacts, source: str):
    assert refused(source, ours)[1] is False


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.example/x",
        "https://twilio.com.evil.example/x",
        "https://eviltwilio.com/x",
        "http://media.twiliocdn.com/x",
        "https://media.twiliocdn.com:8443/x",
        "https://x@media.twiliocdn.com/x",
        "https://s3.amazonaws.com/somebody-elses/x",
        "https://s3.amazonaws.com/media.twiliocdn.com.evil/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/x",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_to_elsewhere_is_not_followed(twilio: TwilioServer, ours: ChannelFacts, redirect: str):
    assert refused(source_of(twilio, redirect=redirect), ours) == ("host", False)


@pytest.mark.parametrize("redirect", ["https://[::1", "http://a:b/"])
def test_a_redirect_to_nowhere_is_a_broken_answer(twilio: TwilioServer, ours: ChannelFacts, redirect: str):
    assert refused(source_of(twilio, redirect=redirect), ours) == ("no-answer", True)


@pytest.mark.parametrize(
    "url",
    [
        "https://mms.twiliocdn.com/AC1/x?Signature=1",
        "https://media.twiliocdn.com/x",
        "https://api.twilio.com/x",
        "https://content.ie1.twilio.com/x",
        "https://s3-external-1.amazonaws.com/media.twiliocdn.com/AC1/x",
        "https://media.twiliocdn.com.s3-external-1.amazonaws.com/AC1/x",
    ],
)
def test_where_twilio_keeps_files(url: str):
    assert media._is_store(httpx.URL(url))


def test_a_name_of_twilios_that_is_an_internal_address_is_not_asked(
    settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.OMNIDESK_PRIVATE_HOSTS = False
    settings.OMNIDESK_PROVIDER_URLS = {}
    inside = [(2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr("tenancy.http.socket.getaddrinfo", lambda *_, **__: inside)
    assert refused("https://api.twilio.com/x", channel()) == ("host", False)


def test_redirects_come_to_an_end(twilio: TwilioServer, ours: ChannelFacts):
    source = source_of(twilio)
    twilio.messages[0].media[0].redirect = source
    assert refused(source, ours) == ("redirects", False)


async def unannounced() -> AsyncIterator[bytes]:
    """More than anybody wants, without saying how much."""
    for _ in range(40):
        yield bytes(100_000)


def test_a_file_that_is_too_large_is_cut_off(
    twilio: TwilioServer, ours: ChannelFacts, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(media, "LIMIT", 3_000_000)
    assert refused(source_of(twilio, content=bytes(3_000_001)), ours) == ("too-big", False)
    assert refused(source_of(twilio, answer=lambda: StreamingResponse(unannounced())), ours)[0] == "too-big"
    assert len(ADAPTER.fetch(source_of(twilio, content=bytes(3_000_000)), ours).content) == 3_000_000


async def endless() -> AsyncIterator[bytes]:
    """A byte now and then, for ever: no read of it ever waits for long."""
    while True:
        yield b"x"
        await asyncio.sleep(0.02)


def test_one_that_trickles_is_given_up(
    twilio: TwilioServer, ours: ChannelFacts, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(http, "LONGEST", 0.2)
    source = source_of(twilio, answer=lambda: StreamingResponse(endless()))
    assert refused(source, ours) == ("no-answer", True)


def test_one_that_is_shorter_than_it_said_is_asked_for_again(twilio: TwilioServer, ours: ChannelFacts):
    short = Response(PNG, headers={"Content-Length": "1000"})
    assert refused(source_of(twilio, answer=lambda: short), ours) == ("no-answer", True)


def test_one_that_is_packed_is_not_unpacked(twilio: TwilioServer, ours: ChannelFacts):
    bomb = Response(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert refused(source_of(twilio, answer=lambda: bomb), ours) == ("encoding", False)


@pytest.mark.parametrize(
    ("status", "end"),
    [
        (404, ("gone", False)),
        (410, ("gone", False)),
        (401, ("auth", False)),
        (403, ("403", False)),
        (429, ("20429", True)),
        (500, ("500", True)),
        (503, ("20503", True)),
        (304, ("304", False)),
    ],
)
def test_what_its_store_answers(twilio: TwilioServer, ours: ChannelFacts, status: int, end: tuple[str, bool]):
    source = source_of(twilio, answer=lambda: Response(status_code=status))
    assert refused(source, ours) == end


def test_without_the_right_token_nothing_is_given(twilio: TwilioServer, ours: ChannelFacts):
    assert refused(source_of(twilio), replace(ours, secrets={"auth_token": "x"})) == ("auth", False)
    assert twilio.store_calls == []


def test_a_file_that_is_gone_is_gone(twilio: TwilioServer, ours: ChannelFacts):
    source = source_of(twilio)
    twilio.messages.clear()
    assert refused(source, ours) == ("gone", False)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="a.png"', "a.png"),
        ("inline; filename=a.png", "a.png"),
        ("attachment; filename*=UTF-8''%C3%A4.png", "ä.png"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\evil.exe"', "evil.exe"),
        ('attachment; filename=".."', ""),
        ('attachment; filename="a\x07b.png"', "ab.png"),
        (f'attachment; filename="{"x" * 999}"', "x" * 200),
        ("attachment; filename*=utf-7''x", "x"),
        ("attachment", ""),
        ("", ""),
    ],
)
def test_the_name_is_made_harmless(disposition: str, name: str):
    assert media._name(disposition) == name


@given(st.text(max_size=100))
def test_any_disposition_gives_a_harmless_name(written: str):
    for disposition in (written, f"attachment; filename={written}", f"attachment; filename*={written}"):
        name = media._name(disposition)
        assert "/" not in name
        assert name == "" or name.isprintable()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60) | st.text(max_size=30).map("https://{}".format))
def test_any_address_but_twilios_is_refused(source: str):
    assert refused(source, channel())[1] is False
