"""SendGrid's calls."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from channels_ingest.adapters.email.esp.sendgrid import SendGridInlet
from channels_ingest.base import Forged, RawCall
from channels_ingest.types import Ignored, Proof, Receipt, ReceiptStatus
from tests.channels_ingest.adapters.email.esp.calls import (
    NOW,
    RECIPIENT,
    TOKEN,
    basic,
    call,
    channel,
    form_call,
    json_call,
    read,
    sendgrid_event,
    sendgrid_raw,
    the_message,
)
from tests.channels_ingest.adapters.email.mails import mail

INLET, FACTS = SendGridInlet(), channel("sendgrid", secret="")
KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
SIGNED = channel("sendgrid", esp_event_key=PUBLIC)


def signed(body: bytes, timestamp: str = str(NOW)) -> RawCall:
    signature = b64encode(KEY.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))).decode()
    name = "x_twilio_email_event_webhook"
    return call(body, **{f"{name}_signature": signature, f"{name}_timestamp": timestamp})


def test_a_raw_mail_is_read_byte_for_byte():
    raw = mail("Gr\xfc\xdfe".encode("latin-1"), content_type="text/plain; charset=iso-8859-1")
    found = the_message(INLET, sendgrid_raw(raw), FACTS)
    assert (found.external_id, found.text, found.tokens) == ("q1@customer.example", "Grüße", (TOKEN,))
    assert (found.sender.proof, found.spam) == (Proof.ATTESTED, False)


@pytest.mark.parametrize(
    ("fields", "proof"),
    [
        ({"SPF": "fail"}, Proof.ATTESTED),  # DKIM of the same domain
        ({"dkim": "none"}, Proof.ATTESTED),  # SPF of the same domain
        ({"SPF": "fail", "dkim": "{@customer.example : fail}"}, Proof.CLAIMED),
        ({"SPF": "fail", "dkim": "{@evil.example : pass}"}, Proof.CLAIMED),
        ({"SPF": "fail", "dkim": "{@evil.example : pass, @customer.example : fail}"}, Proof.CLAIMED),
        ({"dkim": "", "envelope": '{"to":["x@acme.example"],"from":"x@evil.example"}'}, Proof.CLAIMED),
        ({"dkim": "", "envelope": "nonsense"}, Proof.CLAIMED),
    ],
)
def test_the_sender_is_vouched_for_by_an_aligned_pass(fields: dict[str, str], proof: Proof):
    assert the_message(INLET, sendgrid_raw(**fields), FACTS).sender.proof is proof


@pytest.mark.parametrize(
    ("score", "spam"), [("4.9", False), ("5.0", True), ("", False), ("much", False), ("nan", False)]
)
def test_a_high_score_is_spam(score: str, spam: bool):
    assert the_message(INLET, sendgrid_raw(spam_score=score), FACTS).spam is spam


def test_a_mail_in_fields_is_put_together_again_each_in_its_charset():
    fields: dict[str, str | bytes] = {
        "headers": b"From: Jane Doe <jane@customer.example>\nMessage-ID: <q1@customer.example>\n",
        "text": "Gr\xfc\xdfe".encode("latin-1"),
        "html": "<p>\u0413\u043e\u0440\u0438\u0442</p>".encode("koi8-r"),
        "charsets": json.dumps({"text": "iso-8859-1", "html": "KOI8-R", "to": "UTF-8"}),
        "envelope": json.dumps({"to": [RECIPIENT], "from": "jane@customer.example"}),
        "attachments": "1",
        "attachment-info": json.dumps({"attachment1": {"filename": "../a.png", "type": "image/png"}}),
    }
    found = the_message(INLET, form_call(fields, ("attachment1", "", "", b"\x89PNG")), FACTS)
    assert (found.external_id, found.text, found.tokens) == ("q1@customer.example", "Grüße", (TOKEN,))
    assert found.html == "<p>\u0413\u043e\u0440\u0438\u0442</p>"
    assert [(file.name, file.content_type, file.content) for file in found.files] == [
        ("a.png", "image/png", b"\x89PNG")
    ]


def test_an_unknown_charset_does_not_lose_the_mail():
    fields = {"headers": "From: jane@customer.example", "text": "Hello", "charsets": '{"text": "x-unknown"}'}
    assert the_message(INLET, form_call(fields), FACTS).text == "Hello"


def test_a_retry_has_the_same_key():
    assert INLET.seen_key(sendgrid_raw(), FACTS) == INLET.seen_key(sendgrid_raw(spam_score="0.2"), FACTS)
    assert INLET.order_key(sendgrid_raw(), FACTS) == "jane@customer.example"
    once, again = (
        json_call([sendgrid_event("delivered"), sendgrid_event("bounce")]),
        json_call([sendgrid_event("bounce"), sendgrid_event("delivered")]),
    )
    assert INLET.seen_key(once, FACTS) == INLET.seen_key(again, FACTS)


def test_events_of_a_batch_become_receipts_one_by_one():
    made = json_call(
        [
            sendgrid_event("processed"),
            sendgrid_event("delivered", response="250 OK"),
            sendgrid_event("bounce", status="5.1.1", reason="550 5.1.1 No such user", type="bounce"),
            sendgrid_event("dropped", reason="Bounced Address"),
            sendgrid_event("spamreport"),
            sendgrid_event("deferred", response="450 busy"),
            sendgrid_event("open"),
            {"timestamp": "x"},
        ]
    )
    found = read(INLET, made, FACTS)
    receipts = [one for one in found if isinstance(one, Receipt)]
    assert [(one.status, one.code) for one in receipts] == [
        (ReceiptStatus.SENT, ""),
        (ReceiptStatus.DELIVERED, ""),
        (ReceiptStatus.FAILED, "5.1.1"),
        (ReceiptStatus.FAILED, "rejected"),
        (ReceiptStatus.DELIVERED, "complained"),
    ]
    assert [type(one) for one in found[5:]] == [Ignored] * 3
    assert (receipts[2].detail, receipts[2].recipient) == ("550 5.1.1 No such user", "jane@customer.example")
    assert receipts[2].aliases == ("m1@acme.example", "sg1")
    assert receipts[2].at == datetime.fromtimestamp(NOW, UTC)


def test_signed_events_are_taken_and_others_are_not():
    body = json_call([sendgrid_event("delivered")]).body
    INLET.verify(signed(body), SIGNED)
    for made in (
        call(body),
        call(body, authorization=basic("x:a signing key")),
        call(
            body + b" ",
            **{name.replace("-", "_"): value for name, value in signed(body).headers.items() if "x-" in name},
        ),
        call(body, x_twilio_email_event_webhook_signature="\u00e9"),
        call(body, x_twilio_email_event_webhook_signature="AAAA"),
    ):
        with pytest.raises(Forged) as forged:
            INLET.verify(made, SIGNED)
        assert forged.value.status == 401


@pytest.mark.parametrize("key", ["nonsense", "AAAA", "\u00e9"])
def test_a_wrong_key_refuses_everything(key: str):
    with pytest.raises(Forged):
        INLET.verify(signed(b"[]"), channel("sendgrid", esp_event_key=key))


def test_a_key_of_another_kind_refuses_everything():
    public = rsa.generate_private_key(65537, 2048).public_key()
    key = b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    with pytest.raises(Forged):
        INLET.verify(signed(b"[]"), channel("sendgrid", esp_event_key=key))


def test_mail_shows_the_password_where_there_is_one():
    made = form_call({"email": mail()})
    with pytest.raises(Forged):
        INLET.verify(made, SIGNED)
    INLET.verify(
        call(made.body, made.headers["content-type"], authorization=basic("x:a signing key")), SIGNED
    )


@pytest.mark.parametrize(
    "made",
    [
        call(b"\xff"),
        json_call({}),
        json_call([1]),
        json_call([]),
        call(b"", "multipart/form-data"),
        form_call({}),
        call(b"x", ""),
    ],
)
def test_what_makes_no_sense_is_kept_and_ignored(made: RawCall):
    [found] = read(INLET, made, FACTS)
    assert isinstance(found, Ignored)
    assert INLET.seen_key(made, FACTS).startswith("sendgrid ")


@pytest.mark.parametrize(
    "about", [{"sg_message_id": 5}, {"timestamp": None}, {"email": ["x"]}, {"sg_event_id": None}]
)
def test_odd_events_raise_nothing(about: dict[str, Any]):
    assert len(read(INLET, json_call([sendgrid_event("delivered", **about)]), FACTS)) == 1
