"""Header fields: encoded words, ids, dates, parameters."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.headers import (
    Headers,
    date,
    decode_base64,
    decode_words,
    message_ids,
    parameters,
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?ISO-8859-1?Q?Gr=FC=DFe_aus_K=F6ln?=", "Grüße aus Köln"),
        ("=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
        ("=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?q?one?= =?utf-8?q?two?=", "onetwo"),
        ("=?utf-8?q?one?= and =?utf-8?q?two?=", "one and two"),
        ("=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?q?Gr=C3=BC?= =?iso-8859-1?q?=DFe?=", "Grüße"),
        ("=?utf-8?q?two words?=", "two words"),
        ("Re: =?utf-8?q?caf=C3=A9?=!", "Re: café!"),
        ("=?x-unknown?q?abc?=", "abc"),
        ("=?utf-8?q?not closed", "=?utf-8?q?not closed"),
        ("Gr\udcc3\udcbc\udcc3\udc9fe", "Grüße"),
        ("Gr\udcfc\udcdfe aus K\udcf6ln", "Grüße aus Köln"),
        ("folded\r\n  value", "folded value"),
    ],
)
def test_words_are_decoded(raw, text):
    assert decode_words(raw) == text


def test_a_line_break_in_an_encoded_word_cannot_make_a_header():
    assert decode_words("=?utf-8?q?Hello=0D=0ABcc=3A_x=40y.example?=") == "Hello Bcc: x@y.example"


def test_text_cannot_be_made_to_read_backwards():
    assert decode_words("=?utf-8?q?exe=E2=80=AEgpj.scod?=") == "exe gpj.scod"


@given(st.text(max_size=300))
def test_any_header_decodes_to_one_storable_line(raw):
    decoded = decode_words(raw.encode("utf-8", "replace").decode("ascii", "surrogateescape"))
    assert "\n" not in decoded
    decoded.encode()


@pytest.mark.parametrize(
    ("raw", "ids"),
    [
        ("<a@x> <b@x>", ["a@x", "b@x"]),
        ("<a@x>\r\n\t<b@x>", ["a@x", "b@x"]),
        ('"Bob\'s message of" <a@x>', ["a@x"]),
        ("a@x", []),
        ("<<a@x>>", ["a@x"]),
        ("<" + "a" * 500 + "@x>", []),
        ("", []),
    ],
)
def test_ids_are_found_among_anything(raw, ids):
    assert message_ids(raw, 10) == ids


def test_ids_are_capped():
    assert len(message_ids("<a@x> " * 5_000, 50)) == 50


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Mon, 02 Mar 2026 10:00:00 +0100", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2 Mar 26 10:00 GMT", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 10:00:00 -0000", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("Mon, 32 Mar 2026 10:00:00 +0100", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("Mon, 02 Mar 2026 10:00:00 +9999999999", None),
        ("", None),
    ],
)
def test_a_date_is_a_moment_or_nothing(raw, moment):
    assert date(raw) == moment


@given(st.text(max_size=100))
def test_any_date_is_a_moment_or_nothing(raw):
    date(raw)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("text/plain; charset=utf-8", {"charset": "utf-8"}),
        ('a/b; name="x; y.pdf"; z=1', {"name": "x; y.pdf", "z": "1"}),
        (r'a/b; name="quo\"ted.pdf"', {"name": 'quo"ted.pdf'}),
        ("a/b; name==?utf-8?q?=C3=BC.pdf?=", {"name": "ü.pdf"}),
        ('a/b; name="=?utf-8?q?=C3=BC.pdf?="', {"name": "ü.pdf"}),
        ("a/b; filename*=utf-8'de'%C3%BC.pdf", {"filename": "ü.pdf"}),
        ("a/b; filename*0=long; filename*1=er.pdf", {"filename": "longer.pdf"}),
        (
            "a/b; filename*0*=utf-8''%C3%BC; filename*1=b.pdf; filename*2*=%20c",
            {"filename": "übpdf c".replace("b", "b.")},
        ),
        ("a/b; filename*1=er.pdf; filename*0=long", {"filename": "longer.pdf"}),
        ("a/b; filename*=utf-8''%C3%BC.pdf; filename=u.pdf", {"filename": "ü.pdf"}),
        ('a/b; name="unclosed', {"name": "unclosed"}),
        ("a/b;;; ; =x; charset", {}),
        ("a/b; filename*99999999999999=x", {"filename*99999999999999": "x"}),
    ],
)
def test_parameters(raw, found):
    assert parameters(raw) == found


@given(st.text(alphabet="a;*=\"'\\%01 C3\udcc3", max_size=100))
def test_any_parameters_can_be_read(raw):
    parameters("a/b;" + raw)


@pytest.mark.parametrize(
    ("data", "decoded"),
    [
        (b"aGVsbG8=", b"hello"),
        (b"aGVs\r\n bG8=", b"hello"),
        (b"aGVs!!bG8", b"hello"),
        (b"aGVsbG8=\n--signature", b"hello"),
        (b"aGVsb", b"hel"),
        (b"", b""),
    ],
)
def test_broken_base64_gives_what_it_holds(data, decoded):
    assert decode_base64(data) == decoded


def test_headers_keep_their_order_and_repeat():
    headers = Headers([("Received", "one"), ("X-A", " folded\r\n value"), ("RECEIVED", "two")])
    assert headers.all("received") == ["one", "two"]
    assert headers.first("x-a") == "folded  value"
    assert (headers.first("x-b"), headers.has("x-b", "x-a"), headers.has("x-b")) == ("", True, False)
