"""Several actions at once."""

from django.db import models

from conversations.models.tool import Tool
from tenancy.tables import tenant_constraints


class Macro(Tool):
    """What to do with a conversation, in order: a list of actions as `conversations.actions` reads them."""

    actions = models.JSONField(default=list)

    class Meta(Tool.Meta):
        constraints = tenant_constraints("macro", "owner", "team")
        indexes = [models.Index(fields=["workspace", "name", "id"], name="macro_by_name")]
