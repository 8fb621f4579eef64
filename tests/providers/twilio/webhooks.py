"""How the made-up Twilio calls webhooks: signed, without the fragment, and again as the fragment asks."""

import base64
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import parse_qs, urlencode

import httpx

PATIENCE = 15  # seconds for one webhook

# Posts a form to a URL with headers, and returns status, content type and body; OSError when nobody answers.
Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, str, str]]


@dataclass(frozen=True)
class Webhook:
    """One webhook with the answer to its last try; status 0 when nobody answered."""

    url: str
    form: Mapping[str, str]
    status: int
    tries: int
    content_type: str = ""
    body: str = ""


def signature(url: str, form: Mapping[str, str], token: str) -> str:
    """X-Twilio-Signature: HMAC-SHA1 over the URL and the sorted fields.

    https://www.twilio.com/docs/usage/security#validating-requests
    """
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), sha1).digest()).decode()


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, str]:
    """Over HTTP, to whoever listens there."""
    try:
        answer = httpx.post(url, content=body, headers=dict(headers), timeout=PATIENCE, trust_env=False)
    except httpx.TransportError as error:
        raise OSError(str(error)) from error
    return answer.status_code, answer.headers.get("content-type", ""), answer.text


def call(address: str, form: Mapping[str, str], *, token: str, post: Post) -> Webhook:
    """Call a webhook. The address may end in connection overrides such as #rc=3&rp=all; without them one more try
    is made when nobody answers, and none for an answer that is no success.

    https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
    """
    url, _, fragment = address.partition("#")
    overrides = parse_qs(fragment)
    again = int(overrides.get("rc", ["1"])[0])
    policies = set(overrides.get("rp", ["ct"])[0].split(","))
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "X-Twilio-Signature": signature(url, form, token),
        "I-Twilio-Idempotency-Token": secrets.token_hex(16),
        "User-Agent": "TwilioProxy/1.1",
    }
    body, tries, status, content_type, text = urlencode(form).encode(), 0, 0, "", ""
    while tries == 0 or (tries <= again and policies & _reasons(status)):
        tries += 1
        try:
            status, content_type, text = post(url, body, headers)
        except OSError:
            status, content_type, text = 0, "", ""
    return Webhook(url, form, status, tries, content_type, text)


def _reasons(status: int) -> set[str]:
    """Under which policies a call with this answer is made again."""
    if status == 0:
        return {"ct", "all"}
    return {f"{status // 100}xx", "all"} if status >= 400 else set()
