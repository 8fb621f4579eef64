"""Who works in a workspace, and with which role. All of it inside the workspace's scope, all of it audited.

`by` is the member who does it; None is the installation itself (a command, the first run).
"""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from tenancy import live
from tenancy.models import Member, Role, Seat, User
from tenancy.preferences import Preferences
from tenancy.scope import current_workspace_id
from tenancy.services import audit, tokens


class LastOwner(Exception):
    """A workspace keeps at least one owner."""


def add_member(
    *,
    user: User,
    role: Role,
    name: str = "",
    by: Member | None = None,
    request: HttpRequest | None = None,
) -> Member:
    """Make a user a member; who was archived comes back, who is a member already stays as they are."""
    member = Member.objects.filter(user=user).first()
    if member is not None and member.is_active:
        return member
    if member is None:
        member = Member(user=user, name=name or user.name or user.email.partition("@")[0])
    member.role, member.archived_at = role, None
    member.save()
    Seat.objects.get_or_create(user=user, workspace_id=current_workspace_id())
    audit.record(
        member=by or member,
        action="member.added",
        target=user.email,
        data={"role": role},
        request=request,
    )
    return member


def set_preferences(*, member: Member, wishes: Preferences) -> None:
    """Have a member work, and be told of things, as they wish."""
    member.preferences = wishes.stored()
    member.save(update_fields=["preferences"])


def set_role(*, member: Member, role: Role, by: Member | None, request: HttpRequest | None = None) -> None:
    """Give a member another role. Raises LastOwner, and PermissionDenied by `check_may_give`."""
    member = _locked(member)
    check_may_give(by, Role(member.role), role)
    if member.role == role:
        return
    if role != Role.OWNER:
        _check_not_last_owner(member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    data = {"from": before, "to": role}
    audit.record(member=by, action="member.role_changed", target=str(member), data=data, request=request)
    _tell_browsers(member)


def archive(*, member: Member, by: Member | None, request: HttpRequest | None = None) -> None:
    """End a membership: sign-in to the workspace, tokens and live updates stop; what they wrote stays.

    Raises LastOwner, and PermissionDenied by `check_may_give`.
    """
    member = _locked(member)
    check_may_give(by, Role(member.role))
    if not member.is_active:
        return
    _check_not_last_owner(member)
    member.archived_at = timezone.now()
    member.save(update_fields=["archived_at"])
    Seat.objects.filter(user=member.user, workspace_id=current_workspace_id()).delete()
    for token in member.tokens.filter(revoked_at=None):
        tokens.revoke(token=token, by=by, request=request)
    audit.record(member=by, action="member.archived", target=str(member), request=request)
    _tell_browsers(member)


def bring_back(*, member: Member, by: Member | None, request: HttpRequest | None = None) -> Member:
    """Make an archived member a member again, in the role they had. Raises PermissionDenied."""
    role = Role(member.role)
    check_may_give(by, role)
    assert member.user
    return add_member(user=member.user, role=role, by=by, request=request)


def rename(
    *, member: Member, name: str, title: str, by: Member | None, request: HttpRequest | None = None
) -> None:
    """Change what colleagues and customers see; members do so for themselves, admins for others too.

    Raises PermissionDenied.
    """
    if by != member:
        check_may_give(by, Role(member.role))
    before, member.name, member.title = member.name, name, title
    member.save(update_fields=["name", "title"])
    if before != name:
        data = {"from": before, "to": name}
        audit.record(member=by, action="member.renamed", target=name, data=data, request=request)


def check_may_give(by: Member | None, *roles: Role) -> None:
    """Raise PermissionDenied unless `by` is an admin whose own role includes each of these."""
    if by is not None and not all(by.may(role) for role in (Role.ADMIN, *roles)):
        raise PermissionDenied


def _locked(member: Member) -> Member:
    """The member as stored now, with all owners locked, so that two of them cannot leave at the same time."""
    list(Member.objects.filter(role=Role.OWNER).order_by("pk").select_for_update(no_key=True))
    return Member.objects.select_for_update(no_key=True).get(pk=member.pk)


def _check_not_last_owner(member: Member) -> None:
    owners = Member.objects.filter(role=Role.OWNER, archived_at=None)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise LastOwner


def _tell_browsers(member: Member) -> None:
    """Have the member's open browsers connect anew, as what they may see is another now."""
    live.push(current_workspace_id(), f"{live.RIGHTS}:{member.user_id}")
