"""Settings → Channels: make, change, test and retire them, and see how they are doing. For admins."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from channels_ingest import queries
from channels_ingest.base import ADAPTERS, ChannelFacts, Check, ConfigKey, adapter_for
from channels_ingest.forms import ChannelForm
from channels_ingest.services import configure
from channels_ingest.services.facts import webhook_url
from conversations.models import Channel
from conversations.services import channels
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role
from tenancy.seal import Unsealable


@needs(Role.ADMIN)
@require_safe
def channel_list(request: WorkspaceRequest) -> HttpResponse:
    """Every channel with its health; the table alone for a live refresh."""
    page = "channels_ingest/_channels.html" if request.htmx else "channels_ingest/channels.html"
    rows = queries.channels()
    return render(request, page, {"rows": rows, "failed": sum(row.failed for row in rows), "kinds": ADAPTERS})


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest, kind: str) -> HttpResponse:
    """Make a channel."""
    if kind not in ADAPTERS:
        raise Http404
    form = ChannelForm(request.POST or None, kind=kind)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, None)
    config, secrets = form.values
    said = form.cleaned_data
    channel, _token = channels.create_channel(
        kind=kind,
        name=said["name"],
        brand=said["brand"],
        config=config,
        secrets=secrets,
        member=request.member,
    )
    messages.success(request, _("%(name)s is connected.") % {"name": channel})
    return redirect("channels_ingest:channel", slug=request.workspace.slug, pk=channel.pk)


@needs(Role.ADMIN)
@require_safe
def channel(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """One channel: health, webhook address, settings."""
    row = _get(pk)
    facts = {
        "channel": row,
        "state": queries.state_of(row),
        "url": _webhook_url(row),
        "failed": queries.failures_by_channel()[row.pk],
        "settings": [(key.label, row.config[key.name]) for key in _keys(row) if row.config.get(key.name)],
    }
    page = "channels_ingest/_health.html" if request.htmx else "channels_ingest/channel.html"
    return render(request, page, facts)


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Change a channel's settings."""
    row = _get(pk)
    form = ChannelForm(request.POST or None, kind=row.kind, channel=row, stored=_stored(row))
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, row)
    config, secrets = form.values
    said = form.cleaned_data
    channels.update_channel(
        channel=row,
        member=request.member,
        name=said["name"],
        brand=said["brand"],
        is_enabled=said["is_enabled"],
        config=config,
        secrets=secrets,
    )
    messages.success(request, _("%(name)s is changed.") % {"name": row})
    return redirect("channels_ingest:channel", slug=request.workspace.slug, pk=row.pk)


@needs(Role.ADMIN)
@require_POST
def check_new(request: WorkspaceRequest, kind: str) -> HttpResponse:
    """Test the connection with settings that are not stored yet."""
    if kind not in ADAPTERS:
        raise Http404
    return _check(request, ChannelForm(request.POST, kind=kind), None)


@needs(Role.ADMIN)
@require_POST
def check(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Test the connection with the settings as typed, and the stored secrets where none are."""
    row = _get(pk)
    return _check(request, ChannelForm(request.POST, kind=row.kind, channel=row, stored=_stored(row)), row)


@needs(Role.ADMIN)
@require_POST
def token(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Give the webhook address a new token."""
    row = _get(pk)
    channels.rotate_token(channel=row, member=request.member)
    messages.success(request, _("The webhook address is new; the old one is refused from now on."))
    return redirect("channels_ingest:channel", slug=request.workspace.slug, pk=row.pk)


@needs(Role.ADMIN)
@require_POST
def archival(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Retire a channel."""
    row = _get(pk)
    channels.archive_channel(channel=row, member=request.member)
    messages.success(request, _("%(name)s is archived.") % {"name": row})
    return redirect("channels_ingest:channels", slug=request.workspace.slug)


def _get(pk: int) -> Channel:
    return get_object_or_404(Channel.objects.select_related("brand"), pk=pk, archived_at=None)


def _keys(row: Channel) -> tuple[ConfigKey, ...]:
    return configure.config_keys(row.kind) if row.kind in ADAPTERS else ()


def _stored(row: Channel) -> dict[str, str]:
    """The stored secrets; none, so that they are asked for again, when no key opens them any more."""
    try:
        return channels.secrets_of(row)
    except Unsealable:
        return {}


def _webhook_url(row: Channel) -> str:
    try:
        return webhook_url(row, channels.token_of(row))
    except Unsealable:
        return ""


def _form_page(request: WorkspaceRequest, form: ChannelForm, row: Channel | None) -> HttpResponse:
    facts = {"form": form, "channel": row, "kind": form.kind}
    return render(request, "channels_ingest/channel_form.html", facts, status=422 if form.is_bound else 200)


def _check(request: WorkspaceRequest, form: ChannelForm, row: Channel | None) -> HttpResponse:
    """What the adapter says of the settings, step by step; as a fragment, or on a page without script."""
    found: list[Check] = []
    if form.is_valid():
        config, secrets = form.values
        facts = ChannelFacts(
            id=row.pk if row else 0,
            kind=form.kind,
            config=config,
            secrets={**form.stored, **secrets},
            started_at=request.workspace.created_at,
        )
        found = list(adapter_for(form.kind).check(facts))
    page = "channels_ingest/_checks.html" if request.htmx else "channels_ingest/check_page.html"
    return render(request, page, {"checks": found, "form": form})
