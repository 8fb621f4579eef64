"""What the pages of canned replies and of macros have in common: lists by name, an archive, a way back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from conversations.models.tool import Tool
from conversations.queries import tools as queries
from conversations.services import tools
from conversations.views.acts import address
from tenancy.access import WorkspaceRequest
from tenancy.models import Role
from tenancy.ways_back import way_back


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of tool: its table, the noun in the names of its pages, and what its list says."""

    model: type[Tool]
    noun: str
    icon: str
    title: str | Promise
    new: str | Promise
    about: str | Promise


def shelf(request: WorkspaceRequest, kind: Kind, **more: Any) -> HttpResponse:
    """All that a member has of a kind, by name, or what the search finds; those in the archive when asked for."""
    row, search = request.GET.get("id", ""), request.GET.get("q", "").strip()[:200]
    after = (request.GET.get("after", ""), int(row)) if row.isdecimal() and len(row) < 19 else None
    is_archive = "archived" in request.GET
    rows = queries.visible(kind.model, request.member).filter(archived_at__isnull=not is_archive)
    context = {
        "kind": kind,
        "page": queries.page(rows, search=search, after=after),
        "search": search,
        "is_archive": is_archive,
        "shares": request.member.may(Role.MANAGER),
    }
    template = "conversations/tools/_rows.html" if request.htmx else "conversations/tools/list.html"
    return render(request, template, context | more)


def find(request: WorkspaceRequest, kind: Kind, pk: int) -> Any:
    """A tool that the member may see; raises Http404."""
    return get_object_or_404(queries.visible(kind.model, request.member), pk=pk)


def archival(request: WorkspaceRequest, kind: Kind, pk: int) -> HttpResponse:
    """Put a tool away."""
    undo = address(request, f"{kind.noun}_return", pk)
    return _put(request, kind, pk, tools.archive, said=_("%(name)s is archived."), undo=undo)


def bring_back(request: WorkspaceRequest, kind: Kind, pk: int) -> HttpResponse:
    """Take a tool out of the archive."""
    undo = address(request, f"{kind.noun}_archival", pk)
    return _put(request, kind, pk, tools.bring_back, said=_("%(name)s is back."), undo=undo)


def kept(request: WorkspaceRequest, kind: Kind, tool: Tool) -> HttpResponse:
    """Back to the list, saying that a tool has been stored."""
    messages.success(request, _("%(name)s is saved.") % {"name": tool})
    return to_shelf(request, kind)


def to_shelf(request: WorkspaceRequest, kind: Kind) -> HttpResponse:
    """The way to the list of a kind."""
    return redirect(address(request, f"{kind.noun}_list"))


def _put(
    request: WorkspaceRequest, kind: Kind, pk: int, verb: Callable[..., None], *, said: str, undo: str
) -> HttpResponse:
    tool = find(request, kind, pk)
    try:
        verb(tool=tool, by=request.member, request=request)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, said % {"name": tool}, extra_tags=way_back(request, undo))
    return to_shelf(request, kind)
