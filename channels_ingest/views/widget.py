"""The chat widget over HTTP: its script, and its frames by POST where a socket is not to be had.

| asked                                    | answer                                     |
|------------------------------------------|--------------------------------------------|
| frames                                   | 200, frames; errors are frames among them  |
| no JSON of frames                        | 400, a frame that says so                  |
| another content type                     | 415, the same                              |
| from a site that may not show this chat  | 403                                        |
| unknown token                            | 404                                        |
| archived channel, workspace being purged | 410                                        |
| too large                                | 413                                        |
| too often from one place                 | 429                                        |
| while the database is down               | 503, a frame that says so                  |
"""

import json
from hashlib import sha256
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseFault
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from channels_ingest.adapters.chat import LARGEST_POST, MOST_BYTES, MOST_FILES, MOST_TEXT, color_of
from channels_ingest.services.chat import answers, door
from channels_ingest.services.chat.door import Closed, Line
from channels_ingest.services.chat.frames import MOST_FRAMES, Refused
from channels_ingest.views import bodies
from conversations.models import Channel

log = structlog.get_logger(__name__)

SCRIPT = "text/javascript; charset=utf-8"
WIDGET = "static/widget/widget.min.js"
# More is no frames: a list of nothing, as long as files may be, would take hundreds of megabytes of memory.
MOST_VALUES = 200_000
ANYWHERE = {"Cross-Origin-Resource-Policy": "cross-origin"}


@require_safe
def script(request: HttpRequest, token: str) -> HttpResponseBase:
    """The widget with its settings, as one script."""
    try:
        _workspace_id, channel = door.find_chat(token)
    except Closed as closed:
        return bodies.unlogged(HttpResponse(f"// {closed}\n", SCRIPT, closed.status))
    content = _script(channel, token).encode()
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = ANYWHERE | {"ETag": etag, "Cache-Control": "public, max-age=300"}
    response = HttpResponse(content, SCRIPT, headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response


@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
def frames(request: HttpRequest, token: str) -> HttpResponse:
    """Answer frames, as the socket would."""
    origin = request.headers.get("Origin")
    try:
        line = door.enter(
            token=token, origin=origin, remote=request.META.get("REMOTE_ADDR", ""), by_post=True
        )
        response = _preflight() if request.method == "OPTIONS" else _answer(request, line)
    except Closed as closed:
        code = "rate" if closed.status == door.TOO_OFTEN else "unavailable"
        response = _refusal(code, str(closed), closed.status)
        if closed.status == door.NO_ORIGIN:
            origin = None
    except DatabaseFault as error:
        log.error("chat not answered", error=str(error))
        response = _refusal("unavailable", _("Something is wrong here. Try again."), 503)
    except bodies.Refused as refused:
        code = "too_large" if refused.status == 413 else "bad_frame"
        response = _refusal(code, str(refused), refused.status)
    if origin:
        response["Access-Control-Allow-Origin"] = origin
    patch_vary_headers(response, ["Origin"])
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, line: Line) -> HttpResponse:
    if request.content_type != "application/json":
        return _refusal("bad_frame", _("Send frames as application/json."), 415)
    body = bodies.read_body(request, LARGEST_POST)
    if body.count(b",") > MOST_VALUES:
        raise bodies.Refused(413, _("Send fewer frames at once."))
    try:
        said = json.loads(body)
        asked = said["frames"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return _refusal("bad_frame", _("Send an object with a list of frames."), 400)
    if not isinstance(asked, list) or len(asked) > MOST_FRAMES:
        return _refusal(
            "bad_frame", _("Send a list of at most %(most)d frames.") % {"most": MOST_FRAMES}, 400
        )
    told: list[dict[str, Any]] = []
    for frame in asked:
        told += answers.answer(line, frame, len(body))
        if answers.is_hello(frame):
            told += answers.ready(line)
    return JsonResponse({"frames": told})


def _preflight() -> HttpResponse:
    """What a browser asks before it posts JSON from another site."""
    return HttpResponse(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Content-Type",
            "Access-Control-Max-Age": "600",
        },
    )


def _refusal(code: str, detail: str, status: int) -> HttpResponse:
    return bodies.unlogged(JsonResponse({"frames": [Refused(code, detail).frame]}, status=status))


def _script(channel: Channel, token: str) -> str:
    """The widget in one function of its own, so that nothing of it is the page's."""
    widget = (settings.BASE_DIR / WIDGET).read_text()
    config = json.dumps(_config(channel, token))
    return f'(() => {{\n"use strict";\nconst CONFIG = {config};\n{widget}}})();\n'


def _config(channel: Channel, token: str) -> dict[str, Any]:
    """What the widget has to know."""
    base: str = settings.PUBLIC_URL
    return {
        "token": token,
        "base": base,
        "socket": f"ws{base.removeprefix('http')}/ws/widget/{token}/",
        "name": channel.brand.sender_name or channel.brand.name,
        "color": color_of(channel.config),
        "form": channel.config.get("form", "optional"),
        "greeting": channel.config.get("greeting", ""),
        "limits": {"text": MOST_TEXT, "files": MOST_BYTES, "most_files": MOST_FILES},
    }
