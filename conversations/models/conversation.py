"""One matter, over any number of channels, and who takes part in it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Account, Contact, Identity, kept_attributes
from tenancy.models import Brand, Member, Team
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints

_CUSTOMER = models.Q(kind="customer")
KEPT = _CUSTOMER & models.Q(is_spam=False)
ACTIVE = _CUSTOMER & models.Q(status__in=["open", "pending"], is_spam=False)
UNASSIGNED = ACTIVE & models.Q(assignee=None)
SNOOZED = _CUSTOMER & models.Q(status="snoozed", is_spam=False)
RESOLVED = _CUSTOMER & models.Q(status="resolved", is_spam=False)
SPAM = _CUSTOMER & models.Q(is_spam=True)


def _orders(name: str, condition: models.Q) -> list[models.Index]:
    """The further orders in which work is listed (conversations.queries.sorts)."""
    orders = {
        "waiting": ("waiting_since", "id"),
        "priority": ("-priority", "-last_at", "-id"),
        "due": ("due_at", "id"),
    }
    return [
        models.Index(fields=["workspace", *by], condition=condition, name=f"conversation_{name}_{order}")
        for order, by in orders.items()
    ]


class Conversation(TenantModel):
    """One matter; it *is* the ticket. The columns from `last_at` on are derived from its entries, so that a
    list needs nothing but this row; `fsck` rebuilds them."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        PENDING = "pending", _("Waiting on customer")
        SNOOZED = "snoozed", _("Snoozed")
        RESOLVED = "resolved", _("Resolved")

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        SIDE = "side", _("Side conversation")

    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CUSTOMER)
    parent = TenantForeignKey("self", null=True, on_delete=models.PROTECT, related_name="sides")
    linked_to = TenantForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    brand = TenantForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    is_spam = models.BooleanField(default=False)
    assignee = TenantForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    team = TenantForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    contact = TenantForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="conversations")
    account = TenantForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="conversations")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    attributes = kept_attributes()

    last_at = models.DateTimeField(default=timezone.now)
    last_inbound_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    preview = models.CharField(max_length=200, blank=True)
    preview_is_ours = models.BooleanField(default=False)
    trail = ArrayField(models.CharField(max_length=20), default=list)
    last_channel = TenantForeignKey(
        "conversations.Channel", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints(
                "conversation",
                "parent",
                "linked_to",
                "brand",
                "assignee",
                "team",
                "contact",
                "account",
                "last_channel",
            ),
            models.UniqueConstraint(fields=["workspace", "number"], name="conversation_number"),
        ]
        # One partial index for each view, in the order that the view is read; views use the same conditions.
        indexes = [
            models.Index(
                fields=["workspace", "-last_at", "-id"], condition=ACTIVE, name="conversation_active"
            ),
            models.Index(
                fields=["workspace", "-last_at", "-id"], condition=UNASSIGNED, name="conversation_unassigned"
            ),
            models.Index(
                fields=["workspace", "assignee", "-last_at", "-id"],
                condition=ACTIVE,
                name="conversation_assignee",
            ),
            models.Index(
                fields=["workspace", "last_channel", "-last_at", "-id"],
                condition=ACTIVE,
                name="conversation_channel",
            ),
            models.Index(
                fields=["workspace", "team", "-last_at", "-id"],
                condition=ACTIVE & models.Q(team__isnull=False),
                name="conversation_team",
            ),
            models.Index(
                fields=["workspace", "brand", "-last_at", "-id"],
                condition=ACTIVE,
                name="conversation_brand",
            ),
            models.Index(
                fields=["workspace", "-last_at", "-id"], condition=SNOOZED, name="conversation_snoozed"
            ),
            *_orders("active", ACTIVE),
            *_orders("free", UNASSIGNED),
            models.Index(
                fields=["workspace", "snoozed_until", "id"], condition=SNOOZED, name="conversation_waking"
            ),
            models.Index(
                fields=["workspace", "-last_at", "-id"], condition=RESOLVED, name="conversation_resolved"
            ),
            models.Index(fields=["workspace", "-last_at", "-id"], condition=SPAM, name="conversation_spam"),
            models.Index(fields=["workspace", "-last_at", "-id"], condition=KEPT, name="conversation_newest"),
            models.Index(fields=["workspace", "contact", "-last_at", "-id"], name="conversation_contact"),
            models.Index(fields=["workspace", "account", "-last_at", "-id"], name="conversation_account"),
            models.Index(
                fields=["workspace", "parent"],
                condition=models.Q(parent__isnull=False),
                name="conversation_sides",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"


class Participant(TenantModel):
    """Who takes part, as what, added by whom; a header that nobody vouches for cannot make one."""

    class Role(models.TextChoices):
        REQUESTER = "requester", _("Requester")
        CC = "cc", _("Cc")
        MEMBER = "member", _("Member")
        THIRD_PARTY = "third_party", _("Third party")

    class AddedBy(models.TextChoices):
        MESSAGE = "message", _("Wrote")
        REQUESTER = "requester", _("Copied by the requester")
        AGENT = "agent", _("Added by an agent")

    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    contact = TenantForeignKey(Contact, on_delete=models.CASCADE, related_name="participations")
    identity = TenantForeignKey(Identity, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=12, choices=Role, default=Role.REQUESTER)
    added_by = models.CharField(max_length=10, choices=AddedBy, default=AddedBy.MESSAGE)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("participant", "conversation", "contact", "identity"),
            models.UniqueConstraint(
                fields=["workspace", "conversation", "identity"], name="participant_once"
            ),
        ]
        indexes = [models.Index(fields=["workspace", "contact"], name="participant_contact")]


class Seen(TenantModel):
    """Up to when a member has read a conversation."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("seen", "member", "conversation"),
            models.UniqueConstraint(fields=["workspace", "conversation", "member"], name="seen_once"),
        ]


class Label(TenantModel):
    """A word that agents put on conversations. Archived, never deleted."""

    name = models.CharField(_("name"), max_length=60)
    hue = models.PositiveSmallIntegerField(default=1)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("label"),
            models.UniqueConstraint("workspace", Lower("name"), name="label_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ConversationLabel(TenantModel):
    """That a conversation carries a label."""

    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="labellings")
    label = TenantForeignKey(Label, on_delete=models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("labelling", "conversation", "label"),
            models.UniqueConstraint(fields=["workspace", "conversation", "label"], name="labelling_once"),
        ]
        indexes = [models.Index(fields=["workspace", "label", "conversation"], name="labelling_label")]
