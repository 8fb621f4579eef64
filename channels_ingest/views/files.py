"""Files that messages only named, where people have a say in it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels_ingest.services import fetching
from conversations.models import Attachment
from conversations.views.acts import acted, refused
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role


@needs(Role.AGENT)
@require_POST
def again(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Try once more to fetch a file that could not be had."""
    rows = Attachment.objects.select_related("entry__conversation")
    attachment = get_object_or_404(rows, pk=pk, entry__conversation__isnull=False)
    assert attachment.entry is not None
    assert attachment.entry.conversation is not None
    conversation = attachment.entry.conversation
    if fetching.fetch_again(attachment=attachment):
        return acted(request, conversation, _("Fetching %(name)s again") % {"name": attachment.name})
    return refused(request, conversation, _("%(name)s is here, or on its way.") % {"name": attachment.name})
