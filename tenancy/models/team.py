"""Groups of members that work is given to."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from tenancy.models.member import Member
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class Team(TenantModel):
    """Members under one name, to whom conversations are given together. Archived, never deleted."""

    name = models.CharField(_("name"), max_length=80)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("team"),
            models.UniqueConstraint("workspace", Lower("name"), name="team_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(TenantModel):
    """That a member is in a team."""

    team = TenantForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="teams")

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("teammember", "team", "member"),
            models.UniqueConstraint(fields=["workspace", "team", "member"], name="teammember_once"),
        ]
        indexes = [models.Index(fields=["workspace", "member"], name="teammember_member")]
