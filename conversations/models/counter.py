"""Counts that lists show, kept by deltas so that no two transactions wait for one row."""

from django.db import models

from tenancy.tables import TenantModel, tenant_constraints


class CountDelta(TenantModel):
    """A change of one bucket ("open", "mine:7", "channel:3"); the count is the sum. A sweep squashes them."""

    bucket = models.CharField(max_length=40)
    delta = models.IntegerField()

    class Meta(TenantModel.Meta):
        constraints = tenant_constraints("countdelta")
        indexes = [
            models.Index(fields=["workspace", "bucket"], include=["delta"], name="countdelta_bucket"),
        ]
