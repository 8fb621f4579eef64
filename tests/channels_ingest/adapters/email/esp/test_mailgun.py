"""Mailgun's calls."""

import json
from datetime import UTC, datetime

import pytest
import time_machine

from channels_ingest.adapters.email.esp.mailgun import MailgunInlet
from channels_ingest.base import Forged, Outcome, Response
from channels_ingest.types import Address, AddressKind, Ignored, Proof, Receipt, ReceiptStatus
from tests.channels_ingest.adapters.email.esp.calls import (
    MAILGUNS,
    NOW,
    RECIPIENT,
    TOKEN,
    call,
    channel,
    form_call,
    json_call,
    mailgun_event,
    mailgun_raw,
    read,
    signed_by_mailgun,
    the_message,
    url_call,
)
from tests.channels_ingest.adapters.email.mails import mail

INLET, FACTS = MailgunInlet(), channel("mailgun")
JANE = Address(
    AddressKind.EMAIL,
    "jane@customer.example",
    name="Jane Doe",
    verbatim="jane@customer.example",
    proof=Proof.ATTESTED,
)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_raw_mail_is_read_byte_for_byte():
    raw = mail("Gr\xfc\xdfe".encode("latin-1"), content_type="text/plain; charset=iso-8859-1", top=MAILGUNS)
    found = the_message(INLET, mailgun_raw(raw), FACTS)
    assert (found.external_id, found.text, found.subject) == ("q1@customer.example", "Grüße", "Printer")
    assert (found.tokens, found.spam) == ((TOKEN,), False)


def test_a_mail_of_twenty_megabytes_is_read():
    raw = mail("x" * 76 + "\n" + "y" * 20_000_000, top=MAILGUNS)
    found = the_message(INLET, mailgun_raw(raw), FACTS)
    assert found.text.startswith("x" * 76)
    assert INLET.max_body > 20_000_000


def test_a_url_encoded_call_is_read_too():
    raw = mail("\u00fc", content_type="text/plain; charset=utf-8")
    fields: dict[str, str | bytes] = {**signed_by_mailgun(), "recipient": RECIPIENT, "body-mime": raw}
    assert the_message(INLET, url_call(fields), FACTS).text == "\u00fc"


@pytest.mark.parametrize(
    ("top", "proof"),
    [
        (MAILGUNS, Proof.ATTESTED),  # SPF passed for the envelope's customer.example
        (MAILGUNS.replace("Spf: Pass", "Spf: Fail"), Proof.CLAIMED),
        (
            MAILGUNS.replace("Spf: Pass", "Spf: Fail") + "DKIM-Signature: v=1; d=customer.example\n",
            Proof.ATTESTED,
        ),
        (MAILGUNS.replace("Spf: Pass", "Spf: Fail") + "DKIM-Signature: d=evil.example\n", Proof.CLAIMED),
        (
            MAILGUNS.replace("Spf: Pass", "Spf: Fail")
            + "DKIM-Signature: d=evil.example\nDKIM-Signature: d=customer.example\n",
            Proof.CLAIMED,
        ),
        ("", Proof.CLAIMED),
        ("X-Mailgun-Spf: Pass\n", Proof.CLAIMED),
        ("Received: by mxa.mailgun.org\nX-Mailgun-Spf: Pass\n", Proof.CLAIMED),
    ],
)
def test_the_sender_is_vouched_for_only_by_what_mailgun_itself_wrote(top: str, proof: Proof):
    assert the_message(INLET, mailgun_raw(mail(top=top)), FACTS).sender.proof is proof


def test_spf_for_another_envelope_says_nothing_of_the_sender():
    found = the_message(INLET, mailgun_raw(mail(top=MAILGUNS), sender="x@evil.example"), FACTS)
    assert found.sender.proof is Proof.CLAIMED


def test_what_mailgun_calls_spam_is_spam():
    spam = mailgun_raw(mail(top=MAILGUNS.replace("Sflag: No", "Sflag: Yes")))
    assert the_message(INLET, spam, FACTS).spam


def test_a_bounce_from_a_bare_daemon_is_a_receipt():
    raw = mail(
        "Original-Message-ID: <m1@acme.example>\n550 5.1.1 no such user",
        subject="Undelivered Mail Returned to Sender",
        **{"from": "MAILER-DAEMON"},
    )
    [found] = read(INLET, mailgun_raw(raw, sender=""), FACTS)
    assert isinstance(found, Receipt)
    assert (found.aliases, found.status, found.code) == (("m1@acme.example",), ReceiptStatus.FAILED, "5.1.1")


PARSED = {
    "recipient": RECIPIENT,
    "sender": "jane@customer.example",
    "message-headers": json.dumps(
        [
            ["X-Mailgun-Spf", "Pass"],
            ["Received", "from x by mxa.mailgun.org"],
            ["From", "Jane Doe <jane@customer.example>"],
            ["Subject", "Gr\u00fc\u00dfe"],
            ["Message-Id", "<q1@customer.example>"],
            ["References", "<t55.9@acme.example> <" + "x" * 120 + "@customer.example>"],
            ["Content-Type", "multipart/mixed; boundary=theirs"],
            ["Evil", "a\r\nBcc: b@c.example"],
        ]
    ),
    "body-plain": "It is on fire.",
    "body-html": '<p>It is <b>on</b> fire. <img src="cid:pic@x"></p>',
    "content-id-map": json.dumps({"<pic@x>": "attachment-1"}),
    "attachment-count": "3",
}
FILES = (
    ("attachment-1", "", "image/png", b"\x89PNG\r\n\xff"),
    ("attachment-2", "..", "application/pdf", b"%PDF"),
    ("attachment-3", "old.eml", "message/rfc822", b"Subject: \xfc\r\n\r\nOld"),
)


def test_a_mail_in_fields_is_put_together_again():
    found = the_message(INLET, form_call(PARSED | signed_by_mailgun(), *FILES), FACTS)
    assert (found.external_id, found.subject, found.text) == (
        "q1@customer.example",
        "Grüße",
        "It is on fire.",
    )
    assert found.sender == JANE
    assert found.thread_keys == ("x" * 120 + "@customer.example", "t55.9@acme.example")
    assert [(file.name, file.content_type, file.content, file.inline) for file in found.files] == [
        ("attachment.png", "image/png", b"\x89PNG\r\n\xff", True),
        ("attachment.pdf", "application/pdf", b"%PDF", False),
        ("old.eml", "message/rfc822", b"Subject: \xfc\r\n\r\nOld", False),
    ]


def test_the_same_mail_has_the_same_key_whatever_its_token_and_shape():
    again = form_call(PARSED | signed_by_mailgun(NOW + 60, "t2"), *FILES)
    assert INLET.seen_key(form_call(PARSED | signed_by_mailgun(), *FILES), FACTS) == INLET.seen_key(
        again, FACTS
    )
    raw = mailgun_raw(mail(), **signed_by_mailgun(NOW + 60, "t2"))
    assert INLET.seen_key(mailgun_raw(mail()), FACTS) == INLET.seen_key(raw, FACTS)
    assert INLET.order_key(raw, FACTS) == "jane@customer.example"


def test_a_mail_that_mailgun_keeps_is_ignored_with_a_hint():
    made = form_call(signed_by_mailgun() | {"attachments": "[]", "from": "jane@customer.example"})
    assert read(INLET, made, FACTS) == [Ignored("Mailgun keeps this mail (store): let its route forward it.")]


@pytest.mark.parametrize(
    "made",
    [
        mailgun_raw(signature="0" * 64),
        mailgun_raw(timestamp=str(NOW + 1)),
        mailgun_raw(token="t2"),
        mailgun_raw(**signed_by_mailgun(key="another")),
        mailgun_raw(**signed_by_mailgun(NOW - 9 * 3600 - 1)),
        mailgun_raw(**signed_by_mailgun(NOW + 601)),
        mailgun_raw(signature="\u00e9"),
        json_call({}),
        json_call([]),
        json_call({"signature": "x"}),
        json_call({"signature": {"timestamp": [], "token": {}, "signature": None}}),
        call(b"\xff\x00", "application/json"),
        call(b"", ""),
        form_call({}),
    ],
)
def test_what_mailgun_did_not_sign_is_forged(made):
    with pytest.raises(Forged) as forged:
        INLET.verify(made, FACTS)
    assert forged.value.status == 401


def test_a_retry_after_eight_hours_is_taken():
    INLET.verify(mailgun_raw(**signed_by_mailgun(NOW - 8 * 3600)), FACTS)


def test_a_channel_without_a_key_or_of_another_service_takes_nothing():
    for facts in (channel("mailgun", secret=""), channel("postmark"), channel("")):
        with pytest.raises(Forged):
            INLET.verify(mailgun_raw(), facts)


@pytest.mark.parametrize(
    ("made", "status", "code", "detail"),
    [
        (mailgun_event("delivered"), ReceiptStatus.DELIVERED, "", ""),
        (mailgun_event("accepted"), ReceiptStatus.SENT, "", ""),
        (mailgun_event("complained"), ReceiptStatus.DELIVERED, "complained", ""),
        (
            mailgun_event(
                "failed",
                severity="permanent",
                reason="bounce",
                **{"delivery-status": {"code": 550, "message": "5.1.1 No such user", "description": ""}},
            ),
            ReceiptStatus.FAILED,
            "5.1.1",
            "5.1.1 No such user",
        ),
        (
            mailgun_event("rejected", reject={"reason": "Sandbox subdomains are for test purposes only"}),
            ReceiptStatus.FAILED,
            "rejected",
            "Sandbox subdomains are for test purposes only",
        ),
    ],
)
def test_events_become_receipts(made, status: ReceiptStatus, code: str, detail: str):
    [found] = read(INLET, made, FACTS)
    assert found == Receipt(
        aliases=("m1@acme.example",),
        status=status,
        external_id="t1",
        recipient="jane@customer.example",
        code=code,
        detail=detail,
        at=datetime.fromtimestamp(NOW, UTC),
    )


@pytest.mark.parametrize(
    "made",
    [
        mailgun_event("opened"),
        mailgun_event("clicked"),
        mailgun_event("failed", severity="temporary"),
        mailgun_event("delivered", message={}),
        mailgun_event("delivered", message=None),
        mailgun_event("delivered", timestamp="no time"),
        mailgun_event("delivered", timestamp=1e300),
        json_call({"signature": signed_by_mailgun()}),
        json_call({"signature": signed_by_mailgun(), "event-data": []}),
        form_call(signed_by_mailgun()),
        form_call(signed_by_mailgun() | {"message-headers": "nothing"}),
        form_call(signed_by_mailgun() | {"message-headers": "{}"}),
    ],
)
def test_what_settles_nothing_or_makes_no_sense_is_ignored(made):
    [found] = read(INLET, made, FACTS)
    assert isinstance(found, Ignored)
    assert INLET.seen_key(made, FACTS) == INLET.seen_key(made, FACTS)


def test_an_event_that_comes_again_has_the_same_key_under_another_token():
    keys = {
        INLET.seen_key(mailgun_event(*about), FACTS)
        for about in [("delivered", "t1"), ("delivered", "t2"), ("opened",)]
    }
    assert len(keys) == 2


def test_mailgun_wants_to_read_nothing():
    assert INLET.respond(mailgun_raw(), Outcome.STORED) == Response(200, "text/plain", b"")
