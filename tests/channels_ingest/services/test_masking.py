"""What people may read of what arrived."""

import time

import pytest

from channels_ingest.services.masking import COVER, masked_body, masked_headers, masked_text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('{"access_token": "abcd1234", "text": "hi"}', f'{{"access_token": "{COVER}", "text": "hi"}}'),
        ("token=abcd1234&text=hi", f"token={COVER}&text=hi"),
        ("Authorization: Basic dXNlcjpwYXNz", f"Authorization: {COVER} {COVER}"),
        ("X-Api-Key: abcd1234", f"X-Api-Key: {COVER}"),
        ("my password is short", "my password is short"),
        ('name="signature"\r\n\r\nabcd1234\r\n--x', f'name="signature"\r\n\r\n{COVER}\r\n--x'),
        ("To: support+abcdefghijklmnopqrstuvwxyz234567@acme.example", f"To: support+{COVER}@acme.example"),
        ("Subject: a token of love", "Subject: a token of love"),
    ],
)
def test_values_of_secrets_are_covered_and_the_rest_stays(written: str, shown: str):
    assert masked_text(written) == shown


def test_headers_that_hold_secrets_are_covered_by_name():
    headers = {"x-hub-signature-256": "sha256=ab", "content-type": "text/plain", "x-secret-token": "t"}
    assert masked_headers(headers) == {
        "x-hub-signature-256": COVER,
        "content-type": "text/plain",
        "x-secret-token": COVER,
    }


def test_bytes_that_are_no_text_are_shown_all_the_same():
    assert masked_body(b"caf\xe9\x00") == "caf\ufffd\x00"


@pytest.mark.parametrize("line", [b"a-" * 50_000, b"x" * 100_000, b"token" * 20_000, b"token:" * 16_000])
def test_covering_takes_time_in_proportion_to_the_length(line: bytes):
    began = time.process_time()
    masked_body(line)
    assert time.process_time() - began < 1
