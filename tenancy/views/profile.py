"""A member's own page: name, time zone, how they want to work, password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenancy.access import WorkspaceRequest, needs
from tenancy.forms import PasswordForm, PreferencesForm, ProfileForm, names_of, wishes_of
from tenancy.models import Role
from tenancy.preferences import By
from tenancy.services import audit, members, users


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: WorkspaceRequest) -> HttpResponse:
    """Name and title in this workspace, and the time zone and language everywhere."""
    form = ProfileForm(request.POST or None, initial=names_of(request.user, request.member))
    if not form.is_valid():
        return _page(request, form, PasswordForm(request.user), status=422 if form.is_bound else 200)
    said = form.cleaned_data
    members.rename(
        member=request.member, name=said["name"], title=said["title"], by=request.member, request=request
    )
    users.set_locale(user=request.user, time_zone=said["time_zone"], language=said["language"])
    messages.success(request, _("Saved."))
    return redirect("tenancy:profile", slug=request.workspace.slug)


@needs(Role.AGENT)
@require_POST
def preferences(request: WorkspaceRequest) -> HttpResponse:
    """How the member wants to work, and of what to be told."""
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        about_me = ProfileForm(initial=names_of(request.user, request.member))
        return _page(request, about_me, PasswordForm(request.user), wishes=form, status=422)
    members.set_preferences(member=request.member, wishes=form.wishes())
    messages.success(request, _("Saved."))
    return redirect("tenancy:profile", slug=request.workspace.slug)


@needs(Role.AGENT)
@require_POST
def password(request: WorkspaceRequest) -> HttpResponse:
    """Another password; all other browsers of this person are signed out."""
    form = PasswordForm(request.user, request.POST)
    if not form.is_valid():
        about_me = ProfileForm(initial=names_of(request.user, request.member))
        return _page(request, about_me, form, status=422)
    form.save()
    update_session_auth_hash(request, request.user)
    audit.record(member=request.member, action="member.password_changed", request=request)
    messages.success(request, _("Your password is changed; other browsers are signed out."))
    return redirect("tenancy:profile", slug=request.workspace.slug)


def _page(
    request: WorkspaceRequest,
    form: ProfileForm,
    password_form: PasswordForm,
    *,
    wishes: PreferencesForm | None = None,
    status: int,
) -> HttpResponse:
    wishes = wishes or PreferencesForm(initial=wishes_of(request.member))
    facts = {"form": form, "password_form": password_form, "wishes": wishes, "ways": By}
    return render(request, "tenancy/profile.html", facts, status=status)
