"""Bytes to text: the declared charset is a hint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.charsets import decode
from tenancy.storable import legible

GERMAN = "Grüße aus Köln, die Straße ist gesperrt. Größere Verspätungen möglich."
RUSSIAN = "Здравствуйте, принтер снова не печатает, помогите пожалуйста."


@pytest.mark.parametrize(
    ("text", "really", "declared"),
    [
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "latin-1", "iso-8859-1"),
        (GERMAN, "utf-8", ""),
        (GERMAN, "utf-8", "x-unknown"),
        (GERMAN, "utf-8", "us-ascii\x00"),
        ("“quoted” for 5 €", "cp1252", "iso-8859-1"),
        (GERMAN, "utf-8", "iso-8859-1"),
        (GERMAN, "latin-1", "Windows-1252"),
        (GERMAN, "cp850", "cp-850"),
        (GERMAN, "mac_roman", "x-mac-roman"),
        (GERMAN, "utf-7", "unicode-1-1-utf-7"),
        ("打印机坏了", "gb18030", "gb2312"),
        ("打印机坏了", "gb18030", "iso-gb2312"),
        ("プリンター①", "cp932", "shift_jis"),
        ("프린터 똠방각하", "cp949", "ks_c_5601-1987"),
        ("プリンター", "iso2022_jp", "ISO-2022-JP"),
        (RUSSIAN, "koi8-r", '"KOI8-R"'),
        (RUSSIAN, "cp1251", "windows-1251"),
        ("שלום", "iso8859_8", "iso-8859-8-i"),
    ],
)
def test_text_comes_out_as_it_was_written(text, really, declared):
    assert decode(text.encode(really), declared) == text


@pytest.mark.parametrize(
    "declared", ["utf-8", "us-ascii", "", "punycode", "unicode_escape", "base64", "rot13"]
)
def test_a_charset_that_lies_is_found_out(declared):
    assert decode(RUSSIAN.encode("cp1251"), declared) == RUSSIAN


def test_one_broken_character_does_not_make_all_of_it_another_charset():
    assert decode(GERMAN.encode()[:-20] + b"\xff", "utf-8").startswith(GERMAN[:40])


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_bytes_are_some_text(data, declared):
    legible(decode(data, declared)).encode()
