"""Settings → Channels → one that is being connected, step by step. For admins."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from channels_ingest import queries
from channels_ingest.base import ADAPTERS, ChannelFacts, Check, adapter_for
from channels_ingest.forms import ChannelForm
from channels_ingest.services.facts import facts_of
from channels_ingest.views import samples, wizard
from channels_ingest.views.found import address_of, find, stored_secrets, token_of
from conversations.models import Channel
from conversations.services import channels
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role
from tenancy.seal import Unsealable

IDENTITY = "identity_secret"


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest, kind: str) -> HttpResponse:
    """Make a channel: the first step."""
    if kind not in ADAPTERS:
        raise Http404
    form = ChannelForm(request.POST or None, kind=kind, chosen=request.GET.get("choice"))
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, None)
    config, typed = form.values
    said = form.cleaned_data
    row, _token = channels.create_channel(
        kind=kind,
        name=said["name"],
        brand=said["brand"],
        config=config,
        secrets=typed,
        member=request.member,
    )
    return redirect("channels_ingest:channel_setup", slug=request.workspace.slug, pk=row.pk)


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Change a channel's settings."""
    row = find(pk)
    form = _form_of(request, row, chosen=request.GET.get("choice"))
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, row)
    config, typed = form.values
    said = form.cleaned_data
    channels.update_channel(
        channel=row,
        member=request.member,
        name=said["name"],
        brand=said["brand"],
        is_enabled=said["is_enabled"],
        config=config,
        secrets=typed,
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
    row = find(pk)
    return _check(request, _form_of(request, row), row)


@needs(Role.ADMIN)
@require_safe
def steps(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The steps after the first: `?step=` one of checks, address and first; the last alone for a live refresh."""
    row = find(pk)
    at = request.GET.get("step", wizard.CHECKS)
    if request.htmx:
        return render(request, "channels_ingest/_first.html", _first(row))
    return _steps_page(request, row, at)


@needs(Role.ADMIN)
@require_POST
def checks(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Test the connection as it is stored, step by step."""
    row = find(pk)
    try:
        found = list(adapter_for(row.kind).check(facts_of(row))) if row.kind in ADAPTERS else []
    except Unsealable:
        found = [
            Check(_("Secrets"), False, _("They can no longer be opened. Enter them again in the settings."))
        ]
    if request.htmx:
        return render(request, "channels_ingest/_checks.html", {"checks": found, "channel": row})
    return _steps_page(request, row, wizard.CHECKS, checks=found, has_run=True)


@needs(Role.ADMIN)
@require_POST
@never_cache
def identity(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Make the secret by which a site signs who its visitors are. It is shown in this answer, and never again."""
    row = find(pk)
    if row.kind not in ADAPTERS or IDENTITY not in adapter_for(row.kind).secret_keys:
        raise Http404
    made = secrets.token_hex(32)
    channels.update_channel(channel=row, member=request.member, secrets={IDENTITY: made})
    return _steps_page(request, row, wizard.ADDRESS, made=made)


def _steps_page(request: WorkspaceRequest, row: Channel, at: str, **more: Any) -> HttpResponse:
    found = wizard.steps_of(row, at)
    place = [step.name for step in found].index(at)
    form = _form_of(None, row) if row.kind in ADAPTERS else None
    context = {
        "channel": row,
        "steps": found,
        "number": place + 1,
        "next": found[place + 1] if place + 1 < len(found) else None,
        "at": at,
        "url": address_of(row),
        "pages": wizard.pages_for("addresses", row.kind, form.chosen if form else ""),
        **(_chat(row) if row.kind == "chat" else {}),
        **_first(row),
    }
    return render(request, "channels_ingest/setup.html", context | more)


def _chat(row: Channel) -> dict[str, Any]:
    """What goes into the page of a site that shows a chat."""
    script = settings.PUBLIC_URL + reverse("channels_ingest:widget_script", args=[token_of(row) or "-"])
    return {
        "snippet": samples.PLAIN.format(script=script),
        "signed_snippet": samples.SIGNED.format(script=script),
        "samples": samples.SIGNING.items(),
        "origins": row.config.get("origin", ""),
        "has_identity": bool(stored_secrets(row).get(IDENTITY)),
        "has_demo": settings.DEMO,
    }


def _first(row: Channel) -> dict[str, Any]:
    event = queries.first_event(row)
    return {"channel": row, "event": event, "items": queries.items_of(event) if event else []}


def _form_of(request: WorkspaceRequest | None, row: Channel, *, chosen: str | None = None) -> ChannelForm:
    if row.kind not in ADAPTERS:
        raise Http404
    data = request.POST if request and request.method == "POST" else None
    return ChannelForm(data, kind=row.kind, channel=row, stored=stored_secrets(row), chosen=chosen)


def _form_page(request: WorkspaceRequest, form: ChannelForm, row: Channel | None) -> HttpResponse:
    facts = {
        "form": form,
        "channel": row,
        "kind": form.kind,
        "guides": wizard.pages_for("guides", form.kind, form.chosen),
        "choices": wizard.pages_for("choices", form.kind),
        "steps": wizard.steps(wizard.SETTINGS, pastes=bool(form.chosen or not form.fork)),
    }
    return render(request, "channels_ingest/channel_form.html", facts, status=422 if form.is_bound else 200)


def _check(request: WorkspaceRequest, form: ChannelForm, row: Channel | None) -> HttpResponse:
    """What the adapter says of the settings, step by step; as a fragment, or on a page without script."""
    found: list[Check] = []
    if form.is_valid():
        config, typed = form.values
        facts = ChannelFacts(
            id=row.pk if row else 0,
            kind=form.kind,
            config=config,
            secrets={**form.stored, **typed},
            started_at=request.workspace.created_at,
            hook_url=address_of(row) if row else "",
        )
        found = list(adapter_for(form.kind).check(facts))
    page = "channels_ingest/_checks.html" if request.htmx else "channels_ingest/check_page.html"
    return render(request, page, {"checks": found, "form": form})
