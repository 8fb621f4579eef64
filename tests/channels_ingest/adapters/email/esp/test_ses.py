"""Amazon SES by way of SNS: signatures, subscriptions, mails in the call and in S3, events."""

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from channels_ingest.adapters.email.esp import sns
from channels_ingest.adapters.email.esp.ses import SesInlet
from channels_ingest.base import AdapterError, ChannelFacts, Forged, Response
from channels_ingest.types import Ignored, InboundMessage, Proof, Receipt, ReceiptStatus
from tests.channels_ingest.adapters.email.esp.calls import (
    TOKEN,
    call,
    channel,
    json_call,
    read,
    ses_event,
    ses_mail,
    the_message,
)
from tests.channels_ingest.adapters.email.mails import mail
from tests.providers.ses import (
    KEY_ID,
    SECRET,
    TOPIC,
    AmazonServer,
    amazon,
    notification,
    sign,
    subscription,
)

__all__ = ["amazon"]

INLET = SesInlet()
FACTS = channel("ses", secret="", esp_topic=TOPIC, esp_user=KEY_ID, esp_region="eu-west-1")
FACTS = replace(FACTS, secrets={"esp_api_key": SECRET})

pytestmark = pytest.mark.usefixtures("amazon")


@pytest.fixture(autouse=True)
def fresh_certificates() -> None:
    sns._public_key.cache_clear()


def status_of(data: object, facts: ChannelFacts = FACTS) -> int:
    """What a call is refused with."""
    with pytest.raises(Forged) as forged:
        INLET.verify(json_call(data), facts)
    return forged.value.status


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_amazon_signed_is_authentic_and_its_certificate_is_asked_for_once(
    version: str, amazon: AmazonServer
):
    for _ in range(2):
        INLET.verify(json_call(notification("x", version=version, Subject="s")), FACTS)
    assert amazon.asked == ["/SimpleNotificationService-1.pem"]


@pytest.mark.parametrize(
    "change",
    [
        {"Message": "y"},
        {"MessageId": "sns-2"},
        {"Timestamp": "2026-03-02T09:00:01.000Z"},
        {"Subject": "new"},
        {"Type": "SubscriptionConfirmation"},
        {"Type": "Evil"},
        {"Type": None},
        {"Signature": "AAAA"},
        {"Signature": "\u00e9"},
        {"Signature": None},
        {"SignatureVersion": "1"},
        {"SignatureVersion": "3"},
        {"SigningCertURL": None},
        {"SigningCertURL": 5},
        {"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"},
        {"SigningCertURL": "https://evil.example/SimpleNotificationService-1.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com:444/x.pem"},
        {"SigningCertURL": "https://[/x.pem"},
        {"SigningCertURL": "https://s3.amazonaws.com/x.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/x.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem?Action=x"},
    ],
)
def test_what_was_changed_or_signed_elsewhere_is_forged(change: dict[str, Any]):
    assert status_of(notification("x") | change) == 403


def test_another_topic_is_refused_where_the_channel_names_one():
    other = notification("x", TopicArn="arn:aws:sns:eu-west-1:666666666666:evil")
    assert status_of(other) == 403
    INLET.verify(json_call(other), channel("ses"))


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"5", b'{"Type": {}}'])
def test_garbage_is_forged(body: bytes):
    with pytest.raises(Forged):
        INLET.verify(call(body, "text/plain"), FACTS)


def test_while_amazon_cannot_be_asked_its_calls_are_worth_a_retry(settings: Any):
    settings.OMNIDESK_PROVIDER_URLS = {"sns": "http://127.0.0.1:1"}
    assert status_of(notification("x")) == 503


def test_only_amazons_certificates_are_fetched(amazon: AmazonServer):
    there = "https://sns.eu-west-1.amazonaws.com"
    assert status_of(notification("x", SigningCertURL=f"{there}/?Action=GetEndpointAttributes")) == 403
    assert amazon.asked == []
    assert status_of(notification("x", SigningCertURL=f"{there}/SimpleNotificationService-0.pem")) == 503


def test_a_subscription_is_confirmed_and_stored_nowhere(amazon: AmazonServer):
    made = json_call(subscription())
    INLET.verify(made, FACTS)
    assert INLET.handshake(made, FACTS) == Response(200, "text/plain", b"")
    assert amazon.confirmed == ["tok-1"]
    assert INLET.handshake(json_call(notification("x")), FACTS) is None


def test_a_subscription_that_points_elsewhere_is_visited_by_nobody(amazon: AmazonServer):
    made = json_call(subscription(SubscribeURL="https://evil.example/confirm?Token=x"))
    INLET.verify(made, FACTS)
    with pytest.raises(Forged):
        INLET.handshake(made, FACTS)
    assert amazon.confirmed == []


def test_an_end_of_a_subscription_is_ignored():
    [found] = read(INLET, json_call(subscription(Type="UnsubscribeConfirmation")), FACTS)
    assert found == Ignored("SNS says UnsubscribeConfirmation: it brings no mail.")


def test_a_mail_in_base64_is_read_byte_for_byte():
    raw = mail("Gr\xfc\xdfe".encode("latin-1"), content_type="text/plain; charset=iso-8859-1")
    found = the_message(INLET, json_call(notification(ses_mail(raw))), FACTS)
    assert (found.external_id, found.text, found.tokens) == ("q1@customer.example", "Grüße", (TOKEN,))
    assert (found.sender.proof, found.spam) == (Proof.ATTESTED, False)


def test_a_mail_in_utf8_is_read_too():
    told = ses_mail(content=mail("It is on fire.").decode())
    told["receipt"]["action"] = {"type": "SNS", "encoding": "UTF-8"}
    assert the_message(INLET, json_call(notification(told)), FACTS).text == "It is on fire."


def signed_by(*domains: str) -> list[dict[str, str]]:
    return [{"name": "DKIM-Signature", "value": f"v=1; a=rsa-sha256; d={domain}; s=x"} for domain in domains]


@pytest.mark.parametrize(
    ("verdicts", "headers", "proof"),
    [
        ({"dmarc": "FAIL"}, [], Proof.CLAIMED),
        ({"dmarc": "GRAY"}, [], Proof.ATTESTED),  # SPF of the same domain
        ({"dmarc": "GRAY", "spf": "FAIL"}, [], Proof.CLAIMED),
        ({"dmarc": "GRAY", "spf": "FAIL"}, signed_by("customer.example"), Proof.ATTESTED),
        ({"dmarc": "GRAY", "spf": "FAIL"}, signed_by("evil.example"), Proof.CLAIMED),
        ({"dmarc": "GRAY", "spf": "FAIL"}, signed_by("customer.example", "evil.example"), Proof.CLAIMED),
        ({"dmarc": "PROCESSING_FAILED", "spf": "FAIL", "dkim": "FAIL"}, [], Proof.CLAIMED),
    ],
)
def test_the_sender_is_vouched_for_by_amazons_verdicts(
    verdicts: dict[str, str], headers: list[dict[str, str]], proof: Proof
):
    told = ses_mail()
    told["receipt"] |= {f"{name}Verdict": {"status": status} for name, status in verdicts.items()}
    told["mail"]["headers"] = headers
    assert the_message(INLET, json_call(notification(told)), FACTS).sender.proof is proof


@pytest.mark.parametrize("name", ["spamVerdict", "virusVerdict"])
def test_what_amazon_calls_spam_is_spam(name: str):
    told = ses_mail()
    told["receipt"][name] = {"status": "FAIL"}
    assert the_message(INLET, json_call(notification(told)), FACTS).spam


def kept(**action: str) -> dict[str, Any]:
    told = ses_mail()
    del told["content"]
    told["receipt"]["action"] = {"type": "S3", "bucketName": "mails", "objectKey": "in/1"} | action
    return told


def test_a_mail_in_s3_is_read_from_there(amazon: AmazonServer):
    amazon.objects["mails/in/1"] = mail("x" * 1_000_000)
    made = json_call(notification(kept()))
    assert INLET.seen_key(made, FACTS) == "ses ses-in-1"
    found = the_message(INLET, made, FACTS)
    assert (len(found.text), found.sender.proof) == (1_000_000, Proof.ATTESTED)


def test_a_mail_in_s3_that_cannot_be_had_says_why(amazon: AmazonServer, settings: Any):
    made = json_call(notification(kept()))

    def failing(facts: ChannelFacts = FACTS) -> tuple[str, bool]:
        with pytest.raises(AdapterError) as error:
            INLET.parse(made.body, made.headers, facts)
        return error.value.code, error.value.retryable

    assert failing() == ("config", False)
    assert failing(channel("ses")) == ("config", False)
    assert failing(replace(FACTS, config={**FACTS.config, "esp_user": "other"})) == ("auth", False)
    assert failing(replace(FACTS, config={**FACTS.config, "esp_region": "evil.example/"})) == (
        "config",
        False,
    )
    amazon.objects["mails/in/1"], amazon.metadata["x-amz-key-v2"] = mail(), "k"
    assert failing() == ("encrypted", False)
    settings.OMNIDESK_PROVIDER_URLS = {"s3": "http://127.0.0.1:1"}
    assert failing() == ("connect", True)


BOUNCED = {
    "bounceType": "Permanent",
    "bounceSubType": "General",
    "bouncedRecipients": [
        {"emailAddress": "jane@customer.example", "diagnosticCode": "smtp; 550 5.1.1 user unknown"},
        {"emailAddress": "Bob@Customer.example"},
    ],
}


def test_events_become_receipts_for_each_recipient():
    [jane, bob] = read(INLET, json_call(notification(ses_event("Bounce", bounce=BOUNCED))), FACTS)
    assert isinstance(jane, Receipt)
    assert isinstance(bob, Receipt)
    assert (jane.aliases, jane.status, jane.code) == (
        ("ses-1", "m1@acme.example"),
        ReceiptStatus.FAILED,
        "5.1.1",
    )
    assert jane.detail == "smtp; 550 5.1.1 user unknown Permanent: General"
    assert (bob.recipient, bob.code, bob.detail) == ("bob@customer.example", "bounced", "Permanent: General")


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        (ses_event("Send", send={}), ReceiptStatus.SENT, ""),
        (
            ses_event("Delivery", delivery={"recipients": ["jane@customer.example"]}),
            ReceiptStatus.DELIVERED,
            "",
        ),
        (
            ses_event(
                "Complaint", complaint={"complainedRecipients": [{"emailAddress": "jane@customer.example"}]}
            ),
            ReceiptStatus.DELIVERED,
            "complained",
        ),
        (ses_event("Reject", reject={"reason": "Bad content"}), ReceiptStatus.FAILED, "rejected"),
    ],
)
def test_an_event_becomes_a_receipt(event: dict[str, Any], status: ReceiptStatus, code: str):
    [found] = read(INLET, json_call(notification(event)), FACTS)
    assert isinstance(found, Receipt)
    assert (found.status, found.code, found.recipient) == (status, code, "jane@customer.example")


@pytest.mark.parametrize(
    "message",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        ses_event("Open"),
        ses_event("Bounce"),
        ses_event("Bounce", bounce={"bouncedRecipients": []}),
        {"notificationType": "Received"},
        {"notificationType": "Received", "receipt": [], "mail": 5},
        {"eventType": 5},
        {"mail": []},
        {},
        [],
        5,
        kept(objectKey=""),
    ],
)
def test_what_settles_nothing_or_makes_no_sense_is_ignored(message: object):
    found = read(INLET, json_call(notification(message)), FACTS)
    assert [type(one) for one in found] == [Ignored]


def test_a_retry_has_the_same_key():
    again = notification(ses_mail(), MessageId="sns-2")
    made = json_call(notification(ses_mail()))
    assert INLET.seen_key(made, FACTS) == INLET.seen_key(json_call(again), FACTS)
    assert INLET.order_key(made, FACTS) == "jane@customer.example"
    event = json_call(notification(ses_event("Send", send={})))
    assert INLET.seen_key(event, FACTS) == "ses sns-1"


def test_a_signature_covers_what_is_there_and_nothing_else():
    made = notification("x")
    del made["Signature"]
    assert status_of(sign({**made, "Subject": "s"}) | {"Subject": None}) == 403


def test_the_whole_of_a_large_mail_fits_a_call():
    raw = mail("x" * 150_000)
    assert len(json_call(notification(ses_mail(raw))).body) < INLET.max_body
    [found] = read(INLET, json_call(notification(ses_mail(content=b64encode(raw).decode()))), FACTS)
    assert isinstance(found, InboundMessage)
