"""What people decide about sendings that went wrong."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.models import Conversation, Delivery
from conversations.services import deliveries
from conversations.views.acts import acted, refused
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role


@needs(Role.AGENT)
@require_POST
def retry(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Hand a failed message over again."""
    delivery, conversation = _find(pk)
    try:
        deliveries.retry(delivery=delivery, member=request.member)
    except deliveries.CannotRetry as error:
        return refused(request, conversation, str(error))
    return acted(request, conversation, _("Sending again to %(name)s") % {"name": delivery.identity})


@needs(Role.AGENT)
@require_POST
def outcome(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Say whether a message of unknown outcome arrived; one that did not is handed over again."""
    delivery, conversation = _find(pk)
    arrived = request.POST.get("arrived") == "yes"
    try:
        deliveries.settle_uncertain(delivery=delivery, arrived=arrived, member=request.member)
    except deliveries.CannotRetry as error:
        return refused(request, conversation, str(error))
    return acted(request, conversation, _("Noted as arrived") if arrived else _("Sending again"))


def _find(pk: int) -> tuple[Delivery, Conversation]:
    rows = Delivery.objects.select_related("identity", "entry__conversation")
    delivery = get_object_or_404(rows, pk=pk, entry__conversation__isnull=False)
    assert delivery.entry.conversation is not None
    return delivery, delivery.entry.conversation
