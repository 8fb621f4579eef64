"""What support hours are counted from."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from conversations.models.conversation import Conversation
from tenancy.models import Member
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class Effort(TenantModel):
    """Seconds that a member had a conversation in focus, in the quarter of an hour that begins `at`."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="efforts")
    at = models.DateTimeField()
    seconds = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("effort", "member", "conversation"),
            models.UniqueConstraint(fields=["workspace", "conversation", "member", "at"], name="effort_once"),
            models.CheckConstraint(condition=models.Q(seconds__lte=900), name="effort_quarter"),
        ]


class EffortClock(TenantModel):
    """How much of a member's time has been counted, however many windows report it.

    `spent` is the moment up to which no second can be counted again; `reports` are the last ids that came. Kept
    here and not in the cache: its row is also the lock under which one member's reports follow each other, and
    it commits with what it counted.
    """

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    spent = models.DateTimeField()
    reports = ArrayField(models.UUIDField(), default=list)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("effortclock", "member"),
            models.UniqueConstraint(fields=["workspace", "member"], name="effortclock_once"),
        ]
