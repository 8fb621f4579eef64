"""Errors as `application/problem+json` (RFC 9457), wherever in the API they arise."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
NOWHERE = "non_field_errors"


class Refused(exceptions.APIException):
    """What is asked cannot be done as things are: 409. `facts` are further members that say more."""

    status_code = HTTPStatus.CONFLICT
    kind = "refused"

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.facts = facts


class ChangedMeanwhile(Refused):
    """Somebody else was there first: look again, then decide."""

    kind = "changed-meanwhile"


class Busy(exceptions.APIException):
    """Not now: the same request may succeed in a moment."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_detail = "Try again in a moment."
    wait = 5  # seconds


def problem(error: Exception, context: Mapping[str, Any] | None = None) -> Response | None:
    """Django REST framework's exception handler; None leaves what nobody expected to Django: logged, 500."""
    known = _known(error)
    if known is None:
        return None
    members = describe(known.status_code, detail=_detail(known), kind=getattr(known, "kind", ""))
    if isinstance(known, exceptions.ValidationError):
        members["errors"] = errors_of(known.detail)
    members |= getattr(known, "facts", {})
    return Response(members, known.status_code, headers=_headers(known), content_type=MEDIA_TYPE)


def plain_problem(
    status: int, detail: str = "", *, kind: str = "", headers: dict[str, str] | None = None
) -> JsonResponse:
    """A problem from outside of Django REST framework's views."""
    members = describe(status, detail=detail, kind=kind)
    response = JsonResponse(members, status=status, headers=headers, content_type=MEDIA_TYPE)
    response.headers["Content-Length"] = str(len(response.content))
    return response


def busy() -> JsonResponse:
    """What `Busy` says, from outside of such views."""
    headers = {"Retry-After": str(Busy.wait)}
    return plain_problem(Busy.status_code, Busy.default_detail, headers=headers)


def describe(status: int, *, detail: str = "", kind: str = "") -> dict[str, Any]:
    """The members that every problem has. `kind` names those that a client may want to tell apart."""
    members: dict[str, Any] = {
        "type": f"urn:omnidesk:problem:{kind}" if kind else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
    }
    return members | {"detail": detail} if detail else members


def errors_of(detail: Any, path: str = "") -> dict[str, list[str]]:
    """What is wrong with each field; those further down by a path such as `identities.0.value`."""
    found: dict[str, list[str]] = {}
    for name, text in _flat(detail, path):
        found.setdefault(name or NOWHERE, []).append(text)
    return found


def _flat(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(detail, Mapping):
        for name, below in detail.items():
            yield from _flat(below, path if name == NOWHERE else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for position, below in enumerate(detail):
            nested = isinstance(below, Mapping | list)
            yield from _flat(below, f"{path}.{position}".lstrip(".") if nested else path)
    else:
        yield path, str(detail)


def _known(error: Exception) -> exceptions.APIException | None:
    """The error in the words of HTTP, or None for a fault of ours."""
    known: exceptions.APIException | None = None
    match error:
        case exceptions.APIException():
            known = error
        case Http404():
            known = exceptions.NotFound()
        case PermissionDenied():
            known = exceptions.PermissionDenied()
        case DjangoValidationError():
            known = exceptions.ValidationError(messages_of(error))
        case IntegrityError():
            log.warning("request collided", error=str(error))
            known = ChangedMeanwhile("Somebody else changed the same thing at the same moment.")
        case OperationalError() | InterfaceError():
            log.error("database does not answer", error=str(error))
            known = Busy()
    return known


def messages_of(error: DjangoValidationError) -> Any:
    """The messages of a form's or service's error, by field where it names fields."""
    return error.message_dict if hasattr(error, "error_dict") else error.messages


def _detail(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.ValidationError):
        return "The request is not valid: see errors."
    return str(error.detail)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers
