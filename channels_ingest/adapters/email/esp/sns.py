"""Amazon SNS, by which SES speaks to us: its signatures, and its question whether we want its messages.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import load_pem_x509_certificate

from channels_ingest.base import Forged
from tenancy import http

TIMEOUT = 5.0  # seconds: SNS waits fifteen for the answer to its call
MAX_CERTIFICATE = 64 * 1024

NOTIFICATION = "Notification"
SUBSCRIPTION = "SubscriptionConfirmation"

_HOST = re.compile(r"sns\.[a-z0-9-]{2,40}\.amazonaws\.com(?:\.cn)?")
# Nothing else at Amazon's hosts is a certificate: answers of its API hold what its customers have put there.
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem")
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIPTION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_SIGNED["UnsubscribeConfirmation"] = _SIGNED[SUBSCRIPTION]
# Amazon's own choice of algorithms: version 1 is what a topic signs with unless told otherwise.
_HASHES = {"1": SHA1, "2": SHA256}


def check(call: Mapping[str, Any], topic: str) -> None:
    """Check that SNS sent this for a topic (any, where `topic` is empty). Raises Forged.

    Anybody with an account at Amazon can have SNS sign a message: the topic is what makes it ours.
    """
    if topic and call.get("TopicArn") != topic:
        raise Forged("It comes from another SNS topic", 403)
    algorithm = _HASHES.get(str(call.get("SignatureVersion")))
    if algorithm is None:
        raise Forged("Its signature is of an unknown version", 403)
    signed = _signed(call)
    try:
        signature = b64decode(str(call.get("Signature")), validate=True)
        _public_key(_certificate(call)).verify(signature, signed, PKCS1v15(), algorithm())
    except (InvalidSignature, binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise Forged("Its signature is wrong", 403) from error


def confirm(call: Mapping[str, Any]) -> None:
    """Tell SNS that we want the messages of the topic of a verified call; raises Forged when that fails."""
    _get(_checked(call.get("SubscribeURL")))


def _signed(call: Mapping[str, Any]) -> bytes:
    """The text that SNS signs: names and values of the fields that are there, a line each."""
    names = _SIGNED.get(str(call.get("Type")))
    if names is None:
        raise Forged("It is no kind of message that SNS sends", 403)
    lines = (f"{name}\n{call[name]}\n" for name in names if call.get(name) is not None)
    return "".join(lines).encode("utf-8", "replace")


def _certificate(call: Mapping[str, Any]) -> str:
    """The address of the certificate that a call names. Raises Forged for one at which Amazon keeps none."""
    url = _checked(call.get("SigningCertURL"))
    parts = urlsplit(url)
    if parts.query or not _CERTIFICATE.fullmatch(parts.path):
        raise Forged("It names a certificate that is not one of Amazon's", 403)
    return url


def _checked(url: object) -> str:
    """The address to ask instead of one that a call names: the same, unless the installation sends SNS
    elsewhere. Raises Forged for one that is not at Amazon."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError as error:
        raise Forged("It names an address that is none", 403) from error
    there, instead = f"{parts.scheme}://{parts.netloc}", http.provider_url("sns", "")
    is_amazons = parts.scheme == "https" and _HOST.fullmatch(parts.netloc)
    if not is_amazons and there != instead:
        raise Forged("It names an address that is not Amazon's", 403)
    return (instead or there) + parts.path + (f"?{parts.query}" if parts.query else "")


@lru_cache(maxsize=32)
def _public_key(url: str) -> RSAPublicKey:
    """The key in a certificate of Amazon's; an address of theirs never holds another."""
    key = load_pem_x509_certificate(_get(url)).public_key()
    if not isinstance(key, RSAPublicKey):
        raise UnsupportedAlgorithm("no RSA key")
    return key


def _get(url: str) -> bytes:
    """What is at an address. Raises Forged with 503, so that SNS tries again."""
    try:
        with http.client(timeout=TIMEOUT) as client:
            answer = client.get(url)
    except (httpx.HTTPError, http.ForbiddenHost) as error:
        raise Forged("Amazon cannot be asked now", 503) from error
    if answer.status_code != 200 or len(answer.content) > MAX_CERTIFICATE:
        raise Forged("Amazon cannot be asked now", 503)
    return answer.content
