"""The inbound ledger: what arrived, byte for byte, and what became of it."""

import re

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from conversations.models import Attachment, Channel, Conversation, Delivery, Entry
from tenancy.lanes import Pending, State
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class InboundEvent(Pending):
    """One webhook call, mail or socket frame: a small row; its bytes are in RawBody."""

    class Via(models.TextChoices):
        HOOK = "hook", _("Webhook")
        IMAP = "imap", _("Mailbox")
        PIPE = "pipe", _("Mail pipe")
        CHAT = "chat", _("Web chat")
        LIST = "list", _("Asked the provider")

    channel = TenantForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    via = models.CharField(max_length=6, choices=Via, default=Via.HOOK)
    hook = models.CharField(
        max_length=20, blank=True, db_default="", help_text=_("By whose webhook it came.")
    )
    received_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True)
    size = models.PositiveIntegerField(default=0)
    summary = models.CharField(max_length=200, blank=True)

    class Meta(Pending.Meta):
        constraints = tenant_constraints("inboundevent", "channel")
        indexes = [
            *Pending.Meta.indexes,
            models.Index(fields=["workspace", "-received_at", "-id"], name="inboundevent_newest"),
            models.Index(fields=["workspace", "channel", "-received_at", "-id"], name="inboundevent_channel"),
            models.Index(fields=["workspace", "state", "-received_at", "-id"], name="inboundevent_state"),
        ]


class RawBody(TenantModel):
    """The bytes as received, with the headers that matter. Prunable: the ledger row stays."""

    event = TenantForeignKey(InboundEvent, on_delete=models.CASCADE, related_name="raw_bodies")
    headers = models.JSONField(default=dict)
    body = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("rawbody", "event"),
            models.UniqueConstraint(fields=["workspace", "event"], name="rawbody_once"),
        ]


class SeenKey(TenantModel):
    """What a provider calls a delivery to us: a second one with the same key is answered and not stored."""

    channel = TenantForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=1000)
    event = TenantForeignKey(InboundEvent, on_delete=models.CASCADE, related_name="seen_keys")

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("seenkey", "channel", "event"),
            models.UniqueConstraint(fields=["workspace", "channel", "key"], name="seenkey_once"),
        ]


class InboundItem(TenantModel):
    """One typed event parsed out of a call, with a state of its own and what it became."""

    event = TenantForeignKey(InboundEvent, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    type = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=State, default=State.DONE)
    reason = models.TextField(blank=True)
    entry = TenantForeignKey(Entry, null=True, on_delete=models.SET_NULL, related_name="+")
    delivery = TenantForeignKey(Delivery, null=True, on_delete=models.SET_NULL, related_name="+")
    conversation = TenantForeignKey(Conversation, null=True, on_delete=models.SET_NULL, related_name="+")
    contact = TenantForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("inbounditem", "event", "entry", "delivery", "conversation", "contact"),
            models.UniqueConstraint(fields=["workspace", "event", "position"], name="inbounditem_once"),
        ]
        indexes = [models.Index(fields=["workspace", "entry"], name="inbounditem_entry")]

    @property
    def words(self) -> str:
        """The type as a person reads it: "InboundMessage" is "Message", "CallUpdate" is "Call update"."""
        words = re.findall(r"[A-Z][a-z]*", self.type.removeprefix("Inbound"))
        return " ".join(words).capitalize()


class MailboxPosition(TenantModel):
    """How far an IMAP folder has been read; UIDs mean something only within their UIDVALIDITY."""

    channel = TenantForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    folder = models.CharField(max_length=200, default="INBOX")
    uidvalidity = models.PositiveBigIntegerField()
    last_uid = models.PositiveBigIntegerField(default=0)
    polled_at = models.DateTimeField(default=timezone.now)
    reconciled_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("mailboxposition", "channel"),
            models.UniqueConstraint(fields=["workspace", "channel", "folder"], name="mailboxposition_once"),
        ]


class FileFetch(Pending):
    """That a file which a message only named is to be got from the provider: the lane "files"."""

    channel = TenantForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    attachment = TenantForeignKey(Attachment, on_delete=models.CASCADE, related_name="+")

    class Meta(Pending.Meta):
        constraints = [
            *tenant_constraints("filefetch", "channel", "attachment"),
            models.UniqueConstraint(fields=["workspace", "attachment"], name="filefetch_once"),
        ]


class ChatSession(TenantModel):
    """One browser's (or, signed in, one person's) chat on a site. Only the digest of its secret is kept.

    `visitor` is the value of their chat Identity, whose scope is the channel's id: the id that the site signed,
    else a random one; `formerly` who they were here before they signed in. `thread` is the key of the chat that is
    going on; it is renewed after a long silence.
    """

    channel = TenantForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    visitor = models.CharField(max_length=200)
    formerly = models.CharField(max_length=200, blank=True, db_default="")
    is_signed = models.BooleanField(default=False)
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=320, blank=True)
    is_email_signed = models.BooleanField(default=False)
    language = models.CharField(max_length=35, blank=True)
    page = models.TextField(blank=True)
    thread = models.CharField(max_length=40, blank=True)
    spoke_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("chatsession", "channel"),
            models.UniqueConstraint(fields=["workspace", "channel", "digest"], name="chatsession_once"),
        ]
        indexes = [
            models.Index(fields=["workspace", "channel", "visitor"], name="chatsession_visitor"),
            models.Index(fields=["workspace", "seen_at"], name="chatsession_seen"),
        ]

    @property
    def visitors(self) -> tuple[str, ...]:
        """Everybody whom this browser has proved to be."""
        return (self.visitor, self.formerly) if self.formerly else (self.visitor,)
