"""A made-up Amazon on loopback: SES that sends, S3 that keeps mails, and SNS with a certificate of its own."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.providers.web import serving

TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
KEY_ID, SECRET = "AKIAEXAMPLE", "a secret access key"
NOTIFIED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
ASKED = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


@dataclass(frozen=True)
class SesMail:
    """One mail as it was handed over: the envelope, and the bytes."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    raw: bytes

    @property
    def parsed(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class AmazonServer:
    """`answers` are (status, code) to answer a send with before anything else; `objects` are what S3 keeps, by
    bucket/name; `confirmed` the tokens of subscriptions that were confirmed; `asked` every path."""

    url: str = ""
    mails: list[SesMail] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    objects: dict[str, bytes] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    confirmed: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    account: dict[str, bool] = field(
        default_factory=lambda: {"SendingEnabled": True, "ProductionAccessEnabled": True}
    )

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v2/email/outbound-emails", self.send, methods=["POST"]),
                Route("/v2/email/account", self.tell_account),
                Route("/SimpleNotificationService-1.pem", self.certificate),
                Route("/confirm", self.confirm),
                Route("/{bucket}/{name:path}", self.object),
            ]
        )

    async def send(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if not _is_signed(request):
            return _error(403, "UnrecognizedClientException")
        if self.answers:
            return _error(*self.answers.pop(0))
        asked = await request.json()
        to = asked["Destination"]
        raw = base64.b64decode(asked["Content"]["Raw"]["Data"])
        if len(raw) > 40_000_000:
            return _error(400, "MessageRejected")
        self.mails.append(SesMail(tuple(to.get("ToAddresses", ())), tuple(to.get("CcAddresses", ())), raw))
        return JSONResponse({"MessageId": f"ses-{len(self.mails)}"})

    def tell_account(self, request: Request) -> Response:
        return (
            JSONResponse(self.account) if _is_signed(request) else _error(403, "UnrecognizedClientException")
        )

    def certificate(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        return Response(key_and_certificate()[1], media_type="text/plain")

    def confirm(self, request: Request) -> Response:
        self.confirmed.append(request.query_params["Token"])
        return Response("<ConfirmSubscriptionResponse/>", media_type="text/xml")

    def object(self, request: Request) -> Response:
        key = "{bucket}/{name}".format(**request.path_params)
        if not _is_signed(request):
            return _s3_error(403, "AccessDenied")
        if key not in self.objects:
            return _s3_error(404, "NoSuchKey")
        headers = {f"x-amz-meta-{name}": value for name, value in self.metadata.items()}
        return Response(self.objects[key], headers=headers)


def _is_signed(request: Request) -> bool:
    """Whether the call names the right key; its signature is the library's business."""
    return bool(re.match(f"AWS4-HMAC-SHA256 Credential={KEY_ID}/", request.headers.get("authorization", "")))


def _error(status: int, code: str) -> Response:
    return JSONResponse({"message": f"about {code}"}, status, {"x-amzn-errortype": code})


def _s3_error(status: int, code: str) -> Response:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>about {code}</Message></Error>"
    return Response(body, status, media_type="application/xml")


@cache
def key_and_certificate() -> tuple[RSAPrivateKey, bytes]:
    """The key that SNS signs with, and the certificate that it shows for it."""
    key = generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .sign(key, SHA256())
    )
    return key, certificate.public_bytes(Encoding.PEM)


def notification(message: object, *, version: str = "2", **fields: str) -> dict[str, Any]:
    """What SNS posts for a message, signed."""
    text = message if isinstance(message, str) else json.dumps(message)
    about = {
        "Type": "Notification",
        "MessageId": "sns-1",
        "TopicArn": TOPIC,
        "Message": text,
        "Timestamp": "2026-03-02T09:00:00.000Z",
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
    }
    return sign(about | fields, version=version)


def subscription(**fields: str) -> dict[str, Any]:
    """The question of SNS whether its messages are wanted, signed."""
    about = {
        "Type": "SubscriptionConfirmation",
        "Token": "tok-1",
        "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/confirm?Token=tok-1",
    }
    return notification("You have chosen to subscribe.", **(about | fields))


def sign(call: dict[str, str], *, version: str = "2") -> dict[str, Any]:
    """A call with its signature."""
    names = NOTIFIED if call["Type"] == "Notification" else ASKED
    text = "".join(f"{name}\n{call[name]}\n" for name in names if name in call).encode()
    signature = key_and_certificate()[0].sign(text, PKCS1v15(), SHA1() if version == "1" else SHA256())
    return call | {"SignatureVersion": version, "Signature": base64.b64encode(signature).decode()}


@contextmanager
def serve() -> Iterator[AmazonServer]:
    """Start an Amazon with nothing in it."""
    amazon = AmazonServer()
    with serving(amazon.application()) as amazon.url:
        yield amazon


@pytest.fixture
def amazon(settings: Any) -> Iterator[AmazonServer]:
    """An Amazon on loopback, which the installation asks instead of the real one."""
    with serve() as server:
        urls = dict.fromkeys(("ses", "sns", "s3"), server.url)
        settings.OMNIDESK_PROVIDER_URLS = settings.OMNIDESK_PROVIDER_URLS | urls
        yield server
