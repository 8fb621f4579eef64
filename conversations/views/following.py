"""Following a conversation."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from conversations.services.bulk import alone
from conversations.views.acts import do
from conversations.views.panes import find_conversation
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role


@needs(Role.AGENT)
@require_POST
def follow(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Be told of what happens in it."""
    return do(request, find_conversation(number), alone.FOLLOWING)


@needs(Role.AGENT)
@require_POST
def unfollow(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Be told of it no more."""
    return do(request, find_conversation(number), alone.UNFOLLOWING)
