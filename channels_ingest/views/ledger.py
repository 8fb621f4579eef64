"""Settings → Inbound: what arrived, what became of it, and processing it again. For admins.

The original of an entry is for every agent.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from channels_ingest import queries
from channels_ingest.forms import LedgerFilter
from channels_ingest.models import InboundEvent
from channels_ingest.services import masking, replay
from conversations import kinds
from conversations.models import Channel, Entry
from tenancy.access import WorkspaceRequest, needs
from tenancy.keyset import Cursor
from tenancy.models import Role


@needs(Role.ADMIN)
@require_safe
def events(request: WorkspaceRequest) -> HttpResponse:
    """The ledger, newest first, by state and channel."""
    chosen = LedgerFilter(request.GET)
    said: dict[str, Any] = chosen.cleaned_data if chosen.is_valid() else {}
    channel: Channel | None = said.get("channel")
    page = queries.ledger(
        state=said.get("state", ""),
        channel=channel.pk if channel else None,
        cursor=Cursor.parse(request.GET.get("before")),
    )
    facts = {
        "form": chosen,
        "page": page,
        "failed": sum(queries.failures_by_channel().values()),
        "is_first": "before" not in request.GET,
        "state": said.get("state", ""),
        "channel": channel,
    }
    template = "channels_ingest/_events.html" if request.htmx else "channels_ingest/ledger.html"
    return render(request, template, facts)


@needs(Role.ADMIN)
@require_safe
def event(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """One event: its parts and what they became, its bytes with secrets covered."""
    row = _get(pk)
    raw = queries.raw_of(row)
    facts = {
        "event": row,
        "items": queries.items_of(row),
        "headers": masking.masked_headers(raw.headers) if raw else {},
        "body": masking.masked_body(bytes(raw.body)) if raw else None,
        "is_cut": row.size > masking.SHOWN,
    }
    return render(request, "channels_ingest/event.html", facts)


@needs(Role.ADMIN)
@require_safe
def raw(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The bytes of an event, to be downloaded as they came."""
    row = _get(pk)
    found = queries.raw_of(row)
    if found is None:
        raise Http404
    ending = "eml" if _is_mail(row.channel) else "bin"
    return _download(bytes(found.body), f"inbound-{row.pk}.{ending}", is_mail=_is_mail(row.channel))


@needs(Role.ADMIN)
@require_POST
def again(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Process one event again."""
    row = _get(pk)
    count = replay.replay(InboundEvent.objects.filter(pk=row.pk), member=request.member)
    if count:
        messages.success(request, _("It is being processed again."))
    else:
        messages.info(request, _("It is still being processed."))
    return redirect("channels_ingest:event", slug=request.workspace.slug, pk=row.pk)


@needs(Role.ADMIN)
@require_POST
def failed_again(request: WorkspaceRequest) -> HttpResponse:
    """Process every failed event again."""
    count = replay.replay(replay.failed(), member=request.member)
    words = ngettext("%(count)d is being processed again.", "%(count)d are being processed again.", count)
    messages.success(request, words % {"count": count})
    return redirect("channels_ingest:events", slug=request.workspace.slug)


@needs(Role.AGENT)
@require_safe
def original(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The mail that an entry was made of: to be downloaded, or with `?view=1` its source as plain text."""
    entry = get_object_or_404(Entry.objects.select_related("channel"), pk=pk)
    found = queries.original_of(entry)
    if found is None or entry.channel is None or not _is_mail(entry.channel):
        raise Http404
    if "view" not in request.GET:
        return _download(bytes(found.body), f"entry-{entry.pk}.eml", is_mail=True)
    source = bytes(found.body).decode("utf-8", "replace")
    return HttpResponse(source, "text/plain; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"})


def _get(pk: int) -> InboundEvent:
    return get_object_or_404(InboundEvent.objects.select_related("channel"), pk=pk)


def _is_mail(channel: Channel) -> bool:
    return kinds.KINDS[channel.kind].mails


def _download(body: bytes, name: str, *, is_mail: bool) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(body, "message/rfc822" if is_mail else "application/octet-stream", headers=headers)
