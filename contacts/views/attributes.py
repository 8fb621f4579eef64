"""The workspace's own attributes, in the settings. For admins."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts.forms import AttributeDefinitionForm, NewAttributeForm
from contacts.models import Attribute
from contacts.services import attributes
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role
from tenancy.ways_back import way_back


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def definitions(request: WorkspaceRequest) -> HttpResponse:
    """All attributes; posting makes one."""
    form = NewAttributeForm(request.POST or None)
    if form.is_valid():
        try:
            made = attributes.define(**form.cleaned_data, by=request.member, request=request)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            undo = way_back(request, f"{request.path}{made.pk}/archival/")
            messages.success(request, _("%(name)s is made.") % {"name": made.name}, extra_tags=undo)
            return _back(request)
    status = 422 if form.is_bound else 200
    return render(request, "contacts/attributes.html", {"form": form, **_groups()}, status=status)


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def definition(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Change an attribute's name and choices."""
    attribute = get_object_or_404(Attribute, pk=pk)
    form = AttributeDefinitionForm(request.POST or None, attribute=attribute)
    if form.is_valid():
        try:
            attributes.redefine(attribute=attribute, **form.cleaned_data, by=request.member, request=request)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved"))
            return _back(request)
    facts = {"form": form, "attribute": attribute}
    return render(request, "contacts/attribute.html", facts, status=422 if form.is_bound else 200)


@needs(Role.ADMIN)
@require_POST
def archive(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Put an attribute away; it can be taken back."""
    attribute = get_object_or_404(Attribute, pk=pk, archived_at=None)
    attributes.archive(attribute=attribute, by=request.member, request=request)
    undo = way_back(request, request.path.replace("/archival/", "/return/"))
    messages.success(request, _("%(name)s is archived.") % {"name": attribute.name}, extra_tags=undo)
    return _back(request)


@needs(Role.ADMIN)
@require_POST
def bring_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Ask for an archived attribute again."""
    attribute = get_object_or_404(Attribute, pk=pk, archived_at__isnull=False)
    try:
        attributes.bring_back(attribute=attribute, by=request.member, request=request)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("%(name)s is back.") % {"name": attribute.name})
    return _back(request)


@needs(Role.ADMIN)
@require_POST
def place(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Move an attribute up or down among its like."""
    attribute = get_object_or_404(Attribute, pk=pk, archived_at=None)
    attributes.shift(attribute=attribute, places=-1 if request.POST.get("to") == "up" else 1)
    return _back(request)


def _groups() -> dict[str, object]:
    """Attributes in use by what they are of, and those that are not in use."""
    rows = list(Attribute.objects.order_by("position", "pk"))
    in_use = [row for row in rows if row.archived_at is None]
    groups = [(of, [row for row in in_use if row.of == of]) for of in Attribute.Of]
    return {"groups": groups, "archived": [row for row in rows if row.archived_at is not None]}


def _back(request: WorkspaceRequest) -> HttpResponse:
    return redirect("contacts:attributes", slug=request.workspace.slug)
