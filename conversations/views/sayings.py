"""Canned replies in a conversation: offered while one writes, and filled for it."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.models import CannedReply
from conversations.queries.tools import at_hand, canned_for, values_in
from conversations.services import drafts, tools
from conversations.variables import fill
from conversations.views import panes
from conversations.views.acts import address
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role
from tenancy.reading import together


@needs(Role.AGENT)
@require_safe
def canned(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The canned replies that fit a conversation: options for a list beside what is written, else a page."""
    offered, values = together(canned_for(number, request.member), values_in(number, request.member)).read()
    context = {
        "conversation": panes.find_conversation(number),
        "canned": [(one, fill(one.text, values).text) for one in offered],
        "written": "note" if request.GET.get("in") == "note" else "reply",
    }
    template = "_canned_options.html" if request.htmx else "say.html"
    return render(request, f"conversations/tools/{template}", context)


@needs(Role.AGENT)
@require_POST
def insertions(request: WorkspaceRequest, number: int, pk: int) -> HttpResponse:
    """A canned reply with its variables filled: as JSON for a script, which puts it in; else in the composer."""
    conversation = panes.find_conversation(number)
    chosen = get_object_or_404(at_hand(CannedReply, request.member), pk=pk)
    said = tools.say(chosen, values_in(number, request.member).read())
    tools.note_use(chosen)
    if request.htmx:
        return JsonResponse({"text": said.text, "html": said.html, "missing": said.words})
    drafts.add(conversation=conversation, member=request.member, text=said.text, html=said.html)
    if said.missing:
        messages.warning(
            request, _("Not known here, to be filled in: %(what)s") % {"what": ", ".join(said.words)}
        )
    return redirect(address(request, "conversation", number))
