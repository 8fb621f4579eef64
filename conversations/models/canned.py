"""Texts that are said again and again."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from conversations.models.tool import Tool
from tenancy.models import Brand
from tenancy.tables import TenantForeignKey, tenant_constraints


class CannedReply(Tool):
    """A text with variables (see `conversations.variables`), called by its shortcut.

    `html` says the same with emphasis and links where that is wanted; it is sanitised before it is stored. One of
    a brand is offered in that brand's conversations alone; one of a language first to those who speak it.
    """

    shortcut = models.CharField(_("shortcut"), max_length=40, blank=True)
    text = models.TextField(_("text"))
    html = models.TextField(blank=True)
    brand = TenantForeignKey(Brand, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    language = models.CharField(_("language"), max_length=12, blank=True)

    class Meta(Tool.Meta):
        constraints = [
            *tenant_constraints("cannedreply", "owner", "team", "brand"),
            # Of a member's own ones, and of the shared ones, which have none.
            models.UniqueConstraint(
                "workspace",
                "owner",
                Lower("shortcut"),
                condition=Q(archived_at=None) & ~Q(shortcut=""),
                nulls_distinct=False,
                name="cannedreply_shortcut_once",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "name", "id"], name="cannedreply_by_name")]
