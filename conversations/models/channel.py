"""A connected place that messages come from and go to."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.models import Brand, Member
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class Channel(TenantModel):
    """support@…, a phone number, a Slack team, a member's own mailbox. Archived, never deleted.

    `config` holds what people may see, `sealed` the provider's secrets, encrypted (tenancy.seal).
    """

    kind = models.CharField(max_length=20)
    name = models.CharField(_("name"), max_length=120)
    brand = TenantForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    owner = TenantForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(_("address"), max_length=320, blank=True)
    config = models.JSONField(default=dict)
    sealed = models.BinaryField(default=b"")
    is_enabled = models.BooleanField(default=True)
    continuity = models.DurationField(null=True, blank=True, default=timedelta(hours=72))
    started_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    last_received_at = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = tenant_constraints("channel", "brand", "owner")
        indexes = [models.Index(fields=["workspace", "kind", "address"], name="channel_address")]

    def __str__(self) -> str:
        return self.name
