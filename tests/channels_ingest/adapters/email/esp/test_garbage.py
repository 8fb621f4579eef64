"""Whatever is posted to a service's webhook: a clean refusal or a clean reading, and always the same key."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_ingest.base import AdapterError, Forged, RawCall, inlet_for
from channels_ingest.types import Consent, Ignored, InboundMessage, Receipt
from tests.channels_ingest.adapters.email.esp import calls
from tests.channels_ingest.adapters.email.mails import mail
from tests.providers.ses import TOPIC

SERVICES = ("mailgun", "postmark", "ses", "sendgrid")
KINDS = (InboundMessage, Receipt, Ignored, Consent)
TYPES = (
    "application/json",
    "text/plain; charset=UTF-8",
    f"multipart/form-data; boundary={calls.BOUNDARY}",
    "application/x-www-form-urlencoded",
    "",
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
patient = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def take(service: str, call: RawCall) -> None:
    """Do with a call all that the webhook and the worker do."""
    inlet, facts = inlet_for(service), calls.channel(service, esp_topic=TOPIC)
    with suppress(Forged):
        inlet.verify(call, facts)
    key = inlet.seen_key(call, facts)
    assert key == inlet.seen_key(call, facts)
    assert isinstance(inlet.order_key(call, facts), str)
    try:
        found = inlet.parse(call.body, call.headers, facts)
    except AdapterError:  # a mail that is kept elsewhere
        return
    assert found
    assert all(isinstance(one, KINDS) for one in found)


@pytest.mark.parametrize("service", SERVICES)
@patient
@given(body=st.binary(), content_type=st.sampled_from(TYPES), signature=st.text())
def test_any_bytes(service: str, body: bytes, content_type: str, signature: str):
    take(service, calls.call(body, content_type, authorization=signature))


@pytest.mark.parametrize("service", SERVICES)
@patient
@given(data=anything)
def test_any_json(service: str, data: object):
    take(service, calls.json_call(data))


WHOLE: dict[str, list[Any]] = {
    "mailgun": [json.loads(calls.mailgun_event("failed", severity="permanent").body)],
    "postmark": [calls.postmark_mail(), calls.postmark_event("Bounce", Type="HardBounce", ID=1)],
    "sendgrid": [[calls.sendgrid_event("bounce", reason="550 5.1.1 No")]],
    "ses": [
        calls.ses_mail(),
        calls.ses_event("Bounce", bounce={"bouncedRecipients": [{"emailAddress": "a@b.example"}]}),
    ],
}


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a piece of JSON."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for name, one in inner for place in places(one, (*path, name)))]


def changed(data: Any, place: tuple[Any, ...], value: object) -> Any:
    """The JSON with another value in one place."""
    if not place:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[place[0]] = changed(data[place[0]], place[1:], value)
    return copy


@pytest.mark.parametrize("service", SERVICES)
@patient
@given(drawn=st.data(), value=anything)
def test_a_documented_call_with_anything_in_one_place(service: str, drawn: st.DataObject, value: object):
    whole = drawn.draw(st.sampled_from(WHOLE[service]))
    made = changed(whole, drawn.draw(st.sampled_from(places(whole))), value)
    if service == "ses":
        made = {"Type": "Notification", "MessageId": "1", "TopicArn": TOPIC, "Message": json.dumps(made)}
    take(service, calls.json_call(made))


FIELDS = {
    "mailgun": (
        "message-headers",
        "body-plain",
        "body-html",
        "content-id-map",
        "sender",
        "recipient",
        "body-mime",
    ),
    "sendgrid": (
        "headers",
        "text",
        "html",
        "envelope",
        "charsets",
        "attachment-info",
        "dkim",
        "spam_score",
        "email",
    ),
}


@pytest.mark.parametrize("service", ["mailgun", "sendgrid"])
@patient
@given(
    drawn=st.data(),
    name=st.text(max_size=20),
    content_type=st.text(max_size=20),
    content=st.binary(max_size=50),
)
def test_a_form_with_anything_in_its_fields(
    service: str, drawn: st.DataObject, name: str, content_type: str, content: bytes
):
    value = st.binary(max_size=60) | anything.map(lambda data: json.dumps(data).encode()) | st.just(mail())
    fields = drawn.draw(st.dictionaries(st.sampled_from(FIELDS[service]), value, max_size=6))
    name, content_type = (text.encode("utf-8", "replace").decode() for text in (name, content_type))
    take(service, calls.form_call(fields, ("attachment-1", name, content_type, content)))
