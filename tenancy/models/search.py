"""What is found by its words."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from tenancy.tables import TenantModel, tenant_constraints


class SearchRow(TenantModel):
    """The words of one row of another table; `tenancy.search` writes and asks it, and nobody else.

    `kind` and `of` say of which (tenancy.search.Kind, its id), `at` where it stands among what is found,
    newest first. It goes with what it is of: who erases that drops this.
    """

    kind = models.CharField(max_length=1)
    of = models.BigIntegerField()
    at = models.DateTimeField()
    words = SearchVectorField()

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("searchrow"),
            models.UniqueConstraint(fields=["workspace", "kind", "of"], name="searchrow_once"),
        ]
        indexes = [
            models.Index(fields=["workspace", "kind", "-at", "-id"], name="searchrow_newest"),
            GinIndex(fields=["words"], name="searchrow_words", gin_pending_list_limit=512),
        ]
