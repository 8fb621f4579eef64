"""Around every request of the API: the token's workspace, one transaction, one answer to each POST."""

from collections.abc import Callable
from hashlib import sha256

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.urls import Resolver404, resolve
from rest_framework.parsers import MultiPartParser

from tenancy.api.problems import busy, plain_problem
from tenancy.models import ApiToken, Workspace
from tenancy.scope import scope
from tenancy.services import idempotency, tokens
from tenancy.services.idempotency import Answer

log = structlog.get_logger(__name__)

PREFIX = "/api/"
LONGEST_KEY = 255

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ApiMiddleware:
    """Opens the scope of the token's workspace around the view, as the pages' middleware does for members.

    The request runs in one transaction; an answer that says something went wrong (400 and above) writes nothing.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        try:
            response = _unreadable(request) or self._in_scope(request)
        except (OperationalError, InterfaceError) as error:  # the view's own are answered where they arise
            log.error("database does not answer", error=str(error))
            response = busy()
        response.headers.setdefault("Cache-Control", "no-store")
        for name, value in getattr(request, "api_limits", {}).items():
            response.headers[name] = str(value)
        if response.status_code == 301:  # to the same address with a slash: a POST must stay one
            response.status_code = 308
        return response

    def _in_scope(self, request: HttpRequest) -> HttpResponseBase:
        found = tokens.resolve(_bearer(request))
        if found is None:
            return self.get_response(request)
        with scope(found.workspace_id):
            token = tokens.use(found.target_id)
            if token is None:
                return self.get_response(request)
            request.api_token = token  # type: ignore[attr-defined]
            response = _closed(found.status) or answer_once(request, token, self.get_response)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            return response


def answer_once(request: HttpRequest, token: ApiToken, get_response: GetResponse) -> HttpResponseBase:
    """Answer; a POST with an `Idempotency-Key` that was answered before gets that answer again."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None:
        return get_response(request)
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        return plain_problem(400, f"An Idempotency-Key is 1 to {LONGEST_KEY} printable ASCII characters.")
    fingerprint = _fingerprint(request)
    try:
        before = idempotency.claim(token=token, key=key, fingerprint=fingerprint)
    except idempotency.StillAnswering:
        detail = "A request with this Idempotency-Key is being answered at this moment."
        return plain_problem(409, detail, kind="still-answering", headers={"Retry-After": "1"})
    except idempotency.KeyReused:
        detail = "This Idempotency-Key was used for another request."
        return plain_problem(422, detail, kind="key-reused")
    if before is not None:
        return _again(before)
    response = get_response(request)
    if isinstance(response, HttpResponse) and response.status_code < 400:
        answer = Answer(response.status_code, response.text, response.headers.get("Location", ""))
        idempotency.keep(token=token, key=key, fingerprint=fingerprint, answer=answer)
    return response


def _again(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, "application/json", answer.status)
    response.headers["Idempotency-Replayed"] = "true"
    if answer.location:
        response.headers["Location"] = answer.location
    return response


def _fingerprint(request: HttpRequest) -> str:
    """What makes two requests the same: address, query and body; of a form what it holds, as its boundary is made
    up anew each time."""
    digest = sha256(request.get_full_path().encode() + b"\n")
    if not _is_form(request):
        digest.update(request.body)
        return digest.hexdigest()
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(repr((name, file.name, file.content_type, file.size)).encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _bearer(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _unreadable(request: HttpRequest) -> HttpResponse | None:
    """Read the body, small JSON or a form with a file, before anything is locked or written."""
    if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
        return plain_problem(411, "Say in Content-Length how long the body is.")
    try:
        _ = request.FILES if _is_form(request) else request.body
    except RequestDataTooBig:
        return plain_problem(413, "The body is too large.")
    except UnreadablePostError:
        return plain_problem(400, "The body was cut off.")
    except (MultiPartParserError, SuspiciousOperation):
        return plain_problem(400, "The body is no form that can be read.")
    return None


def _is_form(request: HttpRequest) -> bool:
    """Whether a form with files has come to a resource that takes them."""
    if request.method != "POST" or request.content_type != "multipart/form-data":
        return False
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return MultiPartParser in getattr(getattr(view, "cls", None), "parser_classes", ())


def _closed(status: str) -> HttpResponse | None:
    if status == Workspace.Status.ACTIVE:
        return None
    return plain_problem(403, "This workspace is suspended.", kind="suspended")
