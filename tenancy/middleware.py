"""Resolves the workspace of `/w/<slug>/…` once, and opens its scope around the view."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation

from tenancy import seats
from tenancy.models import User, Workspace
from tenancy.scope import scope

LAST_WORKSPACE = "workspace"


class WorkspaceMiddleware:
    """Members only: a stranger gets the same 404 as for a workspace that does not exist.

    The view runs in one transaction; an answer that says something went wrong (400 and above) writes nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        slug = workspace_slug(request.path_info)
        if slug is None:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return _sign_in(request)
        workspace = next((each for each in request.user.workspaces if each.slug == slug), None)
        if workspace is None or workspace.status == Workspace.Status.DELETING:
            return _not_found(request)
        with scope(workspace.pk):
            member = seats.member(request.user.pk)
            if member is None:
                return _not_found(request)
            request.workspace, request.member = workspace, member  # type: ignore[attr-defined]
            if workspace.status == Workspace.Status.SUSPENDED:
                return render(request, "tenancy/suspended.html", status=403)
            _remember(request, slug)
            with timezone.override(zone_of(request.user)), translation.override(language_of(request.user)):
                response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            return response


def zone_of(user: User) -> ZoneInfo:
    """The zone in which a user is shown all times; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def language_of(user: User) -> str:
    """The language in which a user is spoken to: their own choice, else what their browser asked for."""
    known = dict(settings.LANGUAGES)
    return user.language if user.language in known else translation.get_language()


def _remember(request: HttpRequest, slug: str) -> None:
    """Have the next visit to `/` lead here."""
    if request.session.get(LAST_WORKSPACE) != slug:
        request.session[LAST_WORKSPACE] = slug


def workspace_slug(path: str) -> str | None:
    """The slug in `/w/<slug>/…`, or None for paths outside any workspace."""
    parts = path.split("/", 3)
    return parts[2] if len(parts) > 3 and parts[1] == "w" else None


def _sign_in(request: HttpRequest) -> HttpResponseBase:
    """Send to the sign-in page and back; a fragment request is told, so that the page keeps typed text."""
    if request.headers.get("HX-Request"):
        return HttpResponse("Signed out", status=401)
    return redirect_to_login(request.get_full_path())


def _not_found(request: HttpRequest) -> HttpResponse:
    return render(request, "404.html", status=404)
