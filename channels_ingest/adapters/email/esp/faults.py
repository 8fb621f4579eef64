"""What a failed call to a service's API means for the message: refused, worth another try, or nobody
knows."""

import re
from typing import Any

import requests
from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    SSLError,
)
from urllib3.exceptions import MaxRetryError, NewConnectionError

from channels_ingest.adapters.email.esp.forms import objects_in, text_in
from channels_ingest.adapters.email.headers import one_line
from channels_ingest.base import AdapterError

MAX_WORDS = 500
LONGEST_WAIT = 3600  # seconds

_KEYS = frozenset({401, 403})
_AMAZONS_KEYS = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
    }
)
# How Amazon says "too many", whatever status it says it with.
_THROTTLED = re.compile(r"Thrott|TooManyRequests|LimitExceeded|SlowDown|SendingQuota")


def refusal(status: int, code: str, words: str, *, retry_after: str = "") -> AdapterError:
    """What an answer means that is none of success, by its HTTP status and the service's own code and words.

    502 and 504 alone leave it open: a gateway says that what stands behind it, which may have the message, gave
    it no answer.
    """
    words = one_line(words)[:MAX_WORDS]
    if status == 429 or _THROTTLED.search(code):
        wait = min(int(retry_after), LONGEST_WAIT) if retry_after.isdecimal() else None
        return AdapterError("busy", f"Too many messages at once: {words}", retryable=True, retry_after=wait)
    if status in _KEYS:
        return AdapterError("auth", f"The service refuses this channel's API key: {words}", retryable=False)
    if status in {502, 504}:
        return unknown(words)
    if 300 <= status < 400 or status in {404, 405}:
        return AdapterError(
            "config", f"The service does not know this address or domain: {words}", retryable=False
        )
    return AdapterError(code or str(status), words, retryable=status >= 500)


def unknown(words: str) -> AdapterError:
    """The message had left, and no answer came that says what became of it."""
    detail = f"The service did not say what became of the message: {one_line(words)[:MAX_WORDS]}"
    return AdapterError("no-answer", detail, retryable=False, uncertain=True)


def fault_of(error: AnymailError) -> AdapterError:
    """What an error of anymail's means."""
    if isinstance(error, AnymailRecipientsRefused):
        return AdapterError("refused", one_line(refused_words(error.response))[:MAX_WORDS], retryable=False)
    if isinstance(error.response, requests.Response):
        return _answered(error.response)
    if isinstance(error, requests.RequestException):
        return _unanswered(error)
    if isinstance(error.__cause__, BotoCoreError | ClientError):
        return amazons_fault(error.__cause__)
    # What anymail itself refuses has not left.
    return AdapterError("message", one_line(" ".join(map(str, error.args)))[:MAX_WORDS], retryable=False)


def amazons_fault(error: BotoCoreError | ClientError) -> AdapterError:
    """What an error of Amazon's library means, whose only attempt it was."""
    if isinstance(error, ClientError):
        said = error.response.get("Error", {})
        code, words = str(said.get("Code", "")), str(said.get("Message", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        return refusal(403 if code in _AMAZONS_KEYS else status, code, words or code)
    if isinstance(error, SSLError):
        return AdapterError("tls", f"No encrypted connection: {error}", retryable=True)
    if isinstance(error, ConnectionError):
        return AdapterError("connect", str(error), retryable=True)
    if isinstance(error, HTTPClientError | IncompleteReadError):
        return unknown(str(error))
    return AdapterError("config", str(error), retryable=False)


def refused_words(response: object) -> str:
    """What a service says about recipients that it does not take."""
    said = words_of(response) if isinstance(response, requests.Response) else ""
    return said or "The service does not send to this address."


def words_of(response: requests.Response) -> str:
    """The words in a service's answer, wherever it puts them."""
    return words_in(_json(response)) or response.text[:MAX_WORDS] or str(response.reason)


def words_in(said: dict[str, Any]) -> str:
    """The words in a JSON answer: Mailgun's and Postmark's message, SendGrid's first error; empty without
    any."""
    first = next(iter(objects_in(said, "errors")), said)
    return text_in(first, "message") or text_in(first, "Message") or text_in(said, "error")


def _answered(response: requests.Response) -> AdapterError:
    if response.ok and not response.is_redirect:
        return unknown(f"{response.status_code} {words_of(response)}")
    code = _json(response).get("ErrorCode")  # Postmark's
    return refusal(
        response.status_code,
        str(code) if isinstance(code, int) else "",
        f"{response.status_code} {words_of(response)}",
        retry_after=response.headers.get("Retry-After", ""),
    )


def _unanswered(error: requests.RequestException) -> AdapterError:
    """A call without an answer: until a connection stands, nothing has left."""
    cause = error.__cause__ or error  # anymail's error stands around that of requests
    if isinstance(error, requests.exceptions.SSLError):
        return AdapterError("tls", "No encrypted connection to the e-mail service.", retryable=True)
    if isinstance(error, requests.ConnectTimeout) or _never_connected(cause):
        return AdapterError("connect", "The e-mail service cannot be reached.", retryable=True)
    return unknown(type(cause).__name__)


def _never_connected(error: BaseException) -> bool:
    inner = error.args[0] if error.args else None
    return isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError)


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
