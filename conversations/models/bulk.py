"""Acts on many conversations at once: each is a row of work that keeps what it was, so that it can be again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversation import Conversation
from tenancy.models import Member
from tenancy.pending import Pending
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class Bulk(TenantModel):
    """One act of a member on many conversations, or its undoing. `facts` says the rest (to whom, until when), with
    the names that its words need; `absent` are numbers that were not there; since `closed_at` it is not shown."""

    class Noun(models.TextChoices):
        ASSIGNMENT = "assignment", _("Assignment")
        RESOLUTION = "resolution", _("Resolution")
        REOPENING = "reopening", _("Reopening")
        PENDING = "pending", _("Waiting on the customer")
        SNOOZE = "snooze", _("Snooze")
        PRIORITY = "priority", _("Priority")
        LABEL = "label", _("Label added")
        UNLABEL = "unlabel", _("Label removed")
        SPAM = "spam", _("Spam")
        NOT_SPAM = "not_spam", _("Not spam")
        SEEN = "seen", _("Read")
        UNSEEN = "unseen", _("Unread")
        MACRO = "macro", _("Macro")

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    noun = models.CharField(max_length=10, choices=Noun)
    facts = models.JSONField(default=dict)
    undoes = TenantForeignKey("self", null=True, on_delete=models.CASCADE, related_name="+")
    total = models.PositiveIntegerField(default=0)
    absent = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("bulk", "member", "undoes"),
            models.UniqueConstraint(
                fields=["workspace", "undoes"],
                condition=models.Q(undoes__isnull=False),
                name="bulk_undone_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "member", "-id"], condition=models.Q(closed_at=None), name="bulk_shown"
            ),
            models.Index(fields=["workspace", "created_at"], name="bulk_oldest"),
        ]


class BulkItem(Pending):
    """One conversation of a bulk act: the lane "bulk". `was` and `now` are what the act found and left, both empty
    where it changed nothing; those of an undoing are what it is to find and to leave."""

    bulk = TenantForeignKey(Bulk, on_delete=models.CASCADE, related_name="items")
    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    was = models.JSONField(null=True)
    now = models.JSONField(null=True)

    class Meta(Pending.Meta):
        constraints = [
            *tenant_constraints("bulkitem", "bulk", "conversation"),
            models.UniqueConstraint(fields=["workspace", "bulk", "conversation"], name="bulkitem_once"),
        ]
        indexes = [
            *Pending.Meta.indexes,
            models.Index(fields=["workspace", "bulk", "state"], name="bulkitem_state"),
        ]
