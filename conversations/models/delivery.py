"""The sending of one outbound entry to one recipient."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Identity
from conversations.models.channel import Channel
from conversations.models.entry import Entry
from tenancy.lanes import Pending
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class Delivery(Pending):
    """What became of one sending. `status` is what people see; the columns of Pending drive the send lane.

    A held delivery is a pending one whose time has not come: undoing it before then leaves no trace outside.
    `is_hidden` is a blind copy: no other recipient is shown it.
    """

    class Status(models.TextChoices):
        HELD = "held", _("Waiting to send")
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        READ = "read", _("Read")
        FAILED = "failed", _("Failed")
        UNCERTAIN = "uncertain", _("Not known whether it arrived")
        CANCELLED = "cancelled", _("Undone")

    entry = TenantForeignKey(Entry, on_delete=models.CASCADE, related_name="deliveries")
    channel = TenantForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    identity = TenantForeignKey(Identity, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    code = models.CharField(max_length=40, blank=True)
    is_hidden = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)
    status_at = models.DateTimeField(default=timezone.now)

    class Meta(Pending.Meta):
        constraints = [
            *tenant_constraints("delivery", "entry", "channel", "identity"),
            models.UniqueConstraint(fields=["workspace", "entry", "identity"], name="delivery_once"),
        ]
        indexes = [
            *Pending.Meta.indexes,
            models.Index(
                fields=["workspace", "status_at"],
                condition=models.Q(status="uncertain"),
                name="delivery_uncertain",
            ),
        ]


class DeliveryAlias(TenantModel):
    """An id under which a provider may speak of a delivery."""

    delivery = TenantForeignKey(Delivery, on_delete=models.CASCADE, related_name="aliases")
    channel = TenantForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(max_length=1000)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("deliveryalias", "delivery", "channel"),
            models.UniqueConstraint(
                fields=["workspace", "value", "channel", "delivery"], name="deliveryalias_once"
            ),
        ]
        indexes = [models.Index(fields=["workspace", "delivery"], name="deliveryalias_delivery")]


class OptOut(TenantModel):
    """What somebody last said about messages from a channel: none any more (STOP), or, `is_lifted`, again (START).

    It stays when it is lifted, so that an older word that comes later changes nothing.
    """

    channel = TenantForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    identity = TenantForeignKey(Identity, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    said_at = models.DateTimeField(default=timezone.now)
    is_lifted = models.BooleanField(default=False, db_default=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("optout", "channel", "identity"),
            models.UniqueConstraint(fields=["workspace", "identity", "channel"], name="optout_once"),
        ]
