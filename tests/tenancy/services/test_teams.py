"""Teams, and who is in them."""

import pytest
from django.core.exceptions import ValidationError

from tenancy.models import AuditEntry, Team
from tenancy.services import teams


def members_of(team: Team) -> set[str]:
    return set(team.members.values_list("member__name", flat=True))


def audited() -> list[tuple[str, str]]:
    rows = AuditEntry.objects.filter(action__startswith="team.").order_by("pk")
    return list(rows.values_list("action", "target"))


def test_a_team_is_made_changed_and_put_away(in_scope, member, admin):
    team = teams.make(name=" Billing  desk ", members=[member], by=admin)
    assert (team.name, members_of(team)) == ("Billing desk", {"Aki Agent"})
    teams.rename(team=team, name="Money", by=admin)
    teams.set_members(team=team, members=[admin], by=admin)
    teams.set_members(team=team, members=[admin], by=admin)
    assert members_of(team) == {"Ada Admin"}
    teams.archive(team=team, by=admin)
    teams.bring_back(team=team, by=admin)
    assert Team.objects.get().archived_at is None
    assert audited() == [
        ("team.made", "Billing desk"),
        ("team.members_changed", "Billing desk"),
        ("team.renamed", "Money"),
        ("team.members_changed", "Money"),
        ("team.archived", "Money"),
        ("team.brought_back", "Money"),
    ]
    changed = AuditEntry.objects.filter(action="team.members_changed").latest("pk")
    assert changed.data == {"added": ["Ada Admin"], "removed": ["Aki Agent"]}


def test_a_name_is_that_of_one_team_whatever_its_case(in_scope):
    teams.make(name="Billing", by=None)
    other = teams.make(name="Other", by=None)
    with pytest.raises(ValidationError, match="There is a team of this name"):
        teams.make(name="billing", by=None)
    with pytest.raises(ValidationError, match="There is a team of this name"):
        teams.rename(team=other, name="BILLING", by=None)
    assert sorted(Team.objects.values_list("name", flat=True)) == ["Billing", "Other"]


def test_who_is_in_it(in_scope, member, admin):
    team = teams.make(name="Billing", members=[member], by=None)
    assert teams.is_in(team=team, member=member)
    assert not teams.is_in(team=team, member=admin)
