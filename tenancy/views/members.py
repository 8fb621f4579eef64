"""Who works here: members and their roles, invitations. For admins."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenancy.access import WorkspaceRequest, needs
from tenancy.forms import InviteForm, RoleForm
from tenancy.models import Member, Role
from tenancy.services import invitations, members
from tenancy.services.members import LastOwner
from tenancy.ways_back import way_back


@needs(Role.ADMIN)
@require_safe
def people(request: WorkspaceRequest) -> HttpResponse:
    """Members, archived members and open invitations."""
    return _page(request, InviteForm(by=request.member))


@needs(Role.ADMIN)
@require_POST
def invite(request: WorkspaceRequest) -> HttpResponse:
    """Invite somebody by mail; the link is shown too, once, for it works however it is sent."""
    form = InviteForm(request.POST, by=request.member)
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data
    try:
        invitation, link = invitations.invite(
            email=said["email"], role=Role(said["role"]), by=request.member, request=request
        )
    except ValidationError as error:
        form.add_error("email", error)
        return _page(request, form, status=422)
    try:
        invitations.mail(invitation=invitation, link=link, workspace=request.workspace)
    except OSError as error:
        return _page(request, InviteForm(by=request.member), link=link, invitation=invitation, error=error)
    return _page(request, InviteForm(by=request.member), link=link, invitation=invitation)


@needs(Role.ADMIN)
@require_POST
def revoke(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Make an invitation's link worthless."""
    invitation = get_object_or_404(invitations.pending(), pk=pk)
    invitations.revoke(invitation=invitation, by=request.member, request=request)
    messages.success(request, _("The invitation of %(email)s is revoked.") % {"email": invitation.email})
    return _back(request)


@needs(Role.ADMIN)
@require_POST
def set_role(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Give a member another role."""
    member = get_object_or_404(Member, pk=pk, archived_at=None)
    form = RoleForm(request.POST, by=request.member)
    if not form.is_valid():
        return _page(request, InviteForm(by=request.member), status=422)
    before, role = Role(member.role), Role(form.cleaned_data["role"])
    try:
        members.set_role(member=member, role=role, by=request.member, request=request)
    except LastOwner:
        messages.error(request, _("A workspace keeps at least one owner."))
        return _back(request)
    words = _("%(name)s is %(role)s now.") % {"name": member.name, "role": role.label.lower()}
    messages.success(request, words, extra_tags=way_back(request, f"{request.path}?role={before}"))
    return _back(request)


@needs(Role.ADMIN)
@require_POST
def archive(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """End a membership; it can be taken back."""
    member = get_object_or_404(Member, pk=pk, archived_at=None)
    try:
        members.archive(member=member, by=request.member, request=request)
    except LastOwner:
        messages.error(request, _("A workspace keeps at least one owner."))
        return _back(request)
    undo = request.path.replace("/archival/", "/return/")
    messages.success(request, _("%(name)s is archived.") % {"name": member.name}, extra_tags=undo)
    return _back(request)


@needs(Role.ADMIN)
@require_POST
def bring_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Make an archived member a member again, with the role they had."""
    member = get_object_or_404(Member, pk=pk, archived_at__isnull=False)
    members.bring_back(member=member, by=request.member, request=request)
    messages.success(request, _("%(name)s is back.") % {"name": member.name})
    return _back(request)


def _page(request: WorkspaceRequest, form: InviteForm, *, status: int = 200, **more: Any) -> HttpResponse:
    everyone = Member.objects.select_related("user").order_by("name", "pk")
    facts = {
        "form": form,
        "people": [_row(member, request.member) for member in everyone if member.is_active],
        "archived": [member for member in everyone if not member.is_active],
        "invitations": invitations.pending().select_related("invited_by"),
    }
    return render(request, "tenancy/members.html", facts | more, status=status)


def _row(member: Member, by: Member) -> dict[str, Any]:
    """A member and, where `by` may change it, the form for their role."""
    may_change = by.may(Role(member.role))
    role = (
        RoleForm(initial={"role": member.role}, by=by, auto_id=f"role_{member.pk}_%s") if may_change else None
    )
    return {"member": member, "role": role}


def _back(request: WorkspaceRequest) -> HttpResponse:
    return redirect("tenancy:members", slug=request.workspace.slug)
