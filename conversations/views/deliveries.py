"""What people decide about sendings that went wrong."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.models import Conversation, Delivery
from conversations.queries import compose
from conversations.queries.compose import Way
from conversations.services import deliveries
from conversations.services.elsewhere import send_elsewhere
from conversations.services.reply import CannotReply
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


@needs(Role.AGENT)
@require_safe
def ways(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The other ways by which what failed can be sent."""
    delivery, conversation = _find(pk)
    template = "conversations/_elsewhere.html" if request.htmx else "conversations/elsewhere.html"
    context = {"delivery": delivery, "conversation": conversation, "ways": _others(delivery)}
    return render(request, template, context)


@needs(Role.AGENT)
@require_POST
def elsewhere(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Send what failed by another way."""
    delivery, conversation = _find(pk)
    way = next((way for way in _others(delivery) if way.key == request.POST.get("way")), None)
    if way is None:
        return refused(request, conversation, _("This address can no longer be reached."))
    try:
        send_elsewhere(delivery=delivery, channel=way.channel, to=way.identity, member=request.member)
    except (deliveries.CannotRetry, CannotReply) as error:
        return refused(request, conversation, str(error))
    return acted(request, conversation, _("Sending by %(name)s instead") % {"name": way.channel})


def _others(delivery: Delivery) -> list[Way]:
    """Of whom it did not reach; none for a blind copy, whose recipient would be named."""
    ways = [] if delivery.is_hidden else compose.offer(delivery.identity.contact).ways
    return [
        way
        for way in ways
        if (way.channel.pk, way.identity.pk) != (delivery.channel_id, delivery.identity_id)
    ]


def _find(pk: int) -> tuple[Delivery, Conversation]:
    rows = Delivery.objects.select_related("identity__contact", "entry__conversation")
    delivery = get_object_or_404(rows, pk=pk, entry__conversation__isnull=False)
    assert delivery.entry.conversation is not None
    return delivery, delivery.entry.conversation
