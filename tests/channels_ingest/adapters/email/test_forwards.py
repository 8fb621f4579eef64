"""Forwarded mail and whom it names."""

import time

import pytest

from channels_ingest.adapters.email.forwards import is_answer, is_forward, quoted_sender
from channels_ingest.types import Proof
from tests.channels_ingest.adapters.email.mails import mail, message, multipart


@pytest.mark.parametrize(
    "subject", ["Fwd: Printer", "FW: Printer", "WG: Drucker", "TR : Imprimante", "转发：打印机"]
)
def test_a_subject_says_that_it_is_a_forward(subject):
    assert is_forward(subject, "")
    assert not is_answer(subject)


@pytest.mark.parametrize("subject", ["Re: Printer", "AW: Drucker", "SV: Printer", "RE[2]: x", "回复：打印机"])
def test_a_subject_says_that_it_is_an_answer(subject):
    assert is_answer(subject)
    assert not is_forward(subject, "---------- Forwarded message ---------")


@pytest.mark.parametrize("subject", ["Printer", "Wrong printer", "Forward thinking", "Ideas: none", ""])
def test_other_subjects_say_nothing(subject):
    assert not is_forward(subject, "")
    assert not is_answer(subject)


@pytest.mark.parametrize(
    "text",
    [
        "See below\n\n---------- Forwarded message ---------\nFrom: x",
        "-------- Weitergeleitete Nachricht --------\nVon: x",
        "Begin forwarded message:\n\nFrom: x",
        "> Anfang der weitergeleiteten Nachricht:\n> Von: x",
    ],
)
def test_a_text_says_that_it_is_a_forward(text):
    assert is_forward("Printer", text)


@pytest.mark.parametrize(
    ("block", "name"),
    [
        (
            "From: Jane Doe <jane@x.example>\nDate: Mon, 2 Mar 2026\nSubject: P\nTo: me@x.example",
            "Jane Doe",
        ),
        ("*From:* Jane Doe <jane@x.example>\n*Sent:* Monday\n*Subject:* Printer", "Jane Doe"),
        ("> From: Jane Doe <jane@x.example>\n> Subject: Printer\n> Date: today", "Jane Doe"),
        ("Von: Jane Doe <jane@x.example>\nGesendet: Montag\nAn: ich\nBetreff: Drucker", "Jane Doe"),
        ("Von: Jane Doe [mailto:jane@x.example]\nGesendet: Montag\nAn: ich\nBetreff: Drucker", "Jane Doe"),
        ("De : Jane Doe <jane@x.example>\nEnvoyé : lundi\nÀ : moi\nObjet : Imprimante", "Jane Doe"),
        ("Da: Jane Doe <jane@x.example>\nInviato: lunedì\nA: me\nOggetto: Stampante", "Jane Doe"),
        ("Från: Jane Doe <jane@x.example>\nSkickat: måndag\nTill: mig\nÄmne: Skrivare", "Jane Doe"),
        ("От: Jane Doe <jane@x.example>\nДата: пн\nТема: Принтер", "Jane Doe"),
        ("发件人：Jane Doe <jane@x.example>\n发送时间：今天\n主题：打印机", "Jane Doe"),
        ("From: jane@x.example\nDate: Mon\nTo: me", ""),
    ],
)
def test_the_quoted_sender_is_found_in_many_languages(block, name):
    found = quoted_sender(f"Please take care of this.\n\n{block}\n\nThe printer is on fire.")
    assert found is not None
    assert (found.name, found.written) == (name, "jane@x.example")


@pytest.mark.parametrize("text", ["From: jane@x.example", "From: Jane\nTo: me\nDate: x", "nothing", ""])
def test_less_than_a_header_block_names_nobody(text):
    assert quoted_sender(text) is None


def test_a_forward_names_its_requester_and_is_kept_whole():
    block = (
        "---------- Forwarded message ---------\nFrom: Jane <jane@x.example>\nDate: Mon\nSubject: P\n\nFire"
    )
    found = message(mail(f"FYI\n\n{block}", subject="Fwd: Printer", in_reply_to="<q1@x.example>"))
    assert found.on_behalf_of is not None
    assert (found.on_behalf_of.value, found.on_behalf_of.proof) == ("jane@x.example", Proof.CLAIMED)
    assert found.text == f"FYI\n\n{block}"
    assert found.quoted == ""


def test_a_forward_as_attachment_names_its_requester():
    inner = "Content-Type: message/rfc822\n\nFrom: Jane <jane@x.example>\nSubject: Printer\n\nOn fire."
    found = message(mail(subject="Fwd: Printer", **multipart("Content-Type: text/plain\n\nFYI", inner)))
    assert found.on_behalf_of is not None
    assert found.on_behalf_of.value == "jane@x.example"
    assert [file.name for file in found.files] == ["Printer.eml"]


def test_what_is_no_forward_names_nobody():
    assert message(mail("From: Jane <jane@x.example>\nDate: x\nTo: y")).on_behalf_of is None


@pytest.mark.parametrize("piece", ["\n", "From: ", "From: a\n", "> ", "-----", "*", "From:\n"])
def test_no_text_takes_long(piece):
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()
    is_forward("", text)
    quoted_sender(text)
    assert time.process_time() - started < 3
