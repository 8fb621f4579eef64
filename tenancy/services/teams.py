"""Making teams, and who is in them."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from tenancy import live
from tenancy.models import Member, Team, TeamMember
from tenancy.scope import current_workspace_id
from tenancy.services import audit


def make(
    *, name: str, by: Member | None, members: Iterable[Member] = (), request: HttpRequest | None = None
) -> Team:
    """Make a team of these members. Raises ValidationError for a name that is taken."""
    with transaction.atomic():
        team = _saved(Team(name=" ".join(name.split())))
        _record("made", team, by, request)
        set_members(team=team, members=members, by=by, request=request)
        return team


def rename(*, team: Team, name: str, by: Member | None, request: HttpRequest | None = None) -> Team:
    """Give a team another name. Raises ValidationError for one that is taken."""
    before, team.name = team.name, " ".join(name.split())
    if before != team.name:
        _saved(team)
        _record("renamed", team, by, request, {"from": before, "to": team.name})
    return team


def archive(*, team: Team, by: Member | None, request: HttpRequest | None = None) -> Team:
    """Put a team away: nothing is given to it any more; what it has, it keeps."""
    if team.archived_at is None:
        team.archived_at = timezone.now()
        team.save(update_fields=["archived_at"])
        _record("archived", team, by, request)
    return team


def bring_back(*, team: Team, by: Member | None, request: HttpRequest | None = None) -> Team:
    """Make an archived team one again, with its members."""
    if team.archived_at is not None:
        team.archived_at = None
        team.save(update_fields=["archived_at"])
        _record("brought_back", team, by, request)
    return team


@transaction.atomic
def set_members(
    *, team: Team, members: Iterable[Member], by: Member | None, request: HttpRequest | None = None
) -> None:
    """Have a team consist of these members and no others."""
    wanted = {member.pk: member for member in members}
    rows = TeamMember.objects.select_for_update().filter(team=team).select_related("member")
    present = {row.member_id: row.member for row in rows}
    added, gone = wanted.keys() - present.keys(), present.keys() - wanted.keys()
    if not added and not gone:
        return
    TeamMember.objects.filter(team=team, member__in=gone).delete()
    TeamMember.objects.bulk_create(
        [TeamMember(team=team, member=wanted[pk]) for pk in sorted(added)], ignore_conflicts=True
    )
    data: dict[str, Any] = {
        "added": sorted(wanted[pk].name for pk in added),
        "removed": sorted(present[pk].name for pk in gone),
    }
    _record("members_changed", team, by, request, data)
    for pk in sorted(added | gone):
        live.push(current_workspace_id(), f"member:{pk}")


def is_in(*, team: Team, member: Member) -> bool:
    """Whether a member is in a team."""
    return TeamMember.objects.filter(team=team, member=member).exists()


def _saved(team: Team) -> Team:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        raise ValidationError({"name": _("There is a team of this name.")}) from error
    return team


def _record(
    what: str,
    team: Team,
    by: Member | None,
    request: HttpRequest | None,
    data: dict[str, Any] | None = None,
) -> None:
    audit.record(member=by, action=f"team.{what}", target=team.name, data=data, request=request)
