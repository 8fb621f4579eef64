"""What support hours are counted from."""

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
