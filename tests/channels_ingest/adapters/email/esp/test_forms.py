"""Forms, byte for byte."""

from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.esp.forms import Malformed, Upload, read_form, read_json
from tests.channels_ingest.adapters.email.esp.calls import BOUNDARY, call, form_call, url_call

MULTIPART = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def test_a_multipart_form_is_read_byte_for_byte():
    made = form_call({"a": b"\xff\x00\r\n", "b": ""}, ("f", "x.png", "image/png", b"\r\n--\x89"))
    form = read_form(made.body, made.headers)
    assert form.fields == {"a": b"\xff\x00\r\n", "b": b""}
    assert form.files == {"f": Upload("x.png", "image/png", b"\r\n--\x89")}


def test_of_two_fields_of_one_name_the_last_counts():
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\n%b\r\n'.encode()
    body = b"preamble\r\n" + part % b"1" + part % b"2" + f"--{BOUNDARY}--".encode()
    assert read_form(body, MULTIPART).fields == {"a": b"2"}


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\passwd", "/passwd"])
def test_a_file_name_has_no_path(name: str):
    made = form_call({}, ("f", name.replace("\\", "\\\\"), "text/plain", b"x"))
    assert read_form(made.body, made.headers).files["f"].name == "passwd"


@given(st.binary())
def test_a_url_encoded_form_keeps_every_byte(value: bytes):
    made = call(b"a=" + quote_from_bytes(value).encode(), "application/x-www-form-urlencoded")
    assert read_form(made.body, made.headers).fields == {"a": value}


def test_text_is_read_in_the_charset_it_names():
    made = url_call({"a": "Grüße".encode("latin-1"), "b": "x\x00y"})
    form = read_form(made.body, made.headers)
    assert (form.text("a", "iso-8859-1"), form.text("b"), form.text("c")) == ("Grüße", "xy", "")
    assert len(form.text("a", "x-unknown")) == 5
    assert form.object("a") == {}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", ""),
        (b"{}", "application/json"),
        (b"a=1", "multipart/form-data"),
        (b"a=1", f"multipart/form-data; boundary={BOUNDARY}"),
        (form_call({"a": "1"}).body[:-20], f"multipart/form-data; boundary={BOUNDARY}"),
        (b"&".join([b"a=1"] * 1001), "application/x-www-form-urlencoded"),
        (form_call({str(one): "" for one in range(1001)}).body, f"multipart/form-data; boundary={BOUNDARY}"),
    ],
)
def test_what_is_no_form_is_malformed(body: bytes, content_type: str):
    with pytest.raises(Malformed):
        read_form(body, {"content-type": content_type})


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"[" * 100_000, b"1" * 5_000])
def test_what_is_no_json_is_malformed(body: bytes):
    with pytest.raises(Malformed):
        read_json(body)


@given(st.binary(), st.text())
def test_any_bytes_are_a_form_or_malformed(body: bytes, boundary: str):
    for content_type in (f"multipart/form-data; boundary={boundary}", "application/x-www-form-urlencoded"):
        try:
            read_form(
                b"--" + boundary.encode("utf-8", "surrogatepass") + body, {"content-type": content_type}
            )
        except Malformed:
            continue
