"""Search: its page, what it answers while somebody types, and the few hits that the palette shows."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import replace_url

from conversations.models import Channel
from conversations.queries.search.facets import facets
from conversations.queries.search.found import Search, page
from conversations.queries.search.palette import offered
from conversations.queries.search.shown import shown
from tenancy.access import WorkspaceRequest, needs
from tenancy.asked import Asked, asked
from tenancy.keyset import Cursor
from tenancy.models import Role


@needs(Role.AGENT)
def search(request: WorkspaceRequest) -> HttpResponse:
    """What a question finds. Tokens in the box come beside it; the address says all of it in one."""
    question = " ".join([*request.GET.getlist("with"), request.GET.get("q", "")])
    address = f"{reverse('conversations:search', args=[request.workspace.slug])}?{urlencode({'q': question})}"
    if request.htmx and not request.htmx.history_restore_request:
        answer = render(request, "conversations/_search_found.html", _found(request, asked(question)))
        return answer if "before" in request.GET else replace_url(answer, address)
    if "with" in request.GET:
        return redirect(address)
    return render(request, "conversations/search.html", _found(request, asked(question)))


@needs(Role.AGENT)
def palette(request: WorkspaceRequest) -> HttpResponse:
    """A few hits of each kind, as options; or, once, the pages that a member may go to from anywhere."""
    if "pages" in request.GET:
        return render(request, "conversations/_palette_pages.html")
    question = asked(request.GET.get("q", ""))
    context = {"offered": offered(question, request.member), "question": question.text.strip()}
    return render(request, "conversations/_palette_found.html", context)


def _found(request: WorkspaceRequest, question: Asked) -> dict[str, Any]:
    wanted = Search.of(question, request.member)
    found = page(wanted, below=Cursor.parse(request.GET.get("before")))
    return {
        "asked": question,
        "question": question.text.strip(),
        "tokens": [(piece, question.without(piece.start)) for piece in question.pieces if piece.is_token],
        "is_empty": wanted.is_empty,
        "remarks": wanted.narrowed.remarks,
        "hits": shown(wanted, found),
        "page": found,
        "groups": facets(question, Channel.objects.filter(archived_at=None)),
    }
