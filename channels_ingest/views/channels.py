"""Settings → Channels: how they are doing, and what is done with one as a whole. For admins."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from channels_ingest import queries
from channels_ingest.base import ADAPTERS
from channels_ingest.services.asking import fetch_missed_soon
from channels_ingest.services.reconcile import can_reconcile
from channels_ingest.views.found import address_of, find, keys_of
from conversations.services import channels
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role

# What each kind is for, in a line.
OFFERED = {
    "email": gettext_lazy("An address like support@…, by your own mail server or an e-mail service."),
    "chat": gettext_lazy("A chat window on your site, by one line of HTML."),
    "sms": gettext_lazy("A phone number or short code at Twilio, for text messages and pictures."),
}


@needs(Role.ADMIN)
@require_safe
def channel_list(request: WorkspaceRequest) -> HttpResponse:
    """Every channel with its health; the table alone for a live refresh."""
    page = "channels_ingest/_channels.html" if request.htmx else "channels_ingest/channels.html"
    rows = queries.channels()
    kinds = [(kind, OFFERED.get(kind, "")) for kind in ADAPTERS]
    return render(request, page, {"rows": rows, "failed": sum(row.failed for row in rows), "kinds": kinds})


@needs(Role.ADMIN)
@require_safe
def channel(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """One channel: health, webhook address, settings."""
    row = find(pk)
    facts = {
        "channel": row,
        "state": queries.state_of(row),
        "url": address_of(row),
        "failed": queries.failures_by_channel()[row.pk],
        "can_change": row.kind in ADAPTERS,
        "can_fetch": can_reconcile(row),
        "settings": [(key.label, row.config[key.name]) for key in keys_of(row) if row.config.get(key.name)],
    }
    page = "channels_ingest/_health.html" if request.htmx else "channels_ingest/channel.html"
    return render(request, page, facts)


@needs(Role.ADMIN)
@require_POST
def token(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Give the webhook address a new token."""
    row = find(pk)
    channels.rotate_token(channel=row, member=request.member)
    messages.success(request, _("The webhook address is new; the old one is refused from now on."))
    return redirect("channels_ingest:channel", slug=request.workspace.slug, pk=row.pk)


@needs(Role.ADMIN)
@require_POST
def missed(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Ask the provider for what its webhook did not bring."""
    row = find(pk)
    if not can_reconcile(row):
        raise Http404
    fetch_missed_soon(row)
    messages.success(
        request, _("The last two days are being compared. What was missed comes into the inbox.")
    )
    return redirect("channels_ingest:channel", slug=request.workspace.slug, pk=row.pk)


@needs(Role.ADMIN)
@require_POST
def archival(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Retire a channel."""
    row = find(pk)
    channels.archive_channel(channel=row, member=request.member)
    messages.success(request, _("%(name)s is archived.") % {"name": row})
    return redirect("channels_ingest:channels", slug=request.workspace.slug)
