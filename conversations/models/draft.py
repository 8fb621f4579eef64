"""What members have begun to write."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversation import Conversation
from tenancy.models import Member
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class KeptDraft(TenantModel):
    """A reply or note that a member has begun in a conversation; sending it deletes it.

    `revision` counts its savings, `writer` is the window that saved last. `others` are texts that another window
    had written meanwhile, newest first: {"text", "html"} each. `attachments` are ids of the member's uploads.
    """

    class Mode(models.TextChoices):
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Note")

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    mode = models.CharField(max_length=5, choices=Mode, default=Mode.REPLY)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    way = models.CharField(max_length=60, blank=True)
    cc = models.TextField(blank=True)
    bcc = models.TextField(blank=True)
    attachments = ArrayField(models.BigIntegerField(), default=list, blank=True)
    revision = models.PositiveIntegerField(default=1)
    writer = models.CharField(max_length=36, blank=True)
    others = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("keptdraft", "member", "conversation"),
            models.UniqueConstraint(
                fields=["workspace", "member", "conversation", "mode"], name="keptdraft_once"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "member", "-updated_at", "-id"], name="keptdraft_newest")
        ]
