"""Addresses that are no longer a contact's."""

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.models import Identity
from contacts.services import people
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role

SALT = "contacts.removed"  # of what an address was, which only its undoing may say
FOR = 3600  # seconds


@needs(Role.AGENT)
@require_POST
def removal(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Say that an address is no longer its contact's."""
    rows = Identity.objects.select_related("contact")
    identity = get_object_or_404(rows, pk=pk, removed_at=None)
    was = signing.dumps([pk, identity.proof, identity.holds], salt=SALT)
    people.remove_identity(identity=identity)
    undo = reverse("contacts:identity_return", args=[request.workspace.slug, pk])
    messages.success(
        request, _("%(address)s removed") % {"address": identity}, extra_tags=f"{undo}?was={was}"
    )
    return _told(request, identity)


@needs(Role.AGENT)
@require_POST
def bring_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Take a removal back: the address is what it was."""
    identity = get_object_or_404(Identity.objects.select_related("contact"), pk=pk)
    try:
        was, proof, holds = signing.loads(request.POST.get("was", ""), salt=SALT, max_age=FOR)
        if was != pk:
            raise signing.BadSignature
        with transaction.atomic():
            people.return_identity(identity=identity, proof=proof, holds=holds)
    except signing.BadSignature:
        messages.error(request, _("This can no longer be undone. Add the address again."))
        return _told(request, identity, status=422)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return _told(request, identity, status=422)
    messages.success(request, _("%(address)s is back") % {"address": identity})
    return _told(request, identity)


def _told(request: WorkspaceRequest, identity: Identity, status: int = 200) -> HttpResponse:
    if request.htmx:
        return render(request, "_shell/toasts_oob.html", status=status)
    return redirect("conversations:contact", request.workspace.slug, identity.contact_id)
