"""Following a conversation."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.services import following
from conversations.views.acts import acted, address
from conversations.views.panes import find_conversation
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role


@needs(Role.AGENT)
@require_POST
def follow(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Be told of what happens in it."""
    conversation = find_conversation(number)
    following.follow(conversation=conversation, member=request.member)
    undo = address(request, "unfollowing", number)
    return acted(request, conversation, _("You follow this conversation"), undo=undo)


@needs(Role.AGENT)
@require_POST
def unfollow(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Be told of it no more."""
    conversation = find_conversation(number)
    following.unfollow(conversation=conversation, member=request.member)
    undo = address(request, "following", number)
    return acted(request, conversation, _("You no longer follow this conversation"), undo=undo)
