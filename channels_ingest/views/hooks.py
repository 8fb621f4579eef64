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
| more than the limits of docs/operations.md allow  | 429, try later *  | no     |
| while the database is down                        | 503, try later    | no     |

* 503 where the provider takes every 4xx for the end (Inlet.too_much).
"""

import structlog
from django.conf import settings
from django.db import Error as DatabaseFault
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_ingest.base import HOOKS, ChannelFacts, Forged, Inlet, Outcome, RawCall, Response, inlet_for
from channels_ingest.models import InboundEvent
from channels_ingest.services import pressure
from channels_ingest.services.accept import accept_call
from channels_ingest.services.facts import facts_of
from channels_ingest.views.bodies import Refused, read_body, unlogged
from conversations.models import Channel
from tenancy import prepared
from tenancy.models import Workspace
from tenancy.scope import scope
from tenancy.services import locators
from tenancy.services.locators import Found

log = structlog.get_logger(__name__)

LATER = {"Retry-After": "300"}
_CHANNEL = """
    SELECT one.* FROM conversations_channel one WHERE workspace_id = %(workspace)s AND id = %(channel)s
"""


@csrf_exempt
@require_http_methods(["GET", "POST"])
def hook(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """Take one call of a provider."""
    try:
        response = _take(request, provider, token)
    except Refused as refused:
        log.info("hook refused", provider=provider, status=refused.status, reason=str(refused))
        return unlogged(HttpResponse(f"{refused}\n", "text/plain", refused.status, headers=refused.headers))
    except DatabaseFault as error:
        log.error("hook not stored", provider=provider, error=str(error))
        return unlogged(HttpResponse("Try again later\n", "text/plain", 503, headers=LATER))
    return HttpResponse(response.body, response.content_type, response.status)


def _take(request: HttpRequest, provider: str, token: str) -> Response:
    found = locators.find_channel(token) if provider in HOOKS else None
    if found is None:
        raise Refused(404, "No such address")
    inlet = inlet_for(provider)
    call = _call(request, inlet)
    with scope(found.workspace_id):
        channel = _channel(provider, found)
        facts = facts_of(channel)
        greeting = _verify(call, inlet, facts)
        if greeting is not None:
            return greeting
        _check_pressure(channel, inlet)
        event_id = accept_call(
            channel=channel,
            facts=facts,
            inlet=inlet,
            via=InboundEvent.Via.HOOK,
            call=call,
            hook=provider,
        )
    return inlet.respond(call, Outcome.DUPLICATE if event_id is None else Outcome.STORED)


def _verify(call: RawCall, inlet: Inlet, facts: ChannelFacts) -> Response | None:
    """Make sure that a call is the provider's; the answer to one that only shakes hands. Raises Refused."""
    try:
        inlet.verify(call, facts)
        greeting = inlet.handshake(call, facts)
    except Forged as forged:
        raise Refused(forged.status, forged.reason) from forged
    if greeting is None and call.method == "GET":
        raise Refused(405, "Only POST brings anything", Allow="POST")
    return greeting


def _check_pressure(channel: Channel, inlet: Inlet) -> None:
    try:
        pressure.check(channel)
    except pressure.Later as later:
        headers = {"Retry-After": str(later.retry_after)}
        raise Refused(inlet.too_much, str(later), **headers) from later


def _channel(provider: str, found: Found) -> Channel:
    """The channel behind a webhook address, which must be open and of the provider's kind. Raises Refused."""
    facts = {"workspace": found.workspace_id, "channel": found.target_id}
    channel = prepared.first(Channel, _CHANNEL, facts)
    if channel is None or channel.kind != HOOKS[provider]:
        raise Refused(404, "No such address")
    if channel.archived_at or found.status == Workspace.Status.DELETING:
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
        body=read_body(request, inlet.max_body),
        remote=request.META.get("REMOTE_ADDR", ""),
        url=settings.PUBLIC_URL + request.get_full_path(),
    )
