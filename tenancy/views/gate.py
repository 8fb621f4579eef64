"""The way in: the first run, invitations, and where a signed-in person goes."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from tenancy.accounts import note_sign_in
from tenancy.forms import JoinForm, SetupForm
from tenancy.middleware import LAST_WORKSPACE
from tenancy.models import Invitation, User, Workspace
from tenancy.scope import scope
from tenancy.services import invitations
from tenancy.services.users import create_user, find_user
from tenancy.services.workspaces import create_workspace

SETUP_LOCK = 7_061  # any number that no other advisory lock uses


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """To the inbox of the workspace last worked in, to the sign-in page, or to the first run."""
    if not request.user.is_authenticated:
        return redirect("account_login" if Workspace.objects.exists() else "tenancy:setup")
    mine = Workspace.objects.filter(seats__user=request.user).exclude(status=Workspace.Status.DELETING)
    last = mine.filter(slug=request.session.get(LAST_WORKSPACE, "")).first() or mine.order_by("name").first()
    if last is None:
        return render(request, "tenancy/no_workspace.html")
    return redirect(f"/w/{last.slug}/inbox/")


@never_cache
@transaction.atomic
def setup(request: HttpRequest) -> HttpResponse:
    """The first run: whoever comes first makes the workspace and owns it. Afterwards there is no such page."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SETUP_LOCK])
    if Workspace.objects.exists():
        raise Http404
    form = SetupForm(request.POST or None)
    if form.is_valid():
        try:
            return _signed_in(request, _first_owner(form.cleaned_data))
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "tenancy/setup.html", {"form": form}, status=422 if form.is_bound else 200)


@transaction.atomic
def _first_owner(said: dict[str, Any]) -> User:
    """Make the first workspace and its owner. Raises ValidationError for an address that cannot be one."""
    owner = create_user(
        email=said["email"], password=said["password"], name=said["person"], time_zone=said["time_zone"]
    )
    create_workspace(slug=said["slug"], name=said["name"], owner=owner)
    return owner


@never_cache
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Where an invitation's link leads: join as who is signed in, sign in first, or become somebody new."""
    found = invitations.find(secret)
    if found and Workspace.objects.filter(pk=found.workspace_id, status=Workspace.Status.ACTIVE).exists():
        with suppress(Invitation.DoesNotExist), scope(found.workspace_id):
            return _join(request, invitations.pending().select_related("invited_by").get(pk=found.target_id))
    return render(request, "tenancy/invitation_gone.html", status=404)


def _join(request: HttpRequest, invited: Invitation) -> HttpResponse:
    facts = {"invitation": invited, "workspace_name": invited.workspace.name}
    if request.user.is_authenticated:
        if request.method == "POST":
            invitations.accept(invitation=invited, user=request.user, request=request)
            return redirect(f"/w/{invited.workspace.slug}/inbox/")
        return render(request, "tenancy/invitation.html", facts)
    if find_user(invited.email):
        return render(request, "tenancy/invitation.html", facts | {"must_sign_in": True})
    form = JoinForm(request.POST or None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "tenancy/invitation.html", facts | {"form": form}, status=status)
    said = form.cleaned_data
    user = create_user(
        email=invited.email, password=said["password"], name=said["name"], time_zone=said["time_zone"]
    )
    invitations.accept(invitation=invited, user=user, request=request)
    return _signed_in(request, user)


def _signed_in(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    note_sign_in(user, request)
    return redirect("tenancy:home")
