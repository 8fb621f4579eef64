"""Mails that leave: threaded, addressed, and safe whatever is put into them."""

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.compose import compose
from channels_ingest.base import OutboundMessage
from channels_ingest.types import Address, AddressKind, Automatic, IncomingFile
from tests.channels_ingest.adapters.email.mails import message


def address(value: str, name: str = "", verbatim: str = "") -> Address:
    return Address(AddressKind.EMAIL, value, name=name, verbatim=verbatim)


JANE = address("jane@customer.example", "Jane Doe")
SUPPORT = address("support@acme.example", "Acme Support")


def raw(**fields) -> bytes:
    return compose(replace(OutboundMessage(recipient=JANE, sender=SUPPORT, text="Hello"), **fields))


def parsed(**fields) -> EmailMessage:
    found = BytesParser(policy=default).parsebytes(raw(**fields))
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def test_a_whole_answer():
    mail = parsed(
        text="Grüße\n",
        subject="Re: Drucker",
        message_id="m2@acme.example",
        in_reply_to="q1@customer.example",
        references=("m1@acme.example",),
        cc=(address("joe@customer.example"),),
        reply_to=address("support+token@acme.example", "Acme Support"),
        at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    )
    assert {name: str(value) for name, value in mail.items()} == {
        "From": "Acme Support <support@acme.example>",
        "To": "Jane Doe <jane@customer.example>",
        "Cc": "joe@customer.example",
        "Reply-To": "Acme Support <support+token@acme.example>",
        "Subject": "Re: Drucker",
        "Date": "Mon, 02 Mar 2026 09:00:00 +0000",
        "Message-ID": "<m2@acme.example>",
        "In-Reply-To": "<q1@customer.example>",
        "References": "<m1@acme.example> <q1@customer.example>",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
    }
    assert mail.get_content() == "Grüße\r\n"


def test_it_goes_over_any_wire():
    sent = raw(text="Grüße " * 500, subject="Ü" * 300, sender=address("support@acme.example", "Ümit"))
    assert sent.isascii()
    assert max(len(line) for line in sent.split(b"\r\n")) <= 78
    assert b"\n" not in sent.replace(b"\r\n", b"")


def test_long_threads_keep_their_first_id_and_the_last_ones():
    ids = tuple(f"{number:03}-{'x' * 200}@customer.example" for number in range(100))
    sent = raw(references=ids, in_reply_to=ids[-1], message_id="m@acme.example")
    [field] = [
        value for name, value in BytesParser(policy=default).parsebytes(sent).items() if name == "References"
    ]
    assert field.split() == [f"<{each}>" for each in (ids[0], *ids[-20:])]
    assert max(len(line) for line in sent.split(b"\r\n")) <= 998
    assert b"=?" not in sent


def test_the_answered_mail_is_the_last_reference_once():
    mail = parsed(references=("a@x", "b@x", "c@x"), in_reply_to="b@x")
    assert mail["References"] == "<a@x> <c@x> <b@x>"


def test_without_a_thread_there_are_no_thread_headers():
    mail = parsed()
    assert mail["In-Reply-To"] is mail["References"] is mail["Message-ID"] is None


def test_people_do_not_look_like_machines_and_machines_do():
    assert parsed()["Auto-Submitted"] is None
    assert parsed(auto=True)["Auto-Submitted"] == "auto-generated"
    answer = parsed(auto=True, in_reply_to="a@x")
    assert (answer["Auto-Submitted"], answer["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert message(raw(auto=True, in_reply_to="a@x")).automatic == Automatic.REPLY


EVIL = "x\r\nBcc: evil@x.example\r\n\r\nbody"


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": EVIL},
        {"sender": address("support@acme.example", EVIL)},
        {"cc": (address("joe@customer.example", EVIL),)},
        {"reply_to": address("support@acme.example", EVIL)},
        {"message_id": EVIL},
        {"in_reply_to": EVIL},
        {"references": (EVIL, "a@x")},
        {"files": (IncomingFile(EVIL, EVIL, b"x", EVIL),)},
        {"files": (IncomingFile("a.png", "image/png", b"x", EVIL, inline=True),), "html": "<p>x"},
        {
            "recipient": address(
                "jane@customer.example", verbatim="jane@customer.example\r\nBcc: evil@x.example"
            )
        },
    ],
)
def test_no_value_makes_a_header(fields):
    mail = parsed(**fields)
    assert mail["Bcc"] is None
    assert all(part["Bcc"] is None for part in mail.walk())


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_words_can_be_sent(subject, name, text):
    sent = raw(subject=subject, sender=address("support@acme.example", name), text=text)
    assert sent.isascii()
    assert message(sent).sender.value == "support@acme.example"


def test_text_and_html_are_alternatives_with_images_beside_the_html():
    image = IncomingFile("logo.png", "image/png", b"png", "logo@x", inline=True)
    pdf = IncomingFile("Größe.pdf", "application/pdf", b"%PDF")
    mail = parsed(html='<p>Hello <img src="cid:logo@x">', files=(image, pdf))
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    received = message(mail.as_bytes())
    assert (received.text.strip(), received.html.strip()) == ("Hello", '<p>Hello <img src="cid:logo@x">')
    assert received.files == (image, pdf)


def test_an_inline_image_without_html_is_a_file():
    image = IncomingFile("logo.png", "image/png", b"png", "logo@x", inline=True)
    [file] = message(raw(files=(image,))).files
    assert (file.name, file.content, file.inline) == ("logo.png", b"png", False)


@pytest.mark.parametrize("claimed", ["", "x", "message/rfc822", "multipart/mixed", "a/b; c=d", "text/html"])
def test_files_go_out_whatever_their_type_claims(claimed):
    [file] = message(raw(files=(IncomingFile("a.bin", claimed, b"\x00\xff"),))).files
    assert (file.name, file.content) == ("a.bin", b"\x00\xff")


def test_an_address_keeps_its_owners_spelling():
    mail = parsed(recipient=address("jane.doe@customer.example", verbatim="Jane.Doe@Customer.example"))
    assert mail["To"] == "Jane.Doe@customer.example"


def test_lone_surrogates_do_not_stop_a_mail():
    assert parsed(text="a\ud800b").get_content() == "a?b\r\n"
