"""Handing texts to Twilio: what each answer, and each silence, means for the message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from channels_ingest.adapters.twilio.sms import SmsAdapter
from channels_ingest.base import AdapterError, ChannelFacts, OutboundMessage
from channels_ingest.types import Address, AddressKind, IncomingFile
from tests.channels_ingest.adapters.twilio.calls import NUMBER, THEIRS, channel
from tests.providers.twilio import Trouble, TwilioServer

ADAPTER = SmsAdapter()
PICTURE = IncomingFile("a.png", "image/png", b"png", source="http://127.0.0.1:9/files/1/")
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def text(body: str = "On its way.", to: str = THEIRS, **fields: Any) -> OutboundMessage:
    sender = Address(AddressKind.SMS, NUMBER)
    return OutboundMessage(Address(AddressKind.SMS, to), sender, body, **fields)


def refused(message: OutboundMessage, ours: ChannelFacts) -> tuple[str, bool, bool]:
    """Code, whether to try again, and whether it may have arrived."""
    with pytest.raises(AdapterError) as raised:
        ADAPTER.send(message, ours)
    assert ours.secrets["auth_token"] not in str(raised.value)
    return raised.value.code, raised.value.retryable, raised.value.uncertain


def test_a_text_leaves_from_the_channels_number(twilio: TwilioServer, ours: ChannelFacts):
    result = ADAPTER.send(text("Ünterwegs 🙂"), ours)
    (sent,) = twilio.wait_for(1)
    assert (sent.sender, sent.to, sent.body) == (NUMBER, THEIRS, "Ünterwegs 🙂")
    assert result.aliases == (sent.sid,)


@pytest.mark.parametrize("body", ["Like these.", ""])
def test_pictures_are_named_for_twilio_to_fetch(twilio: TwilioServer, ours: ChannelFacts, body: str):
    twilio.closing.set()
    ADAPTER.send(text(body, files=(PICTURE, replace(PICTURE, source="http://127.0.0.1:9/files/2/"))), ours)
    (sent,) = twilio.wait_for(1)
    assert (sent.body, [file.source for file in sent.media]) == (
        body,
        ["http://127.0.0.1:9/files/1/", "http://127.0.0.1:9/files/2/"],
    )


def test_news_of_it_are_asked_for_with_more_tries(twilio: TwilioServer, ours: ChannelFacts):
    twilio.journey = ()
    ADAPTER.send(text(), replace(ours, hook_url="https://desk.example/hooks/twilio-sms/t/"))
    assert twilio.messages[0].callback == "https://desk.example/hooks/twilio-sms/t/#rc=3&rp=all"


def test_a_messaging_service_picks_the_number(twilio: TwilioServer, ours: ChannelFacts):
    twilio.services["MG1"] = "+12065550199"
    with_service = channel(
        token=twilio.auth_token, hook_url="", account_sid=twilio.account_sid, messaging_service="MG1"
    )
    ADAPTER.send(text(), with_service)
    assert twilio.messages[0].sender == "+12065550199"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (text(to="acme bank"), "21211"),
        (text("x" * 1601), "21617"),
        (text(""), "21619"),
        (text(to=NUMBER), "21266"),
        (text(files=(IncomingFile("a.png", "image/png", b"png"),)), "21620"),
        (text(files=(PICTURE,) * 11), "21623"),
    ],
)
def test_what_can_never_leave(twilio: TwilioServer, ours: ChannelFacts, message: OutboundMessage, code: str):
    assert refused(message, ours) == (code, False, False)
    assert twilio.messages == []


@pytest.mark.parametrize(
    ("twilios", "code"),
    [
        (21614, "21614"),
        (21408, "21408"),
        (21612, "21612"),
        (30034, "config"),
        (20005, "auth"),
        (29999, "29999"),
    ],
)
def test_what_twilio_refuses_for_good(twilio: TwilioServer, ours: ChannelFacts, twilios: int, code: str):
    twilio.refusals[THEIRS] = twilios
    assert refused(text(), ours) == (code, False, False)


def test_twilios_own_words_are_told_where_we_have_none(twilio: TwilioServer, ours: ChannelFacts):
    twilio.refusals[THEIRS] = 29999
    with pytest.raises(AdapterError) as raised:
        ADAPTER.send(text(), ours)
    words = f"Message cannot be sent to {THEIRS} See https://www.twilio.com/docs/errors/29999."
    assert raised.value.detail == words


def test_who_has_sent_stop_is_told_apart(twilio: TwilioServer, ours: ChannelFacts):
    twilio.customer_writes(THEIRS, "Stop")
    assert refused(text(), ours) == ("opted_out", False, False)
    twilio.customer_writes(THEIRS, "START")
    ADAPTER.send(text(), ours)


def test_a_wrong_token_is_the_channels_trouble(twilio: TwilioServer, ours: ChannelFacts):
    assert refused(text(), replace(ours, secrets={"auth_token": "wrong"})) == ("auth", False, False)
    assert refused(text(), channel(token=twilio.auth_token))[0] == "auth"


def test_a_number_that_is_not_ours_is_the_channels_trouble(twilio: TwilioServer, ours: ChannelFacts):
    twilio.numbers.clear()
    assert refused(text(), ours) == ("config", False, False)
    nameless = replace(ours, config={})
    assert refused(text(), nameless) == ("config", False, False)


@pytest.mark.parametrize(
    ("trouble", "end", "taken"),
    [
        (Trouble.BUSY, ("20429", True, False), 0),
        (Trouble.BROKEN, ("20500", True, False), 0),
        (Trouble.AWAY, ("20503", True, False), 0),
        (Trouble.GATEWAY, ("no-answer", False, True), 0),
        (Trouble.LOST, ("no-answer", False, True), 0),
        (Trouble.DROPPED, ("no-answer", False, True), 1),
        (Trouble.GARBLED, ("no-answer", False, True), 1),
    ],
)
def test_troubles(
    twilio: TwilioServer, ours: ChannelFacts, trouble: Trouble, end: tuple[str, bool, bool], taken: int
):
    twilio.troubles.append(trouble)
    assert refused(text(), ours) == end
    assert len(twilio.messages) == taken


def test_silence_after_the_request_is_uncertain(
    twilio: TwilioServer, ours: ChannelFacts, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tenancy.http.TIMEOUT", httpx.Timeout(0.3))
    twilio.troubles.append(Trouble.MUTE)
    assert refused(text(), ours) == ("no-answer", False, True)
    assert len(twilio.messages) == 1


def test_it_says_how_long_to_wait(twilio: TwilioServer, ours: ChannelFacts):
    twilio.troubles.append(Trouble.BUSY)
    with pytest.raises(AdapterError) as raised:
        ADAPTER.send(text(), ours)
    assert raised.value.retry_after == 7


@pytest.mark.parametrize(
    ("url", "end"),
    [
        ("http://127.0.0.1:9", ("connect", True, False)),
        ("http://nowhere.invalid", ("connect", True, False)),
        ("ftp://127.0.0.1", ("config", False, False)),
    ],
)
def test_what_cannot_be_reached_has_taken_nothing(settings: Any, url: str, end: tuple[str, bool, bool]):
    settings.OMNIDESK_PROVIDER_URLS = {"twilio": url}
    assert refused(text(), channel()) == end


def test_the_composer_is_told_what_fits():
    limits = ADAPTER.capabilities(channel())
    assert (limits.text_limit, limits.segments, limits.html) == (1600, True, False)
    assert (limits.files, limits.most_files, limits.file_limit) == (True, 10, 4_900_000)


@pytest.fixture
def sent(twilio: TwilioServer, ours: ChannelFacts) -> OutboundMessage:
    """A message that arrived, though the connection broke."""
    message = text(at=datetime.now(UTC))
    twilio.troubles.append(Trouble.DROPPED)
    assert refused(message, ours) == ("no-answer", False, True)
    return message


def test_a_message_that_arrived_after_all_is_found(
    twilio: TwilioServer, ours: ChannelFacts, sent: OutboundMessage
):
    twilio.customer_writes(THEIRS, sent.text)
    for number in range(60):  # onto the second page
        twilio.send({"To": THEIRS, "From": NUMBER, "Body": f"Something else {number}"})
    result = ADAPTER.outcome(sent, ours)
    assert result
    assert result.aliases == (twilio.messages[0].sid,)


def test_a_message_that_did_not_arrive_is_not_found(twilio: TwilioServer, ours: ChannelFacts):
    message = text(at=datetime.now(UTC))
    twilio.troubles.append(Trouble.LOST)
    assert refused(message, ours)[2]
    assert ADAPTER.outcome(message, ours) is None
    assert ADAPTER.outcome(text(), ours) is None


def test_the_same_words_from_before_are_another_message(
    twilio: TwilioServer, ours: ChannelFacts, sent: OutboundMessage
):
    twilio.messages[0].at -= timedelta(minutes=2)
    assert ADAPTER.outcome(sent, ours) is None


def test_of_two_with_the_same_words_nobody_can_tell_which(
    twilio: TwilioServer, ours: ChannelFacts, sent: OutboundMessage
):
    ADAPTER.send(sent, ours)
    with pytest.raises(AdapterError, match="ambiguous"):
        ADAPTER.outcome(sent, ours)


def test_of_pictures_without_words_nobody_can_tell_which(twilio: TwilioServer, ours: ChannelFacts):
    message = text("", at=datetime.now(UTC), files=(PICTURE,))
    assert ADAPTER.outcome(message, ours) is None
    ADAPTER.send(message, ours)
    with pytest.raises(AdapterError, match="ambiguous"):
        ADAPTER.outcome(message, ours)


def test_one_that_arrived_and_was_not_sent_has_failed(
    twilio: TwilioServer, ours: ChannelFacts, sent: OutboundMessage
):
    twilio.report(twilio.messages[0], "undelivered", 30006)
    with pytest.raises(AdapterError) as raised:
        ADAPTER.outcome(sent, ours)
    assert (raised.value.code, raised.value.retryable, raised.value.uncertain) == ("30006", False, False)


def test_a_silent_twilio_tells_no_outcome(twilio: TwilioServer, ours: ChannelFacts, sent: OutboundMessage):
    with pytest.raises(AdapterError) as raised:
        ADAPTER.outcome(sent, replace(ours, secrets={"auth_token": "wrong"}))
    assert raised.value.code == "auth"
