"""How somebody becomes a member: an admin invites an address, whoever reads its mail follows the link."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tenancy.models import Invitation, Locator, Member, Role, User, Workspace
from tenancy.services import audit, locators, members
from tenancy.services.locators import Found

VALID_FOR = timedelta(days=14)


def invite(
    *, email: str, role: Role, by: Member, request: HttpRequest | None = None
) -> tuple[Invitation, str]:
    """Make an invitation; returns it and its link, which nobody can read again. An older one of the address ends.

    Raises ValidationError for an address that is a member's, and PermissionDenied (`members.check_may_give`).
    """
    members.check_may_give(by, role)
    email = email.strip().lower()
    if Member.objects.filter(user__email=email, archived_at=None).exists():
        raise ValidationError(_("%(email)s is a member already.") % {"email": email})
    for older in pending().filter(email=email):
        revoke(invitation=older, by=by, request=request)
    invitation = Invitation.objects.create(
        email=email, role=role, invited_by=by, expires_at=timezone.now() + VALID_FOR
    )
    secret = locators.new_secret()
    locators.make(kind=Locator.Kind.INVITATION, key=locators.digest(secret), target_id=invitation.pk)
    audit.record(member=by, action="member.invited", target=email, data={"role": role}, request=request)
    return invitation, settings.PUBLIC_URL + reverse("tenancy:invitation", args=[secret])


def mail(*, invitation: Invitation, link: str, workspace: Workspace) -> None:
    """Send the link by the installation's own mail. Raises OSError (SMTP's errors included) when that fails."""
    facts = {"invitation": invitation, "link": link, "workspace": workspace, "days": VALID_FOR.days}
    send_mail(
        _("%(who)s invites you to %(where)s") % {"who": invitation.invited_by, "where": workspace.name},
        render_to_string("tenancy/mail/invitation.txt", facts),
        None,
        [invitation.email],
    )


def pending() -> QuerySet[Invitation]:
    """The invitations of the open scope that can still be accepted, newest first."""
    return Invitation.objects.filter(
        accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    ).order_by("-created_at", "-pk")


def find(secret: str) -> Found | None:
    """Where an invitation's secret leads, before any scope is open."""
    return locators.find(kind=Locator.Kind.INVITATION, key=locators.digest(secret))


def accept(*, invitation: Invitation, user: User, request: HttpRequest | None = None) -> Member:
    """Make the user a member, once. Raises Invitation.DoesNotExist when it was accepted or revoked meanwhile."""
    invitation = pending().select_for_update().get(pk=invitation.pk)
    member = members.add_member(user=user, role=Role(invitation.role), request=request)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    locators.forget(kind=Locator.Kind.INVITATION, target_id=invitation.pk)
    return member


def revoke(*, invitation: Invitation, by: Member, request: HttpRequest | None = None) -> None:
    """Make the link worthless. Raises PermissionDenied (`members.check_may_give`)."""
    members.check_may_give(by, Role(invitation.role))
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    locators.forget(kind=Locator.Kind.INVITATION, target_id=invitation.pk)
    audit.record(member=by, action="invitation.revoked", target=invitation.email, request=request)
