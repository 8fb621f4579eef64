"""What members keep at hand for their work."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.models import Member, Team
from tenancy.tables import TenantForeignKey, TenantModel


class Tool(TenantModel):
    """Something of a member's own, or, without an owner, shared with a team or with everybody. Archived, never
    deleted.

    `uses` and `last_used_at` put what is used much first; they are hints, and may miss a use.
    """

    name = models.CharField(_("name"), max_length=120)
    owner = TenantForeignKey(Member, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    team = TenantForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    uses = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        """Whether others have it too."""
        return self.owner_id is None
