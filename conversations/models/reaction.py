"""What is to follow an entry: the lane of `omnidesk/flow.py`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.entry import Entry
from tenancy.lanes import Pending
from tenancy.tables import TenantForeignKey, tenant_constraints


class Reaction(Pending):
    """That an entry has been written, or that a time it set has come."""

    class Step(models.TextChoices):
        WRITTEN = "written", _("Written")
        WAKE = "wake", _("Snooze is over")
        AWAY = "away", _("Not seen in time")
        FAILED = "failed", _("Could not be delivered")

    entry = TenantForeignKey(Entry, on_delete=models.CASCADE, related_name="+")
    step = models.CharField(max_length=8, choices=Step, default=Step.WRITTEN)

    class Meta(Pending.Meta):
        constraints = [
            *tenant_constraints("reaction", "entry"),
            models.UniqueConstraint(fields=["workspace", "entry", "step"], name="reaction_once"),
        ]
