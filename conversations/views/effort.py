"""Where browsers report their member's effort."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from conversations.forms import EffortForm
from conversations.models import Conversation
from conversations.services.effort import spend
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role


@needs(Role.AGENT)
@require_POST
def effort(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Count seconds for which the member had the conversation in focus; nobody can report for another."""
    found = get_object_or_404(Conversation.objects.select_related("parent"), number=number)
    form = EffortForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=422, content_type="text/plain")
    # What is spent aside is spent on the matter that it is about.
    spend(conversation=found.parent or found, member=request.member, **form.cleaned_data)
    return HttpResponse(status=204)
