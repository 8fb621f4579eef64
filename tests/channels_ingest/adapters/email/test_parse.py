"""A whole mail: who, when, in answer to what, and what is new."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_ingest.adapters.email.mime import MAX_BYTES
from channels_ingest.adapters.email.parse import Envelope, body_hash, mail_key, parse_mail
from channels_ingest.types import Address, AddressKind, Ignored, InboundMessage, Receipt
from tests.channels_ingest.adapters.email.mails import channel, events, mail, message, multipart

TOKEN = "abcdefghijklmnopqrstuvwxyz234567"


def test_a_plain_mail():
    found = message(mail(cc="Joe <joe@customer.example>", reply_to="desk@customer.example"))
    jane = Address(
        AddressKind.EMAIL, "jane@customer.example", name="Jane Doe", verbatim="jane@customer.example"
    )
    support = Address(AddressKind.EMAIL, "support@acme.example", verbatim="support@acme.example")
    assert found == InboundMessage(
        external_id="q1@customer.example",
        external_thread=body_hash(mail()),
        sender=jane,
        at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        subject="Printer",
        text="It is on fire.",
        to=(support,),
        cc=(Address(AddressKind.EMAIL, "joe@customer.example", name="Joe", verbatim="joe@customer.example"),),
        reply_to=Address(AddressKind.EMAIL, "desk@customer.example", verbatim="desk@customer.example"),
        starts_thread=True,
    )


def test_thread_keys_come_nearest_first():
    found = message(mail(in_reply_to="<c@x>", references="<a@x>\n\t<b@x>\n <c@x>"))
    assert found.thread_keys == ("c@x", "b@x", "a@x")
    assert not found.starts_thread


def test_thread_keys_are_capped_at_the_far_end():
    references = " ".join(f"<{number}@x>" for number in range(1_000))
    keys = message(mail(references=references)).thread_keys
    assert (len(keys), keys[0]) == (50, "999@x")


@pytest.mark.parametrize("subject", ["Re: Printer", "AW: Drucker"])
def test_an_answer_without_ids_starts_nothing(subject):
    assert not message(mail(subject=subject)).starts_thread


@pytest.mark.parametrize(
    "headers",
    [
        {"to": f"support+{TOKEN}@acme.example"},
        {"to": f"SUPPORT+{TOKEN.upper()}@ACME.EXAMPLE"},
        {"cc": f"Acme <support+{TOKEN}@acme.example>"},
        {"delivered_to": f"support+{TOKEN}@acme.example"},
        {"x_original_to": f"support+{TOKEN}@acme.example"},
    ],
)
def test_a_token_is_found_in_every_recipient(headers):
    found = message(mail(**headers))
    assert (found.tokens, found.starts_thread) == ((TOKEN,), False)


def test_a_token_is_found_in_the_envelope_and_in_the_text():
    [found] = parse_mail(mail(), channel(), Envelope(f"support+{TOKEN}@acme.example"))
    assert isinstance(found, InboundMessage)
    assert found.tokens == (TOKEN,)
    assert message(mail(f"> Reply to support+{TOKEN}@acme.example")).tokens == (TOKEN,)
    assert message(mail(f"x{TOKEN} {TOKEN}7 abc")).tokens == ()


def test_history_is_kept_apart_in_answers_only():
    text = "Yes.\n\nOn Mon, 2 Mar 2026 at 10:00, Support <support@acme.example> wrote:\n> On fire?"
    answer = message(mail(text, in_reply_to="<a@x>"))
    assert (answer.text, answer.quoted.splitlines()[-1]) == ("Yes.", "> On fire?")
    assert message(mail(text)).text == text


def test_a_subject_is_one_line():
    assert message(mail(subject="=?utf-8?q?Hello=0ABcc:_x?=")).subject == "Hello Bcc: x"


@pytest.mark.parametrize("date", ["soon", "", None])
def test_without_a_date_there_is_none(date):
    assert message(mail(date=date)).at is None


def test_a_mail_without_an_id_gets_the_same_one_each_time():
    first, again, other = mail(message_id=None), mail(message_id=None), mail("Other", message_id=None)
    assert message(first).external_id == message(again).external_id
    assert message(first).external_id != message(other).external_id
    assert message(first).external_id.endswith("@without-message-id.invalid")


@pytest.mark.parametrize("written", ["<>", "garbage", "<two words@x>", ""])
def test_a_garbled_id_is_none(written):
    assert message(mail(message_id=written)).external_id.endswith("@without-message-id.invalid")


def test_an_id_without_brackets_is_one():
    assert message(mail(message_id="q7@customer.example")).external_id == "q7@customer.example"


def test_copies_of_a_mail_have_the_same_key_and_others_have_not():
    copy = b"Received: by another way\r\n" + mail().replace(b"\n", b"\r\n") + b"\r\n\r\n"
    assert mail_key(copy) == mail_key(mail())
    assert mail_key(mail("Something else")) != mail_key(mail())
    assert mail_key(mail(message_id="<q2@customer.example>")) != mail_key(mail())


def test_a_reused_id_over_another_body_is_another_message():
    first, second = message(mail("One")), message(mail("Two"))
    assert first.external_id == second.external_id
    assert first.external_thread != second.external_thread


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ({"from": None, "sender": "joe@customer.example"}, "joe@customer.example"),
        ({"from": "Jane Doe", "reply_to": "joe@customer.example"}, "joe@customer.example"),
        ({"from": "<>", "return_path": "<joe@customer.example>"}, "joe@customer.example"),
        (
            {"from": "Acme <support@acme.example>", "x_original_sender": "joe@customer.example"},
            "joe@customer.example",
        ),
        ({"from": "a@customer.example, b@customer.example"}, "a@customer.example"),
    ],
)
def test_the_sender_is_whom_the_mail_names(headers, sender):
    assert message(mail(**headers)).sender.value == sender


@pytest.mark.parametrize("written", [None, "", "<>", "Jane Doe", "jane at customer.example"])
def test_a_mail_from_nobody_is_ignored(written):
    assert events(mail(**{"from": written})) == [Ignored("This mail names no sender.")]


def test_spam_is_marked():
    assert message(mail(x_spam_flag="YES")).spam


def test_what_postgresql_refuses_is_gone():
    found = message(mail(b"a\x00b", subject="x\x00y", content_type="text/plain; charset=utf-7"))
    assert "\x00" not in found.text + found.subject


def test_blank_lines_and_a_byte_order_mark_above_the_mail_do_no_harm():
    assert message(b"\xef\xbb\xbf\r\n\r\n" + mail()).subject == "Printer"


def nested(depth: int) -> str:
    """Headers and body of multiparts within multiparts."""
    return "".join(
        f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(depth)
    )


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"x" * (MAX_BYTES + 1), "larger than 64 MB"),
        (mail("\n" * 1_000_001), "more than 1000000 lines"),
        (mail(**multipart(*[""] * 1_001)), "more than 1000 parts"),
        (mail(top="X-A: b\n" * 2_001), "more than 2000 header fields"),
        (b"From: a@b.example\n" + nested(40).encode(), "parts nested deeper than 20"),
        (mail(content_type="multipart/mixed; boundary*=idna''x"), "its structure cannot be read"),
    ],
)
def test_what_no_mailer_makes_is_ignored_with_its_reason(raw, reason):
    assert events(raw) == [Ignored(f"This mail cannot be read: {reason}.")]


EVIL = {
    "deep and long": nested(19) + "x\n" * 900_000,
    "one long header": "X: " + "x" * 30_000_000,
    "one long address list": "To: " + "a@b.example, " * 500_000,
    "one long type": "Content-Type: multipart/mixed; boundary=x" + ';"' * 1_000_000,
    "references": "References: " + "<a@b> " * 1_000_000,
    "encoded words": "Subject: " + "=?utf-8?q?" * 1_000_000,
    "uuencoded": "Content-Type: text/plain\n\n" + "begin 644 x\n" * 500_000 + "\nend\n",
    "blanks": "In-Reply-To: <a@b>\n\n" + "\n" * 900_000,
    "brackets": "In-Reply-To: <a@b>\n\n" + "<" * 5_000_000,
    "quotes": "In-Reply-To: <a@b>\n\n" + ">\n" * 400_000,
    "html": "In-Reply-To: <a@b>\nContent-Type: text/html\n\n" + "<div>" * 1_000_000,
    "encoded 8-bit": "Content-Type: text/plain; charset=x\n\n" + "\udce4\udc81" * 2_000_000,
}


@pytest.mark.parametrize("name", EVIL)
def test_no_mail_takes_long(name):
    raw = b"From: a@b.example\n" + EVIL[name].encode("utf-8", "surrogateescape")
    started = time.process_time()
    events(raw)
    assert time.process_time() - started < 10


HEADERS = """
From To Cc Subject Date Message-ID In-Reply-To References Received Return-Path Reply-To Delivered-To List-Id
Authentication-Results Auto-Submitted Content-Type Content-Transfer-Encoding Content-Disposition Content-ID
X-Failed-Recipients
"""
VALUES = """
jane@customer.example
MAILER-DAEMON
<>
<a@b> <c@d>
multipart/mixed; boundary=x
multipart/alternative; boundary=y
multipart/report; report-type=delivery-status; boundary=x
multipart/signed; boundary=x
message/rfc822
message/delivery-status
text/html; charset=koi8-r
text/plain; format=flowed; delsp=yes
text/calendar
base64
quoted-printable
x-uuencode
attachment; filename*0*=utf-8''%C3; filename*1=%BC
=?utf-8?b?w7w=?= =?x?q?=FC?=
auto-replied
mx.acme.example; dmarc=pass
application/ms-tnef
Fwd: x
Re: x
"""
BODIES = """
--x
--x--
--y
--y--
> quoted
On 2 Mar 2026 J <j@x> wrote:
Final-Recipient: rfc822; a@b.example
Action: failed
<p>html</p><blockquote type=cite>
begin 644 x
#0V%T
end
From: Jane <j@x.example>
To: y
METHOD:REPLY
AAAA
=C3=BC=
"""
VALUE = st.text(max_size=60) | st.sampled_from(VALUES.strip().splitlines()) | st.just("folded\r\n value")
FIELD = st.builds("{}: {}\n".format, st.sampled_from(HEADERS.split()), VALUE)
BODY = st.text(max_size=80) | st.sampled_from(["\n", *BODIES.strip().splitlines(keepends=True)])
MAIL = st.builds(
    lambda pieces, extra: "".join(pieces).encode("utf-8", "replace") + extra,
    st.lists(st.one_of(FIELD, FIELD, FIELD, BODY), max_size=25),
    st.binary(max_size=40),
)


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(MAIL)
def test_any_mail_ends_as_something(raw):
    assert_sound(parse_mail(raw, channel()))


@given(st.binary(max_size=500))
def test_any_bytes_end_as_something(raw):
    assert_sound(parse_mail(raw, channel()))
    assert len(mail_key(raw)) <= 200


def assert_sound(found):
    """Everything that is to be stored can be, and fits."""
    assert found
    for one in found:
        if isinstance(one, Ignored):
            assert one.reason
        kept = one.unmatched if isinstance(one, Receipt) else one
        if isinstance(kept, InboundMessage):
            texts = [kept.external_id, kept.subject, kept.text, kept.quoted, kept.html, *kept.thread_keys]
            texts += [part for file in kept.files for part in (file.name, file.content_type, file.content_id)]
            texts += [
                part for at in (kept.sender, *kept.to, *kept.cc) for part in (at.value, at.name, at.verbatim)
            ]
            texts += [*kept.facts, *kept.facts.values()]
            assert all("\x00" not in text and text.encode() is not None for text in texts)
            assert kept.sender.value
            assert len(kept.external_id) <= 1_000
            assert all(len(file.name) <= 255 and len(file.content_id) <= 320 for file in kept.files)
