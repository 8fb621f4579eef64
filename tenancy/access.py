"""Who may open which page: every view under `/w/<slug>/` names the role it needs."""

from collections.abc import Callable
from typing import Any, Protocol, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from tenancy.models import Member, Role, User, Workspace


class WorkspaceRequest(HttpRequest):
    """A request inside a workspace, as WorkspaceMiddleware hands it to views."""

    user: User
    workspace: Workspace
    member: Member
    htmx: Any


class WorkspaceView(Protocol):
    needs: Role

    def __call__(self, request: WorkspaceRequest, *args: Any, **kwargs: Any) -> HttpResponseBase: ...


def needs(role: Role) -> Callable[[Callable[..., HttpResponseBase]], WorkspaceView]:
    """Mark a view with the role it needs; others get 403. The slug is taken off the view's arguments."""

    def mark(view: Callable[..., HttpResponseBase]) -> WorkspaceView:
        def guarded(request: WorkspaceRequest, *args: Any, slug: str, **kwargs: Any) -> HttpResponseBase:
            if not request.member.may(role):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.__name__, guarded.__doc__, guarded.__module__ = view.__name__, view.__doc__, view.__module__
        marked = cast("WorkspaceView", guarded)
        marked.needs = role
        return marked

    return mark
