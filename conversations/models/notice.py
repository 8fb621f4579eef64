"""Who follows a conversation, and of what members are told."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from tenancy.models import Member
from tenancy.preferences import Happening
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class Follower(TenantModel):
    """That a member wants to hear of a conversation, from `since` on. Who follows it no more stays here, lest they
    follow it again by themselves."""

    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="followers")
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    follows = models.BooleanField(default=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("follower", "conversation", "member"),
            models.UniqueConstraint(fields=["workspace", "conversation", "member"], name="follower_once"),
        ]


class Notice(TenantModel):
    """That a member is told of an entry. Which conversation it is of, the entry says, wherever it is moved."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    entry = TenantForeignKey(Entry, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Happening)
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("notice", "member", "entry"),
            models.UniqueConstraint(fields=["workspace", "member", "entry"], name="notice_once"),
        ]
        indexes = [
            models.Index(fields=["workspace", "member", "-at", "-id"], name="notice_newest"),
            models.Index(
                fields=["workspace", "member", "-at", "-id"], condition=Q(read_at=None), name="notice_unread"
            ),
            models.Index(fields=["workspace", "at"], name="notice_oldest"),
        ]
