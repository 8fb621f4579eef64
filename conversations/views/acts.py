"""What follows an act: a word about it with a way back, and the page as it is now."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django_htmx.http import trigger_client_event

from conversations.models import Conversation
from conversations.queries.act_words import how_it_stands
from conversations.queries.bulk_words import reason_words
from conversations.services.bulk import alone
from conversations.views import panes
from tenancy.access import WorkspaceRequest
from tenancy.lanes import Fail
from tenancy.preferences import Next


def address(request: WorkspaceRequest, name: str, *args: Any, **query: Any) -> str:
    """The address of a named page of this workspace, with a query."""
    path = reverse(f"conversations:{name}", args=[request.workspace.slug, *args])
    return f"{path}?{urlencode(query)}" if query else path


def acted(
    request: WorkspaceRequest, conversation: Conversation, said: str, *, undo: str = ""
) -> HttpResponse:
    """Say what was done to a conversation. `undo` is an address whose query is posted to it to take it back."""
    messages.success(request, said, extra_tags=undo)
    return shown(request, conversation)


def do(
    request: WorkspaceRequest,
    conversation: Conversation,
    noun: str,
    answer: Callable[[], HttpResponse] | None = None,
    **facts: Any,
) -> HttpResponse:
    """Do a deed to a conversation and say how it stands now, with a way back where that has changed anything."""
    try:
        done = alone.do(noun=noun, conversation=conversation, member=request.member, facts=facts)
    except Fail as error:
        return refused(request, conversation, reason_words(str(error)))
    way_back = address(request, "taking_back", conversation.number, done=done.signed())
    said = how_it_stands(noun, done.facts, done.now)
    messages.success(request, said, extra_tags=way_back if done.was != done.now else "")
    return answer() if answer else shown(request, conversation)


def shown(request: WorkspaceRequest, conversation: Conversation) -> HttpResponse:
    """The conversation as it is now, and what was said of it."""
    if not request.htmx:
        return redirect(address(request, "conversation", conversation.number))
    return render(request, "conversations/_acted.html", panes.show(panes.head_pane(conversation.number)))


def resolved(request: WorkspaceRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Where its member wants to be once a conversation has been resolved: at what `answer` says, at the list, or,
    which a browser with script sees to, at the next in it."""
    match request.member.wishes.after_resolving:
        case Next.LIST:
            shown = parse_qs(urlsplit(request.htmx.current_url or "").query).get("view", ["mine"])
            return go(request, address(request, "inbox", view=shown[0]))
        case Next.NEXT:
            return trigger_client_event(answer(), "resolved")
        case _:
            return answer()


def go(request: WorkspaceRequest, path: str) -> HttpResponse:
    """Lead the browser to another page."""
    if not request.htmx:
        return redirect(path)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = path
    return response


def open_in_pane(request: WorkspaceRequest, path: str) -> HttpResponse:
    """Lead the browser to a conversation: in the pane where its page has one, beside the list that it shows."""
    shown = urlsplit(request.htmx.current_url or "") if request.htmx else urlsplit("")
    if not request.htmx or (shown.path and not _has_panes(shown.path)):
        return go(request, path)
    if view := parse_qs(shown.query).get("view"):
        path = f"{path}?{urlencode({'view': view[0]})}"
    where = {"path": path, "target": "#thread", "swap": "outerHTML"}
    return HttpResponse(status=204, headers={"HX-Location": json.dumps(where)})


def _has_panes(path: str) -> bool:
    """Whether conversations are opened beside their list at this address."""
    try:
        return resolve(path).view_name in {"conversations:inbox", "conversations:conversation"}
    except Resolver404:
        return False


def refused(request: WorkspaceRequest, conversation: Conversation, why: str) -> HttpResponse:
    """Say why nothing was done."""
    messages.error(request, why)
    if not request.htmx:
        return redirect(address(request, "conversation", conversation.number))
    return render(request, "_shell/toasts_oob.html", status=422)
