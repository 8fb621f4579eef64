"""What the webhook missed, by Twilio's own list: the same calls, under the same keys."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from channels_ingest.adapters.twilio.sms import SmsAdapter
from channels_ingest.base import AdapterError, ChannelFacts, RawCall
from channels_ingest.types import Consent, InboundMessage, IncomingFile
from tests.channels_ingest.adapters.twilio.calls import NUMBER, THEIRS
from tests.providers.twilio import Media, TwilioServer

ADAPTER = SmsAdapter()


def since(hours: int = 1) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)


def missed(ours: ChannelFacts, **span: int) -> list[RawCall]:
    return list(ADAPTER.missed(ours, since(**span)))


def test_a_missed_message_is_the_call_that_the_webhook_would_have_made(
    twilio: TwilioServer, ours: ChannelFacts
):
    written = twilio.customer_writes(THEIRS, "Hello?\n🙂", told=False)
    (call,) = missed(ours)
    assert ADAPTER.seen_key(call, ours) == written.sid
    assert ADAPTER.order_key(call, ours) == THEIRS
    (found,) = ADAPTER.parse(call.body, call.headers, ours)
    (told,) = ADAPTER.parse(urlencode(written.arrival(twilio.url)).encode(), {}, ours)
    assert isinstance(found, InboundMessage)
    assert isinstance(told, InboundMessage)
    assert replace(found, at=None, facts={}) == replace(told, facts={})
    assert found.at == written.sent_at


def test_its_files_are_named_by_their_place_and_found_when_they_are_fetched(
    twilio: TwilioServer, ours: ChannelFacts
):
    files = [Media(b"1", "image/png"), Media(b"2", "audio/mpeg"), Media(b"3", "text/plain", "log.txt")]
    twilio.customer_writes(THEIRS, "", media=files, told=False)
    (call,) = missed(ours)
    (found,) = ADAPTER.parse(call.body, call.headers, ours)
    assert isinstance(found, InboundMessage)
    assert [ADAPTER.fetch(file.source, ours) for file in found.files] == [
        IncomingFile("image-1.png", "image/png", b"1"),
        IncomingFile("audio-2.mp3", "audio/mpeg", b"2"),
        IncomingFile("log.txt", "text/plain", b"3"),
    ]
    twilio.messages[0].media = ()
    for file in found.files:
        with pytest.raises(AdapterError) as raised:
            ADAPTER.fetch(file.source, ours)
        assert (raised.value.code, raised.value.retryable) == ("gone", False)


def test_only_what_customers_wrote_to_this_number_since_then(twilio: TwilioServer, ours: ChannelFacts):
    twilio.add_number("+12065550199")
    wanted = twilio.customer_writes(THEIRS, "new", told=False)
    twilio.customer_writes(THEIRS, "to another number", to="+12065550199", told=False)
    twilio.customer_writes(THEIRS, "old", told=False).sent_at = since(2)
    twilio.customer_writes(THEIRS, "in parts", told=False).status = "receiving"
    twilio.send({"To": THEIRS, "From": NUMBER, "Body": "ours"})
    assert [ADAPTER.seen_key(call, ours) for call in missed(ours)] == [wanted.sid]


def test_every_page_is_read_and_the_oldest_comes_first(twilio: TwilioServer, ours: ChannelFacts):
    written = [twilio.customer_writes(THEIRS, f"{number}", told=False).sid for number in range(450)]
    assert [ADAPTER.seen_key(call, ours) for call in missed(ours)] == written


def test_stop_and_start_come_in_the_order_in_which_they_were_said(twilio: TwilioServer, ours: ChannelFacts):
    for word in ("STOP", "START"):
        twilio.customer_writes(THEIRS, word, told=False)
    events = [event for call in missed(ours) for event in ADAPTER.parse(call.body, {}, ours)]
    assert [event.is_given for event in events if isinstance(event, Consent)] == [False, True]
    assert all(event.at for event in events if isinstance(event, Consent))


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:9", ".evil.example", "@evil.example"])
def test_a_list_that_goes_on_elsewhere_is_not_followed(
    twilio: TwilioServer, ours: ChannelFacts, monkeypatch: pytest.MonkeyPatch, elsewhere: str
):
    for number in range(250):
        twilio.customer_writes(THEIRS, f"{number}", told=False)
    monkeypatch.setattr("tests.providers.twilio.app.API", f"{elsewhere}/2010-04-01/Accounts")
    with pytest.raises(AdapterError) as raised:
        missed(ours)
    assert raised.value.code == "host"


def test_a_list_that_cannot_be_had_is_an_error(twilio: TwilioServer, ours: ChannelFacts, settings: Any):
    with pytest.raises(AdapterError) as raised:
        missed(replace(ours, secrets={"auth_token": "x"}))
    assert (raised.value.code, raised.value.uncertain) == ("auth", False)
    settings.OMNIDESK_PROVIDER_URLS = {"twilio": "http://127.0.0.1:9"}
    with pytest.raises(AdapterError) as raised:
        missed(ours)
    assert (raised.value.code, raised.value.retryable) == ("connect", True)
