"""POST /hooks/<provider>/<token>/: check, store, answer. Whatever else a call means happens later, in a worker.

| call                                              | answer            | stored |
|---------------------------------------------------|-------------------|--------|
| authentic, new                                    | what adapter says | yes    |
| authentic, delivered before                       | what adapter says | no     |
| a handshake                                       | the challenge     | no     |
| forged                                            | 401 or 403        | no     |
| unknown provider or token, another kind's token   | 404               | no     |
| for an archived channel, a workspace being purged | 410               | no     |
| too large                                         | 413               | no     |
| cut off on its way                                | 400               | no     |
| for a channel that is switched off                | 503, try later    | no     |
| while the database is down                        | 503, try later    | no     |
"""

import structlog
from django.conf import settings
from django.db import Error as DatabaseFault
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_ingest.base import HOOKS, Forged, Inlet, Outcome, RawCall, Response, inlet_for
from channels_ingest.models import InboundEvent
from channels_ingest.services.accept import accept_call
from channels_ingest.services.facts import facts_of
from conversations.models import Channel
from tenancy.models import Workspace
from tenancy.scope import scope
from tenancy.services import locators

log = structlog.get_logger(__name__)

LATER = {"Retry-After": "300"}


class Refused(Exception):
    """A call that is not taken; answered with `status`."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers


@csrf_exempt
@require_http_methods(["GET", "POST"])
def hook(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """Take one call of a provider."""
    try:
        response = _take(request, provider, token)
    except Refused as refused:
        log.info("hook refused", provider=provider, status=refused.status, reason=str(refused))
        return _unlogged(f"{refused}\n", refused.status, refused.headers)
    except DatabaseFault as error:
        log.error("hook not stored", provider=provider, error=str(error))
        return _unlogged("Try again later\n", 503, LATER)
    return HttpResponse(response.body, response.content_type, response.status)


def _unlogged(text: str, status: int, headers: dict[str, str]) -> HttpResponse:
    """A refusal that Django does not log once more with its path: the token in it is a secret."""
    response = HttpResponse(text, "text/plain", status, headers=headers)
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _take(request: HttpRequest, provider: str, token: str) -> Response:
    channel = _channel(provider, token)
    inlet = inlet_for(provider)
    facts = facts_of(channel)
    call = _call(request, inlet)
    try:
        inlet.verify(call, facts)
    except Forged as forged:
        raise Refused(forged.status, forged.reason) from forged
    greeting = inlet.handshake(call, facts)
    if greeting is not None:
        return greeting
    if request.method == "GET":
        raise Refused(405, "Only POST brings anything", Allow="POST")
    with scope(channel.workspace.pk):
        event = accept_call(
            channel=channel,
            facts=facts,
            inlet=inlet,
            via=InboundEvent.Via.HOOK,
            call=call,
            hook=provider,
        )
    return inlet.respond(call, Outcome.STORED if event else Outcome.DUPLICATE)


def _channel(provider: str, token: str) -> Channel:
    """The channel behind a webhook address. Raises Refused."""
    found = locators.find_channel(token) if provider in HOOKS else None
    if found is None:
        raise Refused(404, "No such address")
    with scope(found.workspace_id):
        channel = Channel.objects.select_related("workspace").get(pk=found.target_id)
    if channel.kind != HOOKS[provider]:
        raise Refused(404, "No such address")
    if channel.archived_at or channel.workspace.status == Workspace.Status.DELETING:
        raise Refused(410, "This channel is no more")
    if not channel.is_enabled:
        raise Refused(503, "This channel is switched off", **LATER)
    return channel


def _call(request: HttpRequest, inlet: Inlet) -> RawCall:
    return RawCall(
        method=request.method or "",
        path=request.path,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.GET.dict(),
        body=_body(request, inlet.max_body),
        remote=request.META.get("REMOTE_ADDR", ""),
        url=settings.PUBLIC_URL + request.get_full_path(),
    )


def _body(request: HttpRequest, limit: int) -> bytes:
    """The whole body and no more than `limit` bytes of it. Raises Refused.

    Read from the stream, so that the limit for forms (DATA_UPLOAD_MAX_MEMORY_SIZE) stays what it is elsewhere.
    """
    declared = request.META.get("CONTENT_LENGTH") or ""
    length = int(declared) if declared.isdecimal() else None
    if length is not None and length > limit:
        raise Refused(413, f"More than {limit} bytes")
    try:
        body = _chunked_body(request, limit) if length is None else request.read(length)
    except OSError as error:
        raise Refused(400, "The body was cut off") from error
    if length is not None and len(body) < length:
        raise Refused(400, "The body was cut off")
    return body


def _chunked_body(request: HttpRequest, limit: int) -> bytes:
    """The body of a call that does not say its length, which under WSGI Django itself would read as empty."""
    if "HTTP_TRANSFER_ENCODING" not in request.META:
        return b""
    stream = request.META.get("wsgi.input", request)
    if stream is not request and not request.META.get("wsgi.input_terminated"):
        raise Refused(411, "Say how long the body is")
    body: bytes = stream.read(limit + 1)
    if len(body) > limit:
        raise Refused(413, f"More than {limit} bytes")
    return body
