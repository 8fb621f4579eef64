"""Teams, and who is in them. For admins."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenancy.access import WorkspaceRequest, needs
from tenancy.forms import TeamForm
from tenancy.models import Role, Team
from tenancy.services import teams
from tenancy.ways_back import way_back


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def team_list(request: WorkspaceRequest) -> HttpResponse:
    """All teams; posting makes one."""
    form = TeamForm(request.POST or None)
    if form.is_valid():
        try:
            made = teams.make(**form.cleaned_data, by=request.member, request=request)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            undo = way_back(request, f"{request.path}{made.pk}/archival/")
            messages.success(request, _("The team %(name)s is made.") % {"name": made}, extra_tags=undo)
            return _back(request)
    found = list(Team.objects.prefetch_related("members__member").order_by("name", "pk"))
    facts = {
        "form": form,
        "teams": [team for team in found if team.archived_at is None],
        "archived": [team for team in found if team.archived_at is not None],
    }
    return render(request, "tenancy/teams.html", facts, status=422 if form.is_bound else 200)


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Change a team's name and members."""
    found = get_object_or_404(Team, pk=pk)
    known = {"name": found.name, "members": [row.member_id for row in found.members.all()]}
    form = TeamForm(request.POST or None, initial=known)
    if form.is_valid():
        by: dict[str, Any] = {"by": request.member, "request": request}
        try:
            teams.rename(team=found, name=form.cleaned_data["name"], **by)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            teams.set_members(team=found, members=form.cleaned_data["members"], **by)
            messages.success(request, _("Saved"))
            return _back(request)
    facts = {"form": form, "team": found}
    return render(request, "tenancy/team.html", facts, status=422 if form.is_bound else 200)


@needs(Role.ADMIN)
@require_POST
def archive(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Put a team away; it can be taken back."""
    found = get_object_or_404(Team, pk=pk, archived_at=None)
    teams.archive(team=found, by=request.member, request=request)
    undo = way_back(request, request.path.replace("/archival/", "/return/"))
    messages.success(request, _("%(name)s is archived.") % {"name": found}, extra_tags=undo)
    return _back(request)


@needs(Role.ADMIN)
@require_POST
def bring_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Make an archived team one again."""
    found = get_object_or_404(Team, pk=pk, archived_at__isnull=False)
    teams.bring_back(team=found, by=request.member, request=request)
    messages.success(request, _("%(name)s is back.") % {"name": found})
    return _back(request)


def _back(request: WorkspaceRequest) -> HttpResponse:
    return redirect("tenancy:teams", slug=request.workspace.slug)
