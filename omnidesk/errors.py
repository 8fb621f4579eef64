"""What Django itself has to say when something is wrong: a page to people, a problem to programs."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views import defaults
from django.views.csrf import csrf_failure

from tenancy.api.middleware import PREFIX
from tenancy.api.problems import plain_problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a host that is not ours, a form of too many fields."""
    return plain_problem(400) if _of_program(request) else defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return plain_problem(403) if _of_program(request) else defaults.permission_denied(request, exception)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without the token of this session. Where its sender has signed in again meanwhile, in another
    window of the same browser, the page gets the new token to try again with; others cannot read it."""
    response = csrf_failure(request, reason)
    if request.headers.get("HX-Request"):
        response.headers["X-CSRFToken"] = get_token(request)
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such address."""
    return plain_problem(404) if _of_program(request) else defaults.page_not_found(request, exception)


def too_often(request: HttpRequest) -> HttpResponse:
    """429: django-allauth's, for more sign-ins or password resets than ACCOUNT_RATE_LIMITS allows."""
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours, which Django has logged; its details are nobody else's business."""
    return plain_problem(500) if _of_program(request) else defaults.server_error(request)


def _of_program(request: HttpRequest) -> bool:
    return request.path_info.startswith(PREFIX)
