"""Postmark's calls."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest

from channels_ingest.adapters.email.esp.postmark import PostmarkInlet
from channels_ingest.base import Forged
from channels_ingest.types import Automatic, Ignored, Proof, Receipt, ReceiptStatus
from tests.channels_ingest.adapters.email.esp.calls import (
    RECIPIENT,
    TOKEN,
    basic,
    call,
    channel,
    json_call,
    mailgun_raw,
    postmark_event,
    postmark_mail,
    the_message,
)
from tests.channels_ingest.adapters.email.mails import mail

INLET, FACTS = PostmarkInlet(), channel("postmark", secret="")


def parsed(data: dict[str, Any]) -> Any:
    [found] = INLET.parse(json_call(data).body, json_call(data).headers, FACTS)
    return found


def test_a_mail_in_fields_is_put_together_again():
    found = the_message(INLET, json_call(postmark_mail()), FACTS)
    assert (found.external_id, found.subject, found.text) == (
        "q1@customer.example",
        "Re: Printer",
        "It is still on fire.",
    )
    assert (found.sender.value, found.sender.name) == ("jane@customer.example", "Jane Doe")
    assert found.sender.proof is Proof.CLAIMED
    assert [each.value for each in (*found.to, *found.cc)] == [RECIPIENT, "bob@customer.example"]
    assert (found.tokens, found.thread_keys) == ((TOKEN,), ("t55.9@acme.example",))
    assert found.at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (found.automatic, found.spam, found.files) == (Automatic.NO, False, ())


def test_the_shortest_documented_call_is_a_mail():
    data = {
        "MessageID": "7b0c-demo",
        "FromFull": {"Email": "ana@cust.example", "Name": "Ana"},
        "OriginalRecipient": "reply+k3x9@in.desk.example",
        "Subject": "Re: printer",
        "TextBody": "still broken",
        "Headers": [
            {"Name": "Return-Path", "Value": "<ana@cust.example>"},
            {"Name": "Message-ID", "Value": "<q1@cust.example>"},
            {"Name": "References", "Value": "<t55.9@desk.example>"},
        ],
        "Attachments": [],
    }
    found = parsed(data)
    assert (found.external_id, found.sender.name, found.text) == ("q1@cust.example", "Ana", "still broken")
    assert found.thread_keys == ("t55.9@desk.example",)


def test_raw_mail_is_preferred():
    found = parsed(postmark_mail(RawEmail=mail("It is on fire.").decode(), TextBody="Something else"))
    assert (found.text, found.subject) == ("It is on fire.", "Printer")


def test_files_come_along_and_their_names_have_no_path():
    picture = {
        "Name": "..\\pic.png",
        "Content": b64encode(b"\x89PNG\r\n").decode(),
        "ContentType": "image/png",
        "ContentID": "pic@x",
        "ContentLength": 6,
    }
    plain = {"Name": "", "Data": b64encode(b"x").decode(), "ContentType": "nonsense\r\nX: y"}
    found = parsed(postmark_mail(HtmlBody='<img src="cid:pic@x">', Attachments=[picture, plain]))
    assert [(file.name, file.content_type, file.content, file.inline) for file in found.files] == [
        ("pic.png", "image/png", b"\x89PNG\r\n", True),
        ("attachment.bin", "application/octet-stream", b"x", False),
    ]


def test_only_the_first_return_path_is_postmarks():
    forged = {"Name": "Return-Path", "Value": "<>"}
    headers = [{"Name": "Return-Path", "Value": "<jane@customer.example>"}, forged]
    raw = mail(return_path="<>").decode()
    assert parsed(postmark_mail(Headers=headers)).automatic is Automatic.NO
    assert parsed(postmark_mail(Headers=headers, RawEmail=raw)).automatic is Automatic.NO
    assert parsed(postmark_mail(Headers=headers[1:], RawEmail=mail().decode())).automatic is Automatic.BULK
    late = [{"Name": "Subject", "Value": "x"}, forged]
    assert parsed(postmark_mail(Headers=late, RawEmail=raw)).automatic is Automatic.NO


def test_what_postmark_calls_spam_is_spam():
    assert parsed(postmark_mail(Headers=[{"Name": "X-Spam-Status", "Value": "Yes"}])).spam


def test_a_trusted_server_in_front_vouches_for_the_sender():
    raw = mail(top="Authentication-Results: mx.acme.example; dmarc=pass header.from=customer.example\n")
    facts = channel("postmark", secret="", authserv_ids="mx.acme.example")
    made = json_call(postmark_mail(RawEmail=raw.decode()))
    assert the_message(INLET, made, facts).sender.proof is Proof.ATTESTED


def test_a_retry_and_the_same_mail_by_another_way_have_the_same_key():
    keys = {
        INLET.seen_key(json_call(postmark_mail(RawEmail=mail().decode(), MessageID=each)), FACTS)
        for each in "ab"
    }
    assert len(keys) == 1
    assert INLET.seen_key(json_call(postmark_mail()), FACTS) == INLET.seen_key(
        json_call(postmark_mail(MessageID="b")), FACTS
    )
    assert INLET.seen_key(json_call(postmark_mail()), FACTS) not in keys
    assert INLET.order_key(json_call(postmark_mail()), FACTS) == "jane@customer.example"


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("user:pass", "user:pass"),
        ("pass", "anybody:pass"),
        ("pass", ":pass"),
        ("", ""),
        ("p\u00e4ss", "x:p\u00e4ss"),
    ],
)
def test_the_password_in_the_address_is_checked_where_there_is_one(secret: str, shown: str):
    INLET.verify(json_call({}, authorization=basic(shown)), channel("postmark", secret=secret))


@pytest.mark.parametrize(
    ("secret", "header"),
    [
        ("user:pass", basic("user:wrong")),
        ("user:pass", basic("other:pass")),
        ("user:pass", basic("pass")),
        ("pass", basic("pass")),
        ("pass", "Bearer pass"),
        ("pass", "Basic \u00e9"),
        ("pass", "Basic !"),
        ("pass", "Basic"),
        ("pass", ""),
    ],
)
def test_a_wrong_password_is_worth_a_retry(secret: str, header: str):
    with pytest.raises(Forged) as forged:
        INLET.verify(json_call({}, authorization=header), channel("postmark", secret=secret))
    assert forged.value.status == 401


@pytest.mark.parametrize(
    ("data", "status", "code", "detail"),
    [
        (postmark_event("Delivery", DeliveredAt="2026-03-02T09:00:00Z"), ReceiptStatus.DELIVERED, "", ""),
        (
            postmark_event(
                "Bounce",
                ID=42,
                Type="HardBounce",
                Email="Jane@Customer.example",
                BouncedAt="2026-03-02T10:00:00+01:00",
                Details="smtp;550 5.1.1 unknown user",
                Description="The server was unable to deliver your message",
            ),
            ReceiptStatus.FAILED,
            "5.1.1",
            "smtp;550 5.1.1 unknown user The server was unable to deliver your message",
        ),
        (
            postmark_event("SpamComplaint", Type="SpamComplaint", BouncedAt="2026-03-02T09:00:00"),
            ReceiptStatus.DELIVERED,
            "complained",
            "",
        ),
    ],
)
def test_events_become_receipts(data: dict[str, Any], status: ReceiptStatus, code: str, detail: str):
    found = parsed(data)
    assert isinstance(found, Receipt)
    assert (found.aliases, found.recipient) == (("pm-1", "m1@acme.example"), "jane@customer.example")
    assert (found.status, found.code, found.detail) == (status, code, detail)
    assert found.at == datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "data",
    [
        postmark_event("Open"),
        postmark_event("Click"),
        postmark_event("SubscriptionChange", SuppressSending=True, SuppressionReason="ManualSuppression"),
        postmark_event("Bounce", Type="Transient"),
        postmark_event("Bounce", Type=[]),
        postmark_event("Delivery", DeliveredAt=7),
        postmark_event("Delivery", MessageID=None, Metadata=None),
        postmark_event("Tomorrow"),
        {"RecordType": 5},
        {},
        {"Subject": "nobody"},
        {"FromFull": "x", "Headers": [1, {"Name": 2}], "ToFull": 5, "Attachments": {"a": 1}},
    ],
)
def test_what_settles_nothing_or_makes_no_sense_is_ignored(data: dict[str, Any]):
    assert isinstance(parsed(data), Ignored)


def test_events_of_one_mail_have_keys_of_their_own():
    events = [
        postmark_event("Delivery", DeliveredAt="2026-03-02T09:00:00Z"),
        postmark_event("Delivery", DeliveredAt="2026-03-02T09:00:00Z", Recipient="bob@customer.example"),
        postmark_event("Bounce", ID=1, Type="HardBounce"),
        postmark_event("Bounce", ID=2, Type="HardBounce"),
    ]
    assert len({INLET.seen_key(json_call(one), FACTS) for one in (*events, *events)}) == 4


@pytest.mark.parametrize("made", [call(b"\xff"), call(b"[]"), call(b""), mailgun_raw()])
def test_what_is_no_json_object_is_kept_and_ignored(made):
    INLET.verify(made, FACTS)
    [found] = INLET.parse(made.body, made.headers, FACTS)
    assert isinstance(found, Ignored)
    assert INLET.seen_key(made, FACTS).startswith("postmark ")
    assert INLET.order_key(made, FACTS) == ""
