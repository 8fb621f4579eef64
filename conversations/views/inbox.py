"""The inbox: its page, and the fragments of it that a browser fetches alone."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from conversations.models import Conversation
from conversations.queries import lists, places
from conversations.queries.lists import UnknownView, View
from conversations.views import panes
from conversations.views.undone import take_undone
from tenancy.access import WorkspaceRequest, needs
from tenancy.keyset import Cursor
from tenancy.models import Role

START = "mine"


@needs(Role.AGENT)
def inbox(request: WorkspaceRequest) -> HttpResponse:
    """A view's list, with no conversation open."""
    return render(request, "conversations/inbox.html", _list(request, _view(request, START)))


@needs(Role.AGENT)
def conversation(request: WorkspaceRequest, number: int) -> HttpResponse:
    """A conversation beside its list; asked by htmx, its panes alone."""
    found = panes.find_conversation(number)
    draft = {"text": take_undone(request, number)}
    if request.GET.get("compose") == "note":
        draft["mode"] = "note"
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "conversations/inbox.html", whole_page(request, found, **draft))
    context = open_panes(request, found, **draft)
    return render(request, "conversations/_panes.html", context | {"view_key": _view_key(request, found)})


@needs(Role.AGENT)
def rows(request: WorkspaceRequest) -> HttpResponse:
    """More rows below a cursor; or, without one, all that are on screen again."""
    view = _view(request, START)
    before = Cursor.parse(request.GET.get("before"))
    asked = panes.size_asked(request, lists.PAGE)
    page = lists.page(view, request.member, before=before, size=lists.PAGE if before else asked)
    context = {
        "view": view,
        "page": page,
        "size": len(page.rows) + (asked if before else 0),
        "before": before,
    }
    if not page.rows:
        context["sidebar"] = lists.sidebar(request.member)
    return render(request, "conversations/_rows_fragment.html", context)


@needs(Role.AGENT)
def views(request: WorkspaceRequest) -> HttpResponse:
    """The views with their counts."""
    context = {"view": _view(request, START), "sidebar": lists.sidebar(request.member)}
    return render(request, "conversations/_sidebar.html", context)


def whole_page(request: WorkspaceRequest, found: Conversation, **draft: Any) -> dict[str, Any]:
    """The whole inbox with a conversation open. `draft` is what its composer holds."""
    view = _view(request, panes.first_view(found, request.member))
    return _list(request, view) | open_panes(request, found, **draft)


def open_panes(request: WorkspaceRequest, found: Conversation, **draft: Any) -> dict[str, Any]:
    """Thread, composer and contact card of a conversation."""
    earlier = Cursor.parse(request.GET.get("earlier"))
    size = places.size_to_show(found, request.GET.get("entry", ""))
    return {
        "open": found,
        **panes.head_pane(found),
        **panes.composer_pane(found, **draft),
        **panes.card_pane(found.contact, other_than=found),
        "thread": panes.thread_pane(found, request.member, before=earlier, size=size),
    }


def _list(request: WorkspaceRequest, view: View) -> dict[str, Any]:
    page = lists.page(view, request.member, before=Cursor.parse(request.GET.get("before")))
    return {
        "view": view,
        "view_key": view.key,
        "page": page,
        "size": len(page.rows),
        "sidebar": lists.sidebar(request.member),
    }


def _view_key(request: WorkspaceRequest, found: Conversation) -> str:
    return request.GET.get("view") or panes.first_view(found, request.member)


def _view(request: WorkspaceRequest, default: str) -> View:
    try:
        return lists.find_view(request.GET.get("view") or default, request.member)
    except UnknownView as error:
        raise Http404 from error
