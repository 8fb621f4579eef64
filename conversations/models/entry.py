"""The timeline: one row for everything a person could ask about."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Account, Contact, Identity
from conversations.models.channel import Channel
from conversations.models.conversation import Conversation
from conversations.types import FILMS, PICTURES, SOUNDS
from tenancy.models import Member
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class Entry(TenantModel):
    """One row of the timeline; narrow, its text is in EntryBody. Never deleted.

    `at` is the provider's time, clamped between the channel's start and arrival. `event` names what happened
    where the kind is event; `data` holds its facts (ids and words, never bodies). `rule` says how a message
    came to its conversation: token, thread, continuity, new, manual.
    """

    class Kind(models.TextChoices):
        MESSAGE = "message", _("Message")
        NOTE = "note", _("Note")
        CALL = "call", _("Call")
        SUGGESTION = "suggestion", _("Suggestion")
        EVENT = "event", _("Event")

    class Direction(models.TextChoices):
        IN = "in", _("From the customer")
        OUT = "out", _("From us")
        NONE = "none", _("Internal")

    conversation = TenantForeignKey(Conversation, null=True, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=Kind)
    direction = models.CharField(max_length=4, choices=Direction, default=Direction.NONE)
    channel = TenantForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+")
    contact = TenantForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")
    identity = TenantForeignKey(Identity, null=True, on_delete=models.SET_NULL, related_name="+")
    member = TenantForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    external_thread = models.CharField(max_length=320, blank=True)
    external_id = models.CharField(max_length=1000, blank=True)
    rule = models.CharField(max_length=12, blank=True)
    event = models.CharField(max_length=40, blank=True)
    preview = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict)
    is_verified = models.BooleanField(default=True)
    automatic = models.CharField(max_length=12, blank=True)
    file_count = models.PositiveSmallIntegerField(default=0)
    deleted_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("entry", "conversation", "channel", "contact", "identity", "member"),
            models.UniqueConstraint(
                fields=["workspace", "channel", "external_thread", "external_id"],
                condition=~Q(external_id=""),
                name="entry_once",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "conversation", "-at", "-id"], name="entry_thread"),
            models.Index(
                fields=["workspace", "identity", "id"],
                condition=Q(identity__isnull=False, kind="message"),
                name="entry_identity",
            ),
            models.Index(fields=["workspace", "-at", "-id"], name="entry_newest"),
        ]


class EntryBody(TenantModel):
    """One version of an entry's text; edits add one, erasure empties them all and sets `erased_at`.

    `html` is sanitised before it is stored. `is_rich` when it says more than `text` does; `is_own` when our own
    composer could have written it, so that it needs no frame.
    """

    entry = TenantForeignKey(Entry, on_delete=models.CASCADE, related_name="bodies")
    version = models.PositiveSmallIntegerField(default=1)
    text = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    html = models.TextField(blank=True)
    is_rich = models.BooleanField(default=False)
    is_own = models.BooleanField(default=False, db_default=False)
    remote_images = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("entrybody", "entry"),
            models.UniqueConstraint(fields=["workspace", "entry", "version"], name="entrybody_version"),
        ]


class TimelineRef(TenantModel):
    """On whose timeline an entry stands: exactly one of contact and account is set."""

    entry = TenantForeignKey(Entry, on_delete=models.CASCADE, related_name="refs")
    contact = TenantForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="+")
    account = TenantForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("timelineref", "entry", "contact", "account"),
            models.UniqueConstraint(
                fields=["workspace", "entry", "contact", "account"],
                nulls_distinct=False,
                name="timelineref_once",
            ),
            models.CheckConstraint(
                condition=Q(contact=None, account__isnull=False) | Q(contact__isnull=False, account=None),
                name="timelineref_one_owner",
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "contact", "-at", "-entry"],
                condition=Q(contact__isnull=False),
                name="timelineref_contact",
            ),
            models.Index(
                fields=["workspace", "account", "-at", "-entry"],
                condition=Q(account__isnull=False),
                name="timelineref_account",
            ),
        ]


class ThreadKey(TenantModel):
    """The channel's own id of a thread or of one message in it, and the conversation it belongs to."""

    channel = TenantForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=1000)
    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="thread_keys")
    is_ours = models.BooleanField(default=False, help_text=_("Made by us, unguessable: proves a reply."))

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("threadkey", "channel", "conversation"),
            models.UniqueConstraint(fields=["workspace", "key", "channel"], name="threadkey_once"),
        ]
        indexes = [
            models.Index(fields=["workspace", "conversation", "channel"], name="threadkey_conversation")
        ]


class Mention(TenantModel):
    """That a note named a member."""

    entry = TenantForeignKey(Entry, on_delete=models.CASCADE, related_name="mentions")
    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("mention", "entry", "conversation", "member"),
            models.UniqueConstraint(fields=["workspace", "entry", "member"], name="mention_once"),
        ]
        indexes = [
            models.Index(fields=["workspace", "member", "-at", "-id"], name="mention_newest"),
            models.Index(fields=["workspace", "member"], condition=Q(read_at=None), name="mention_unread"),
        ]


class Attachment(TenantModel):
    """A file of an entry, in Django's storage. `content_type` is sniffed, never the sender's word.

    One that the provider only named has a `source` there; it is coming until it has been fetched, or is lost, with
    the reason.
    """

    class State(models.TextChoices):
        STORED = "stored", _("Here")
        COMING = "coming", _("Being fetched")
        LOST = "lost", _("Could not be fetched")

    entry = TenantForeignKey(Entry, null=True, on_delete=models.CASCADE, related_name="attachments")
    member = TenantForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    file = models.FileField(max_length=300, blank=True)
    state = models.CharField(max_length=6, choices=State, default=State.STORED, db_default=State.STORED)
    source = models.TextField(blank=True, db_default="")
    reason = models.CharField(max_length=300, blank=True, db_default="")
    content_id = models.CharField(max_length=320, blank=True)
    is_inline = models.BooleanField(default=False)
    claimed_type = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = tenant_constraints("attachment", "entry", "member")
        indexes = [models.Index(fields=["workspace", "entry"], name="attachment_entry")]

    @property
    def is_picture(self) -> bool:
        """Whether it can be seen where it stands, on any page."""
        return self.content_type in PICTURES

    @property
    def plays(self) -> str:
        """The element that plays it where it stands: `audio`, `video`, or none."""
        return "audio" if self.content_type in SOUNDS else "video" if self.content_type in FILMS else ""
