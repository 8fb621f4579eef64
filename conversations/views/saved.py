"""Views that members make: the builder, which shows what it would find, and their list."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations import builder
from conversations.builder import Draft
from conversations.models import SavedView
from conversations.queries import lists, saved
from conversations.queries.filters import Filter, Unfit
from conversations.queries.saved import Catalogue
from conversations.services import saved_views
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Member, Role
from tenancy.reading import together

PREVIEWED = 5  # rows


@needs(Role.AGENT)
@require_safe
def views(request: WorkspaceRequest) -> HttpResponse:
    """One's own views and those that are shared, to be changed and put in order."""
    found = list(saved.visible_to(request.member))
    facts = {
        "own": [view for view in found if not view.is_shared],
        "shared": [view for view in found if view.is_shared],
        "may_share": request.member.may(Role.MANAGER),
    }
    return render(request, "conversations/views.html", facts)


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    """Build a view."""
    known = saved.catalogue().read()
    draft = builder.posted(request.POST, known) if request.method == "POST" else builder.fresh(known)
    return _built(request, draft, known, None)


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Build a view anew."""
    view = _find(request, pk)
    saved_views.check_may_change(view, request.member)
    known = saved.catalogue().read()
    if request.method == "POST":
        return _built(request, builder.posted(request.POST, known), known, view)
    filter = Filter.of(view.filter)
    lines = builder.of_filter(filter, known, saved.rows_named(filter))
    return _built(request, Draft(view.name, view.is_shared, filter.match, lines), known, view)


@needs(Role.AGENT)
@require_POST
def preview(request: WorkspaceRequest) -> HttpResponse:
    """What the view that is being built would hold: a few rows, and how many."""
    known = saved.catalogue().read()
    found = _preview(builder.posted(request.POST, known), known, request.member)
    return render(request, "conversations/_view_preview.html", found)


@needs(Role.AGENT)
@require_POST
def copy(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Make a view of one's own like one that one sees."""
    try:
        made = saved_views.duplicate(view=_find(request, pk), member=request.member)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return _back(request)
    return redirect("conversations:saved_view", slug=request.workspace.slug, pk=made.pk)


@needs(Role.AGENT)
@require_POST
def remove(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Take a view away; it can be taken back."""
    view = _find(request, pk)
    saved_views.remove(view=view, member=request.member)
    undo = request.path.replace("/removal/", "/return/")
    messages.success(request, _("The view %(name)s is deleted.") % {"name": view.name}, extra_tags=undo)
    return _back(request)


@needs(Role.AGENT)
@require_POST
def bring_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Have a view again that was taken away."""
    view = get_object_or_404(SavedView, pk=pk, archived_at__isnull=False)
    if not view.is_shared and view.member_id != request.member.pk:
        raise Http404
    try:
        saved_views.bring_back(view=view, member=request.member)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("The view %(name)s is back.") % {"name": view.name})
    return _back(request)


@needs(Role.AGENT)
@require_POST
def place(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Move a view up or down among its like."""
    places = -1 if request.POST.get("to") == "up" else 1
    saved_views.shift(view=_find(request, pk), member=request.member, places=places)
    return _back(request)


def _built(request: WorkspaceRequest, draft: Draft, known: Catalogue, view: SavedView | None) -> HttpResponse:
    """Save what has been built where that is asked for and it fits; else show it as it is."""
    status = 200
    if "save" in request.POST:
        try:
            made = _saved(draft, draft.fit(known), view, request.member)
        except Unfit as unfit:
            draft, status = draft.blamed(unfit), 422
        except ValidationError as error:
            draft, status = replace(draft, error=error.messages[0]), 422
        else:
            messages.success(request, _("The view %(name)s is saved.") % {"name": made.name})
            return redirect(
                f"{reverse('conversations:inbox', args=[request.workspace.slug])}?view={made.key}"
            )
    facts = {
        "draft": draft,
        "fields": _grouped(known),
        "saved": view,
        "added": "add" in request.POST,
        "may_share": request.member.may(Role.MANAGER),
    }
    if request.htmx:
        return render(request, "conversations/_view_conditions.html", facts)
    found = _preview(draft, known, request.member)
    return render(request, "conversations/view.html", facts | found, status=status)


def _saved(draft: Draft, filter: Filter, view: SavedView | None, member: Member) -> SavedView:
    facts: dict[str, Any] = {"name": draft.name, "filter": filter, "is_shared": draft.is_shared}
    if view is None:
        return saved_views.make(**facts, member=member)
    return saved_views.change(view=view, **facts, member=member)


def _preview(draft: Draft, known: Catalogue, member: Member) -> dict[str, Any]:
    """The first rows and the count, in one query; neither while it does not fit."""
    try:
        view = saved.view_of_filter(draft.fit(known), known.fields)
    except Unfit:
        return {"page": None, "found": None}
    assert view.filter
    page, found = together(lists.page(view, member, size=PREVIEWED), saved.count(view.filter, member)).read()
    return {"page": page, "found": found, "view": view}


def _grouped(known: Catalogue) -> list[tuple[str, list[Any]]]:
    """Fields under the words of their groups, in order."""
    groups: dict[str, list[Any]] = {}
    for field in known.fields.values():
        groups.setdefault(str(field.group), []).append(field)
    return list(groups.items())


def _find(request: WorkspaceRequest, pk: int) -> SavedView:
    return get_object_or_404(saved.visible_to(request.member), pk=pk)


def _back(request: WorkspaceRequest) -> HttpResponse:
    return redirect("conversations:saved_views", slug=request.workspace.slug)
