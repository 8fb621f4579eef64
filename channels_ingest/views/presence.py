"""What agents see of a chat that is going on, and what its visitor sees of them."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from channels_ingest.services.chat.presence import agent_attends, agent_types, presence_of
from conversations.models import Conversation
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role


@needs(Role.AGENT)
@require_safe
def presence(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Whether the visitor of a conversation is here, as a fragment; an empty one where there is no chat. Whoever
    asks has the conversation on screen, and the visitor is told that somebody is here."""
    conversation = get_object_or_404(Conversation, number=number)
    agent_attends(conversation)
    context = {"conversation": conversation, "presence": presence_of(conversation)}
    return render(request, "channels_ingest/_presence.html", context)


@needs(Role.AGENT)
@require_POST
def typing(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The member writes an answer (`is` is "true"), or does so no more; the visitor is told."""
    conversation = get_object_or_404(Conversation, number=number)
    is_typing = request.POST.get("is") == "true"
    agent_types(conversation=conversation, member=request.member, is_typing=is_typing)
    return HttpResponse(status=204)
