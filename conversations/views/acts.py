"""What follows an act: a word about it with a way back, and the page as it is now."""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from conversations.models import Conversation
from conversations.views import panes
from tenancy.access import WorkspaceRequest


def address(request: WorkspaceRequest, name: str, *args: Any, **query: Any) -> str:
    """The address of a named page of this workspace, with a query."""
    path = reverse(f"conversations:{name}", args=[request.workspace.slug, *args])
    return f"{path}?{urlencode(query)}" if query else path


def acted(
    request: WorkspaceRequest, conversation: Conversation, said: str, *, undo: str = ""
) -> HttpResponse:
    """Say what was done to a conversation. `undo` is an address whose query is posted to it to take it back."""
    messages.success(request, said, extra_tags=undo)
    if not request.htmx:
        return redirect(address(request, "conversation", conversation.number))
    return render(request, "conversations/_acted.html", panes.show(panes.head_pane(conversation.number)))


def go(request: WorkspaceRequest, path: str) -> HttpResponse:
    """Lead the browser to another page."""
    if not request.htmx:
        return redirect(path)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = path
    return response


def open_in_pane(request: WorkspaceRequest, path: str) -> HttpResponse:
    """Lead the browser to a conversation, in the pane where it shows one."""
    if not request.htmx:
        return redirect(path)
    where = {"path": path, "target": "#thread", "swap": "outerHTML"}
    return HttpResponse(status=204, headers={"HX-Location": json.dumps(where)})


def refused(request: WorkspaceRequest, conversation: Conversation, why: str) -> HttpResponse:
    """Say why nothing was done."""
    messages.error(request, why)
    if not request.htmx:
        return redirect(address(request, "conversation", conversation.number))
    return render(request, "_shell/toasts_oob.html", status=422)
