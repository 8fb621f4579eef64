"""How django-allauth behaves here: sign-in by e-mail, no open sign-up, demo users on loopback only."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tenancy import seats
from tenancy.models import Member, Seat, User
from tenancy.scope import scope
from tenancy.services import audit


class SeatedBackend(AuthenticationBackend):  # type: ignore[misc]
    """Finds who a session is of together with where they work, which every page asks for next."""

    def get_user(self, user_id: int) -> User | None:
        user = seats.user(user_id)
        return user if user and self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come in by invitation, or by making the first workspace."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Refuse the demo's well-known passwords anywhere but on this very machine."""
        if user.is_demo and not (settings.DEMO and settings.IS_LOOPBACK):
            messages.error(request, _("Demo sign-ins work only where DEMO=1 is said, on this machine."))
            return redirect("account_login")
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        note_sign_in(user, request)


def note_sign_in(user: User, request: HttpRequest) -> None:
    """Write the sign-in into the audit log of each of the user's workspaces."""
    for workspace_id in Seat.objects.filter(user=user).values_list("workspace_id", flat=True):
        with scope(workspace_id):
            member = Member.objects.filter(user=user).first()
            audit.record(member=member, action="member.signed_in", target=user.email, request=request)
