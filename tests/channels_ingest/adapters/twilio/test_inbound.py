"""What Twilio's calls are parsed into."""

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.twilio.sms import SmsAdapter
from channels_ingest.base import Outcome
from channels_ingest.types import (
    Address,
    AddressKind,
    Automatic,
    Consent,
    Ignored,
    InboundMessage,
    IncomingFile,
    ParsedEvent,
    Proof,
    Receipt,
    ReceiptStatus,
)
from tests.channels_ingest.adapters.twilio.calls import NUMBER, SID, THEIRS, call, channel, form, news

ADAPTER = SmsAdapter()
SENDER = Address(AddressKind.SMS, THEIRS, verbatim=THEIRS, proof=Proof.ATTESTED)


def parsed(body: bytes) -> list[ParsedEvent]:
    return ADAPTER.parse(body, {}, channel())


def message(**fields: str) -> InboundMessage:
    found = parsed(form(**fields))[0]
    assert isinstance(found, InboundMessage), found
    return found


def test_a_text_is_a_message():
    assert parsed(form()) == [
        InboundMessage(
            external_id="SM1",
            sender=SENDER,
            text="Where is my order?",
            to=(Address(AddressKind.SMS, NUMBER, verbatim=NUMBER, proof=Proof.ATTESTED),),
            facts={"segments": "1", "place": "SEATTLE, WA, US"},
        )
    ]


def test_pictures_are_named_and_fetched_later():
    found = message(
        NumMedia="2",
        Body="",
        MediaUrl0="https://api.twilio.com/ME1",
        MediaContentType0="image/jpeg",
        MediaUrl1="https://api.twilio.com/ME2",
        MediaContentType1="text/x-vcard",
    )
    assert found.text == ""
    assert found.files == (
        IncomingFile("image-1.jpg", "image/jpeg", source="https://api.twilio.com/ME1"),
        IncomingFile("file-2.vcf", "text/x-vcard", source="https://api.twilio.com/ME2"),
    )


def test_one_that_was_missed_brings_its_time():
    found = message(DateSent="Mon, 02 Mar 2026 09:00:00 +0000")
    assert found.at == datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "yesterday", "Mon, 99 Mar 2026 09:00:00 +0000", "\0"])
def test_a_time_that_cannot_be_read_is_none(written: str):
    assert message(DateSent=written).at is None


@pytest.mark.parametrize(
    ("written", "value"),
    [("24273", "24273"), ("ACME Bank", "acme bank"), ("+1234", "+1234"), ("12\0 ", "12")],
)
def test_senders_that_are_no_phone_are_machines_that_nobody_vouches_for(written: str, value: str):
    found = message(From=written)
    assert (found.sender.value, found.sender.proof, found.automatic) == (value, Proof.CLAIMED, Automatic.BULK)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"From": f"whatsapp:{THEIRS}"}, "It came by WhatsApp. This channel carries text messages alone."),
        ({"From": "messenger:1234"}, "It came by Messenger. This channel carries text messages alone."),
        ({"From": f"rcs:{THEIRS}"}, "It came by RCS. This channel carries text messages alone."),
        ({"From": "x:y"}, "It came by another way. This channel carries text messages alone."),
        ({"From": ""}, "It names no sender."),
        ({"From": NUMBER}, "Our own message, come back."),
        ({"Body": " \n"}, "It is empty."),
        ({"Body": "\0"}, "It is empty."),
        ({"MessageSid": "", "SmsSid": ""}, "It names no message."),
        ({"MessageSid": "SM 1;"}, "It names no message."),
    ],
)
def test_what_means_nothing_to_us_says_why(fields: dict[str, str], reason: str):
    assert parsed(form(**fields)) == [Ignored(reason)]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"From": "x"}', b"\xff\xfe", b"&" * 10_000, b"a=1&" * 10_000])
def test_what_is_no_form_is_ignored(body: bytes):
    assert parsed(body) == [Ignored("It names no message.")]


@pytest.mark.parametrize(
    ("word", "automatic", "given"),
    [
        ("STOP", Automatic.KEYWORD, False),
        (" stop \n", Automatic.KEYWORD, False),
        ("Unsubscribe", Automatic.KEYWORD, False),
        ("CANCEL", Automatic.KEYWORD, False),
        ("end", Automatic.KEYWORD, False),
        ("QUIT", Automatic.KEYWORD, False),
        ("StopAll", Automatic.KEYWORD, False),
        ("START", Automatic.KEYWORD, True),
        ("unstop", Automatic.KEYWORD, True),
        ("Yes", Automatic.NO, True),
    ],
)
def test_words_of_consent(word: str, automatic: Automatic, given: bool):
    found, consent = parsed(form(Body=word))
    assert isinstance(found, InboundMessage)
    assert found.automatic is automatic
    assert consent == Consent(SENDER, is_given=given)


@pytest.mark.parametrize("word", ["Please stop", "STOP.", "stop it", "cancel my order", "yes please", "ok"])
def test_a_word_among_others_is_no_consent(word: str):
    assert [type(event) for event in parsed(form(Body=word))] == [InboundMessage]
    assert message(Body=word).automatic is Automatic.NO


def test_help_is_answered_by_twilio():
    assert [event.automatic for event in parsed(form(Body="HELP"))] == [Automatic.KEYWORD]  # type: ignore[union-attr]


@pytest.mark.parametrize(("verdict", "consents"), [("STOP", [False]), ("START", [True]), ("HELP", [])])
def test_twilios_own_verdict_counts_where_it_gives_one(verdict: str, consents: list[bool]):
    found, *rest = parsed(form(Body="BAJA", OptOutType=verdict))
    assert isinstance(found, InboundMessage)
    assert found.automatic is Automatic.KEYWORD
    assert [event.is_given for event in rest if isinstance(event, Consent)] == consents


LONG = "My order 12345 has not arrived; it was to come on Monday, and it is Friday. Where is it?"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (base64.b64encode(LONG.encode()).decode(), LONG),
        (base64.b64encode(b"short").decode(), "c2hvcnQ="),
        (base64.b64encode(bytes(range(99))).decode(), base64.b64encode(bytes(range(99))).decode()),
        ("a" * 64, "a" * 64),
        (LONG, LONG),
    ],
    ids=["long text", "too short", "bytes", "a cry", "plain"],
)
def test_long_texts_that_come_as_base64_are_read(body: str, text: str):
    assert message(Body=body).text == text


def test_the_text_is_fit_to_be_stored():
    assert message(Body="a\0b\r\nc\x07").text == "ab\nc"


@pytest.mark.parametrize(
    ("status", "became"),
    [("sent", ReceiptStatus.SENT), ("delivered", ReceiptStatus.DELIVERED), ("read", ReceiptStatus.READ)],
)
def test_good_news(status: str, became: ReceiptStatus):
    assert parsed(news(status)) == [Receipt(("SM9",), became, recipient=THEIRS)]


@pytest.mark.parametrize(
    ("status", "error", "code", "words"),
    [
        ("failed", "30006", "30006", "The recipient's number is a landline"),
        ("undelivered", "30003", "30003", "The recipient's phone is off or out of reach."),
        ("undelivered", "", "undelivered", "The carrier did not deliver it, and does not say why."),
        ("canceled", "", "canceled", "It was cancelled at Twilio"),
        ("failed", "63019", "63019", "Twilio could not fetch the file from this installation."),
        (
            "failed",
            "39999",
            "39999",
            "Twilio could not send it. See https://www.twilio.com/docs/errors/39999.",
        ),
        ("failed", "\0<b>" * 99, "failed", "Twilio could not send it, and does not say why."),
    ],
)
def test_bad_news(status: str, error: str, code: str, words: str):
    (found,) = parsed(news(status, ErrorCode=error))
    assert isinstance(found, Receipt)
    assert (found.status, found.code) == (ReceiptStatus.FAILED, code)
    assert found.detail.startswith(words)


def test_a_refusal_because_of_stop_is_news_of_consent_too():
    failed, consent = parsed(news("failed", ErrorCode="21610"))
    assert isinstance(failed, Receipt)
    assert failed.code == "opted_out"
    assert consent == Consent(SENDER, is_given=False)


@pytest.mark.parametrize(
    "status", ["queued", "sending", "accepted", "scheduled", "partially_delivered", "moo"]
)
def test_what_is_on_its_way_is_no_news(status: str):
    assert parsed(news(status)) == [
        Ignored(f"The message is {status}: nothing has become of it yet."),
    ]


@pytest.mark.parametrize(
    ("body", "seen", "order"),
    [
        (form(), "SM1", THEIRS),
        (form(Body="changed"), "SM1", THEIRS),
        (news("sent"), "SM9 sent", "SM9"),
        (news("failed", ErrorCode="30003"), "SM9 failed 30003", "SM9"),
    ],
)
def test_keys(body: bytes, seen: str, order: str):
    assert ADAPTER.seen_key(call(body), channel()) == seen
    assert ADAPTER.order_key(call(body), channel()) == order


def test_calls_that_name_no_message_are_told_apart():
    keys = {ADAPTER.seen_key(call(body), channel()) for body in (b"", b"{}", b"\xff")}
    assert len(keys) == 3


def test_twilio_is_told_to_do_nothing():
    response = ADAPTER.respond(call(), Outcome.STORED)
    assert (response.status, response.content_type) == (200, "text/xml")
    assert response.body == b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


VALUES = st.text(max_size=80) | st.sampled_from(
    [THEIRS, "STOP", "SM1", "sent", "failed", "21610", "\0", "whatsapp:"]
)
NAMES = st.sampled_from(
    ["MessageSid", "From", "To", "Body", "NumMedia", "MediaUrl0", "MediaContentType0", "MessageStatus",
     "ErrorCode", "OptOutType", "DateSent", "NumSegments", "FromCity"]
)  # fmt: skip


@given(st.dictionaries(NAMES, VALUES))
def test_whatever_comes_is_parsed_into_something_storable(fields: dict[str, Any]):
    body = urlencode({"MessageSid": "SM1", "AccountSid": SID} | fields, errors="replace").encode()
    events = parsed(body)
    assert events
    for event in events:
        assert "\0" not in str(event)
        assert "\\x00" not in repr(event)
        if isinstance(event, InboundMessage):
            assert event.text.strip() or event.files


@given(st.binary(max_size=400))
def test_any_bytes_are_parsed(body: bytes):
    assert parsed(body)
    assert ADAPTER.seen_key(call(body), channel())
    ADAPTER.order_key(call(body), channel())
