"""Around every request of the API: the token's workspace, one transaction, one answer to each POST."""

from collections.abc import Callable
from hashlib import sha256

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError

from tenancy.api.problems import plain_problem
from tenancy.models import ApiToken, Workspace
from tenancy.scope import scope
from tenancy.services import idempotency, tokens
from tenancy.services.idempotency import Answer

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
        response = _unreadable(request) or self._in_scope(request)
        response.headers.setdefault("Cache-Control", "no-store")
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
            response = _closed(found.workspace_id) or answer_once(request, token, self.get_response)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            return response


def answer_once(request: HttpRequest, token: ApiToken, get_response: GetResponse) -> HttpResponseBase:
    """Answer; a POST with an `Idempotency-Key` that was answered before gets that answer again."""
    key = request.headers.get("Idempotency-Key", "")
    if request.method != "POST" or not key:
        return get_response(request)
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        return plain_problem(400, f"An Idempotency-Key is at most {LONGEST_KEY} printable ASCII characters.")
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
    """What makes two requests the same: address, query and body."""
    return sha256(request.get_full_path().encode() + b"\n" + request.body).hexdigest()


def _bearer(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _unreadable(request: HttpRequest) -> HttpResponse | None:
    """Read the body, which is JSON and small, before anything is locked or written."""
    if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
        return plain_problem(411, "Say in Content-Length how long the body is.")
    try:
        request.body  # noqa: B018 - reading is what is wanted
    except RequestDataTooBig:
        return plain_problem(413, "The body is too large.")
    except UnreadablePostError:
        return plain_problem(400, "The body was cut off.")
    return None


def _closed(workspace_id: int) -> HttpResponse | None:
    status = Workspace.objects.values_list("status", flat=True).get(pk=workspace_id)
    if status == Workspace.Status.ACTIVE:
        return None
    return plain_problem(403, "This workspace is suspended.", kind="suspended")
