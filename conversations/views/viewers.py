"""Who else has a conversation on screen, and whose work it is that somebody begins to answer."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from conversations.queries.viewers import on_it, viewers_of
from conversations.views.panes import find_conversation
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role


@needs(Role.AGENT)
@require_safe
def viewers(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Who looks and writes, for the head and above the composer.

    Once an answer has been `begun`, it warns of those whose work that is, until they are among the `answered`. Of
    others who write: only those who began before, so not once the member was the `first`.
    """
    conversation = find_conversation(number)
    found = viewers_of(conversation, request.member)
    begun, first = request.GET.get("begun") == "reply", bool(request.GET.get("first"))
    theirs = on_it(conversation, request.member, () if first else found.replying) if begun else []
    answered = set(request.GET.getlist("answered"))
    context = {
        "conversation": conversation,
        "viewers": found,
        "on_it": theirs,
        "answered": [person for person in theirs if str(person.pk) in answered],
        "first": begun and (first or not theirs),
    }
    return render(request, "conversations/_viewers.html", context)
