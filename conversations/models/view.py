"""Views that members make for themselves, and for each other."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.models import Member
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class SavedView(TenantModel):
    """A list that somebody described by conditions; `filter` holds them, as `queries.filters` checks and reads
    them. A member's own, or shared with everybody. Archived, never deleted."""

    name = models.CharField(_("name"), max_length=80)
    member = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    is_shared = models.BooleanField(default=False)
    filter = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = tenant_constraints("savedview", "member")
        indexes = [
            models.Index(
                fields=["workspace", "member", "position", "id"],
                condition=models.Q(archived_at=None),
                name="savedview_own",
            ),
            models.Index(
                fields=["workspace", "position", "id"],
                condition=models.Q(archived_at=None, is_shared=True),
                name="savedview_shared",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """What names it in an address of the inbox."""
        return f"view:{self.pk}"
