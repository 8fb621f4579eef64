"""Whether a call is Twilio's: known signatures, and everything that a forger or a broken client may send."""

from hashlib import sha256
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.twilio.signature import check_signature
from channels_ingest.adapters.twilio.sms import SmsAdapter
from channels_ingest.base import Forged, RawCall
from tests.channels_ingest.adapters.twilio.calls import HOOK, SID, TOKEN, call, channel, form, sign

# The example of Twilio's documentation and of its library's own tests.
KNOWN_TOKEN = "12345"
KNOWN_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
KNOWN_BODY = (
    b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
)
KNOWN_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
JSON = b'{"property": "value", "boolean": true}'
DIGEST = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
JSON_URL = f"{KNOWN_URL}&bodySHA256={DIGEST}"
JSON_SIGNATURE = "a9nBmqA0ju/hNViExpshrM61xv4="


def is_genuine(made: RawCall, token: str = TOKEN) -> bool:
    """Whether the call passes; nothing but Forged may come out, and always as a 403."""
    statuses = []
    try:
        check_signature(made, token)
    except Forged as forged:
        statuses.append(forged.status)
    assert statuses in ([], [403])
    return not statuses


@pytest.mark.parametrize(
    "made",
    [
        call(KNOWN_BODY, url=KNOWN_URL, x_twilio_signature=KNOWN_SIGNATURE),
        call(KNOWN_BODY, url=f"{KNOWN_URL}#rc=3&rp=all", x_twilio_signature=KNOWN_SIGNATURE),
        call(
            KNOWN_BODY,
            url="https://mycompany.com:443/myapp.php?foo=1&bar=2",
            x_twilio_signature=KNOWN_SIGNATURE,
        ),
        call(JSON, url=JSON_URL, x_twilio_signature=JSON_SIGNATURE),
        call(
            KNOWN_BODY,
            url=KNOWN_URL,
            x_twilio_signature=KNOWN_SIGNATURE,
            x_twilio_webhooks_signature_settings="key=attackers,algorithm=HMAC_SHA256",
        ),
    ],
    ids=["form", "connection overrides", "with its port", "json", "settings of a stranger"],
)
def test_known_signatures_are_genuine(made: RawCall):
    assert is_genuine(made, KNOWN_TOKEN)


@pytest.mark.parametrize(
    ("body", "signed"),
    [
        (b"A=1&B=", "A1B"),
        (b"B=&A=+1+", "A 1 B"),
        (b"A=2&A=1&A=2", "A1A2"),
        ("A=ä&B=%F0%9F%99%82".encode(), "AäB🙂"),
        (b"A=%00", "A\0"),
        (b"", ""),
    ],
    ids=["blank", "spaces stay", "repeated", "not ascii", "nul", "nothing"],
)
def test_everything_in_the_form_is_signed(body: bytes, signed: str):
    assert is_genuine(call(body, x_twilio_signature=sign(HOOK + signed)))
    assert not is_genuine(call(body + b"&C=1", x_twilio_signature=sign(HOOK + signed)))


def test_a_get_is_signed_by_its_address_alone():
    url = f"{HOOK}?From=%2B1206&Body="
    assert is_genuine(call(method="GET", url=url, x_twilio_signature=sign(url)))
    assert not is_genuine(call(method="GET", url=f"{url}x", x_twilio_signature=sign(url)))


def signed_json(body: bytes, digest: str) -> RawCall:
    url = f"{HOOK}?bodySHA256={digest}"
    return call(body, url=url, x_twilio_signature=sign(url))


@pytest.mark.parametrize(
    "made",
    [
        call(form()),
        call(form(), x_twilio_signature=""),
        call(form(), x_twilio_signature="nonsense"),
        call(form(), x_twilio_signature="é\udcff\0"),
        call(form(), x_twilio_signature=sign(HOOK)),
        call(b"\xff\xfe\x00", x_twilio_signature=sign(HOOK)),
        call(b"&".join(b"a=1" for _ in range(5_000)), x_twilio_signature=sign(HOOK)),
        call(JSON, x_twilio_signature=sign(HOOK)),
        signed_json(JSON + b" ", DIGEST),
        signed_json(b"\xff", sha256(b"\xff").hexdigest()),
        signed_json(JSON, "0"),
        signed_json(JSON, ""),
        call(form(), url="", x_twilio_signature=sign("")),
        call(form(), url="https://[::1", x_twilio_signature=sign("https://[::1")),
        call(form(), url="https://a:b/", x_twilio_signature=sign("https://a:b/")),
    ],
)
def test_what_twilio_cannot_have_sent_is_forged(made: RawCall):
    assert not is_genuine(made)


def test_without_an_auth_token_nothing_is_genuine():
    made = call(b"A=1", x_twilio_signature=sign(f"{HOOK}A1", ""))
    assert not is_genuine(made, "")


@given(
    body=st.binary(max_size=300),
    signature=st.text(max_size=40),
    query=st.sampled_from(["", "?a=1", "?bodySHA256=0"]),
)
def test_nobody_guesses_a_signature(body: bytes, signature: str, query: str):
    assert not is_genuine(call(body, url=HOOK + query, x_twilio_signature=signature))


@given(st.lists(st.tuples(st.text(min_size=1, max_size=5), st.text(max_size=20)), max_size=8))
def test_whatever_is_in_a_form_it_can_be_signed(fields: list[tuple[str, str]]):
    body = urlencode(fields, errors="replace").encode()
    pairs = parse_qsl(body.decode(), keep_blank_values=True)
    made = call(body, x_twilio_signature=sign(HOOK + "".join(a + b for a, b in sorted(set(pairs)))))
    assert is_genuine(made)


def verified(**fields: str | None) -> None:
    body = form(**fields)  # type: ignore[arg-type]
    pairs = sorted(set(parse_qsl(body.decode(), keep_blank_values=True)))
    signature = sign(HOOK + "".join(name + value for name, value in pairs))
    SmsAdapter().verify(call(body, x_twilio_signature=signature), channel())


def test_a_call_is_for_the_channels_own_account():
    verified(AccountSid=SID)
    for other in ("AC" + "2" * 32, "", None):
        with pytest.raises(Forged):
            verified(AccountSid=other)
