"""Brands: under which name the workspace speaks, and how its mail is signed."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from conversations.settings_forms import BrandForm
from conversations.signatures import signature_of
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Brand, Role
from tenancy.services.brands import FIELDS, create_brand, update_brand


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def brands(request: WorkspaceRequest) -> HttpResponse:
    """All brands; posting makes one."""
    form = BrandForm(request.POST or None)
    if form.is_valid():
        try:
            create_brand(by=request.member, request=request, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The brand “%(name)s” is made.") % form.cleaned_data)
            return redirect("conversations:brands", slug=request.workspace.slug)
    rows = Brand.objects.filter(archived_at=None).order_by("name", "pk")
    context = {"brands": rows, "form": form}
    return render(request, "conversations/brands.html", context, status=422 if form.is_bound else 200)


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def brand(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """One brand, with its signature as it will look below one's own mail."""
    found = get_object_or_404(Brand, pk=pk)
    form = BrandForm(request.POST or None, initial={name: getattr(found, name) for name in FIELDS})
    if form.is_valid():
        try:
            update_brand(brand=found, by=request.member, request=request, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("conversations:brand", slug=request.workspace.slug, pk=pk)
    context = {"brand": found, "form": form, "signed": signature_of(found, request.member)}
    return render(request, "conversations/brand.html", context, status=422 if form.is_bound else 200)
