"""Who changed what about the workspace itself; what happens to customers is in the timeline."""

from django.db import models
from django.utils import timezone

from tenancy.models.member import Member
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class AuditEntry(TenantModel):
    """One act that an owner may be asked about: a sign-in, a role, a channel, a setting."""

    at = models.DateTimeField(default=timezone.now)
    member = TenantForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)

    class Meta(TenantModel.Meta):
        constraints = tenant_constraints("audit", "member")
        indexes = [models.Index(fields=["workspace", "-at", "-id"], name="audit_newest")]

    @property
    def words(self) -> str:
        """The action as a person reads it: "member.role_changed" is "Member role changed"."""
        return self.action.replace(".", " ").replace("_", " ").capitalize()
