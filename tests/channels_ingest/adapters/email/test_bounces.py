"""Reports on mail of ours: what they say, in whatever form."""

import pytest

from channels_ingest.types import Automatic, Ignored, InboundMessage, Receipt, ReceiptStatus
from tests.channels_ingest.adapters.email.mails import events, mail, message, multipart, receipt

ORIGINAL = (
    "Content-Type: message/rfc822\n\nFrom: support@acme.example\nMessage-ID: <ours@acme.example>\n\nHello"
)
FAILED = (
    "Final-Recipient: rfc822; jane@customer.example\n"
    "Action: failed\n"
    "Status: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 No such user"
)
DAEMON = {
    "from": "Mail Delivery System <MAILER-DAEMON@mx.example>",
    "subject": "Undelivered Mail Returned to Sender",
}


def report(*groups: str, original: str = ORIGINAL, between: str = "\n\n", **headers: str) -> bytes:
    status = "Reporting-MTA: dns; mx.example" + between + between.join(groups)
    parts = multipart(
        "Content-Type: text/plain\n\nI am sorry.",
        f"Content-Type: message/delivery-status\n\n{status}",
        *([original] if original else []),
        subtype="report; report-type=delivery-status",
    )
    return mail(**parts | DAEMON | headers)


def test_a_failure_names_the_mail_the_recipient_and_the_reason():
    found = receipt(report(FAILED))
    assert (found.status, found.aliases) == (ReceiptStatus.FAILED, ("ours@acme.example",))
    assert (found.recipient, found.code) == ("jane@customer.example", "5.1.1")
    assert found.detail == "550 5.1.1 No such user"
    assert found.external_id == "q1@customer.example"


def test_the_report_itself_comes_along_in_case_nothing_matches():
    unmatched = receipt(report(FAILED)).unmatched
    assert unmatched is not None
    assert (unmatched.automatic, unmatched.text) == (Automatic.BOUNCE, "I am sorry.")


def test_each_recipient_has_a_receipt_and_the_report_comes_once():
    other = FAILED.replace("jane", "joe").replace("5.1.1", "5.2.2")
    found = events(report(FAILED, other))
    assert [each.recipient for each in found if isinstance(each, Receipt)] == [
        "jane@customer.example",
        "joe@customer.example",
    ]
    assert [bool(each.unmatched) for each in found if isinstance(each, Receipt)] == [True, False]


@pytest.mark.parametrize("between", ["\n", "\n\n", "\n\n\n\n"])
def test_blank_lines_between_groups_may_be_missing_or_doubled(between):
    other = FAILED.replace("jane", "joe")
    found = [each for each in events(report(FAILED, other, between=between)) if isinstance(each, Receipt)]
    assert [(each.recipient, each.code) for each in found] == [
        ("jane@customer.example", "5.1.1"),
        ("joe@customer.example", "5.1.1"),
    ]


def test_a_group_may_fall_apart():
    assert receipt(report(FAILED.replace("\nAction", "\n\nAction"))).code == "5.1.1"


def test_the_recipient_is_the_one_that_we_wrote_to():
    group = "Original-Recipient: rfc822;jane@customer.example\nFinal-Recipient: rfc822; j123@hoster.example\n"
    assert receipt(report(group + "Action: failed\nStatus: 5.0.0")).recipient == "jane@customer.example"


@pytest.mark.parametrize(
    ("group", "status"),
    [
        ("Action: delayed\nStatus: 4.4.1", ReceiptStatus.SENT),
        ("Action: relayed\nStatus: 2.0.0", ReceiptStatus.SENT),
        ("Action: expanded\nStatus: 2.0.0", ReceiptStatus.SENT),
        ("Action: delivered\nStatus: 2.0.0", ReceiptStatus.DELIVERED),
        ("Action: failed\nStatus: 4.4.7", ReceiptStatus.FAILED),
        ("Action: FAILED (permanently)\nStatus: 5.0.0", ReceiptStatus.FAILED),
        ("Status: 5.1.1", ReceiptStatus.FAILED),
        ("Status: 4.2.2", ReceiptStatus.SENT),
    ],
)
def test_only_a_failure_is_a_failure(group, status):
    assert receipt(report(f"Final-Recipient: rfc822; jane@customer.example\n{group}")).status == status


@pytest.mark.parametrize(
    "original",
    [
        "Content-Type: text/rfc822-headers\n\nMessage-ID: <ours@acme.example>\nSubject: x\n",
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        "TWVzc2FnZS1JRDogPG91cnNAYWNtZS5leGFtcGxlPgoKSGk=",
        "Content-Type: text/plain\n\n> Message-Id: <ours@acme.example>",
    ],
)
def test_the_original_is_found_however_it_is_attached(original):
    assert receipt(report(FAILED, original=original)).aliases == ("ours@acme.example",)


def test_the_originals_id_may_stand_in_the_reports_own_headers():
    found = receipt(report(FAILED, original="", in_reply_to="<ours@acme.example>"))
    assert found.aliases == ("ours@acme.example",)


def test_a_report_on_nothing_that_can_be_named_is_kept_as_a_message():
    found = message(report(FAILED, original=""))
    assert (found.automatic, found.sender.value) == (Automatic.BOUNCE, "mailer-daemon@mx.example")


def test_a_report_from_nobody_is_from_the_daemon():
    found = receipt(report(FAILED, **{"from": "MAILER-DAEMON"}))
    assert found.unmatched is not None
    assert found.unmatched.sender.value == "mailer-daemon"


QMAIL = """Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<jane@customer.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 <jane@customer.example>: User unknown

--- Below this line is a copy of the message.

Return-Path: <support@acme.example>
Message-ID: <ours@acme.example>
Subject: x
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its recipients.

  jane@customer.example
    550 Unrouteable address

------ This is a copy of the message, including all the headers. ------

Message-Id: <ours@acme.example>
"""


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (QMAIL, {"from": "MAILER-DAEMON@mx.example", "subject": "failure notice"}, "5.1.1"),
        (
            EXIM,
            {"from": "Mailer-Daemon@mx.example", "subject": "Mail delivery failed: returning message"},
            "550",
        ),
        (
            EXIM,
            {"from": "x@mx.example", "subject": "Oops", "x_failed_recipients": "jane@customer.example"},
            "550",
        ),
        (EXIM, {"from": "postmaster@mx.example", "subject": "Unzustellbar: Drucker"}, "550"),
        (EXIM, {"from": "admin@mx.example", "subject": "Undeliverable: x", "return_path": "<>"}, "550"),
        (EXIM, {"from": "postmaster@mx.example", "subject": "x"}, "550"),
    ],
)
def test_bounces_without_structure(body, headers, code):
    found = receipt(mail(body, **headers))
    assert (found.status, found.aliases) == (ReceiptStatus.FAILED, ("ours@acme.example",))
    assert (found.recipient, found.code) == ("jane@customer.example", code)
    assert code in found.detail


@pytest.mark.parametrize(
    "subject", ["Warning: message delayed 4 hours", "Delivery Status Notification (Delay)"]
)
def test_a_delay_without_structure_is_no_failure(subject):
    assert receipt(mail(EXIM, **DAEMON | {"subject": subject})).status == ReceiptStatus.SENT


@pytest.mark.parametrize(
    "headers",
    [
        {"subject": "Undelivered Mail Returned to Sender"},
        {"subject": "Re: failure notice", "in_reply_to": "<ours@acme.example>"},
        {
            "from": "no-reply@shop.example",
            "subject": "Delivery notification",
            "auto_submitted": "auto-generated",
        },
    ],
)
def test_what_people_and_shops_write_about_delivery_is_no_report(headers):
    [found] = events(mail(EXIM, **headers))
    assert isinstance(found, InboundMessage)


def test_an_out_of_office_answer_is_no_bounce():
    raw = mail("I am away.", subject="Out of office", return_path="<>", in_reply_to="<ours@acme.example>")
    assert message(raw).automatic == Automatic.REPLY


def test_a_report_that_a_person_sends_on_is_their_message():
    status = f"Content-Type: message/delivery-status\n\n{FAILED}"
    found = message(mail(**multipart("Content-Type: text/plain\n\nWhat is this?", status, ORIGINAL)))
    assert (found.text, found.automatic) == ("What is this?", Automatic.NO)


def notice(disposition: str, original: str = "Original-Message-ID: <ours@acme.example>") -> bytes:
    fields = f"Final-Recipient: rfc822; jane@customer.example\n{original}\nDisposition: {disposition}"
    parts = multipart(
        "Content-Type: text/plain\n\nYour message was displayed.",
        f"Content-Type: message/disposition-notification\n\n{fields}",
        subtype="report; report-type=disposition-notification",
    )
    return mail(**parts | {"subject": "Read: Printer"})


def test_a_read_receipt():
    found = receipt(notice("manual-action/MDN-sent-manually; displayed"))
    assert (found.status, found.aliases) == (ReceiptStatus.READ, ("ours@acme.example",))
    assert (found.recipient, found.unmatched) == ("jane@customer.example", None)


@pytest.mark.parametrize(
    "raw",
    [
        notice("automatic-action/MDN-sent-automatically; deleted"),
        notice("manual-action/MDN-sent-manually; displayed", original="X: y"),
    ],
)
def test_a_read_receipt_that_says_nothing_is_ignored(raw):
    assert events(raw) == [Ignored("A notice about a mail of ours that says nothing new.")]


def test_an_abuse_report_is_no_bounce():
    parts = multipart(
        "Content-Type: text/plain\n\nThis is an abuse report.",
        "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1",
        ORIGINAL,
        subtype="report; report-type=feedback-report",
    )
    found = message(mail(**parts | {"from": "abuse@isp.example"}))
    assert found.automatic == Automatic.BULK
