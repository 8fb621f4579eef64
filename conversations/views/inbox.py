"""The inbox: its page, and the fragments of it that a browser fetches alone."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from conversations.queries import lists, places, saved
from conversations.queries.lists import UnknownView, View
from conversations.queries.parts import whom_of
from conversations.queries.sorts import Place, Sort
from conversations.queries.threads import Stretch
from conversations.services import sorting
from conversations.views import panes
from conversations.views.panes import Pane
from tenancy.access import WorkspaceRequest, needs
from tenancy.keyset import Cursor
from tenancy.models import Role

START = "mine"


@needs(Role.AGENT)
def inbox(request: WorkspaceRequest) -> HttpResponse:
    """A view's list, with no conversation open."""
    return render(request, "conversations/inbox.html", panes.show(*_list(request, _view(request, START))))


@needs(Role.AGENT)
def conversation(request: WorkspaceRequest, number: int) -> HttpResponse:
    """A conversation beside its list; asked by htmx, its panes alone."""
    draft = {}
    if request.GET.get("compose") == "note":
        draft["mode"] = "note"
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "conversations/inbox.html", whole_page(request, number, **draft))
    context = _opened(request, number, **draft)
    key = request.GET.get("view") or panes.first_view(context["conversation"], request.member)
    return render(request, "conversations/_panes.html", context | {"view_key": key})


@needs(Role.AGENT)
def rows(request: WorkspaceRequest) -> HttpResponse:
    """More rows below a cursor; or, without one, all that are on screen again."""
    view = _view(request, START)
    before = Place.parse(request.GET.get("before"))
    asked = panes.size_asked(request, lists.PAGE)
    context = panes.show(
        panes.list_pane(
            view,
            request.member,
            sort=_sort(request, view),
            before=before,
            size=lists.PAGE if before else asked,
            beside=asked if before else 0,
        )
    ) | {"before": before}
    if not context["page"].rows:
        context |= panes.show(panes.sidebar_pane(request.member))
    return render(request, "conversations/_rows_fragment.html", context)


@needs(Role.AGENT)
def views(request: WorkspaceRequest) -> HttpResponse:
    """The views with their counts."""
    context = {"view": _view(request, START)} | panes.show(panes.sidebar_pane(request.member))
    context["saved_counts"] = saved.counts(context["sidebar"].saved, request.member)
    return render(request, "conversations/_sidebar.html", context)


def whole_page(request: WorkspaceRequest, number: int, **draft: Any) -> dict[str, Any]:
    """The whole inbox with a conversation open. `draft` is what its composer holds."""
    if "view" in request.GET:
        return _opened(request, number, *_list(request, _view(request, START)), **draft)
    shown = _opened(request, number, **draft)
    view = _view(request, panes.first_view(shown["conversation"], request.member))
    return shown | panes.show(*_list(request, view))


def _opened(request: WorkspaceRequest, number: int, *beside: Pane, **draft: Any) -> dict[str, Any]:
    """Thread, composer and contact card of a conversation. Where the address asks for one entry, or for what is
    further up than the newest page reaches, that stands above."""
    size, after = places.place_of(number, request.GET.get("entry", ""))
    upto = Cursor.parse(request.GET.get("earlier"))
    shown = panes.show(
        *beside,
        panes.conversation_pane(number, "open"),
        panes.head_pane(number),
        panes.sides_pane(number, request.member),
        panes.composer_pane(number, request.member, **draft),
        panes.card_pane(whom_of(number), beside=number),
        panes.thread_pane(number, request.member, size=size),
    )
    if after or upto:
        away = panes.thread_pane(
            number, request.member, within=Stretch(after, upto), oldest=after is not None
        )
        shown["away"] = panes.show(away)
    return shown


def _list(request: WorkspaceRequest, view: View) -> tuple[Pane, ...]:
    before, sort = Place.parse(request.GET.get("before")), _sort(request, view)
    if "sort" in request.GET:
        sorting.remember(member=request.member, view=view.key, sort=sort.key)
    pane = panes.list_pane(view, request.member, sort=sort, before=before)
    return pane, panes.sidebar_pane(request.member), panes.bulk_pane(request.member)


def _sort(request: WorkspaceRequest, view: View) -> Sort:
    """The order that is asked for, else the one in which the member read this view last."""
    return view.sort(request.GET.get("sort") or request.member.sorts.get(view.key, ""))


def _view(request: WorkspaceRequest, default: str) -> View:
    try:
        return saved.find_view(request.GET.get("view") or default, request.member)
    except UnknownView as error:
        raise Http404 from error
