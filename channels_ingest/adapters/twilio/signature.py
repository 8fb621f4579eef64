"""Whether a call comes from Twilio: X-Twilio-Signature, made with the account's own auth token.

https://www.twilio.com/docs/usage/security#validating-requests. There is no time in it, so nothing expires: a
redelivery is known by the message's sid.
"""

from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict
from twilio.request_validator import RequestValidator

from channels_ingest.base import Forged, RawCall


def check_signature(call: RawCall, token: str) -> None:
    """Raise Forged unless the call is signed with this auth token.

    X-Twilio-Webhooks-Signature-Settings, which names another key and algorithm, is not listened to: whoever forges
    a call can set it. The URL is signed without its fragment, and Twilio keeps its connection overrides there.
    """
    signature = call.headers.get("x-twilio-signature", "")
    if not token:
        raise Forged("This channel has no auth token to check calls with", 403)
    if not signature:
        raise Forged("It is not signed", 403)
    url = call.url.partition("#")[0]
    try:
        genuine = RequestValidator(token).validate(url, _signed(call), signature)
    except (TypeError, ValueError, LookupError, SuspiciousOperation) as error:  # the library's ways to say no
        raise Forged("It cannot be checked", 403) from error
    if not genuine:
        raise Forged("The signature is wrong", 403)


def is_form(call: RawCall) -> bool:
    """Whether the body is a form, as all of messaging's calls are; JSON is signed by its digest in the URL."""
    return call.method == "POST" and "bodySHA256" not in call.query


def _signed(call: RawCall) -> QueryDict | str:
    """What is signed beside the URL. Raises ValueError, SuspiciousOperation for what Twilio cannot have sent."""
    if call.method == "GET":
        return QueryDict()
    return QueryDict(call.body) if is_form(call) else call.body.decode()
