"""Answers of the API that are given again when a client repeats its POST."""

from django.db import models
from django.utils import timezone

from tenancy.models.member import ApiToken
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class IdempotencyKey(TenantModel):
    """The answer to a POST that carried an `Idempotency-Key`, sealed: it may hold what customers wrote."""

    token = TenantForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("idempotencykey", "token"),
            models.UniqueConstraint(fields=["workspace", "token", "key"], name="idempotencykey_once"),
        ]
        indexes = [models.Index(fields=["workspace", "created_at"], name="idempotencykey_oldest")]
