"""Who writes: customer companies, customer people, and the addresses they write from."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.models import Member
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints

UNNAMED = _("Unnamed contact")


def kept_attributes() -> models.JSONField:
    """What is kept of a row under the workspace's own attributes, by their keys; see `Attribute`."""
    return models.JSONField(default=dict, blank=True, db_default={})


def _sorted_name() -> models.GeneratedField:
    """The name without its case, as a column: row-level security keeps `lower(name)` from using an index."""
    return models.GeneratedField(expression=Lower("name"), output_field=models.TextField(), db_persist=True)


class Account(TenantModel):
    """A customer company of the workspace."""

    name = models.CharField(_("name"), max_length=200)
    notes = models.TextField(_("notes"), blank=True)
    facts = models.JSONField(default=dict, blank=True)
    attributes = kept_attributes()
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    sorted_name = _sorted_name()

    class Meta(TenantModel.Meta):
        constraints = tenant_constraints("account")
        indexes = [models.Index(fields=["workspace", "sorted_name", "id"], name="account_by_name")]

    def __str__(self) -> str:
        return self.name


class AccountDomain(TenantModel):
    """A mail domain that belongs to an account: a contact who writes from it is proposed an Affiliation."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("accountdomain", "account"),
            models.UniqueConstraint(fields=["workspace", "domain"], name="accountdomain_once"),
        ]
        indexes = [models.Index(fields=["workspace", "account"], name="accountdomain_account")]


class Contact(TenantModel):
    """A customer person."""

    name = models.CharField(_("name"), max_length=200, blank=True)
    title = models.CharField(_("title"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    attributes = kept_attributes()
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    sorted_name = _sorted_name()

    class Meta(TenantModel.Meta):
        constraints = tenant_constraints("contact")
        indexes = [
            models.Index(fields=["workspace", "-last_seen_at", "-id"], name="contact_newest"),
            models.Index(fields=["workspace", "sorted_name", "id"], name="contact_by_name"),
        ]

    def __str__(self) -> str:
        return self.name or str(UNNAMED)


class Affiliation(TenantModel):
    """That a contact works for an account, from and to; `proposed` until an agent confirms it."""

    contact = TenantForeignKey(Contact, on_delete=models.CASCADE, related_name="affiliations")
    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="affiliations")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)
    is_primary = models.BooleanField(default=True)
    is_proposed = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("affiliation", "contact", "account"),
            models.UniqueConstraint(
                fields=["workspace", "contact"],
                condition=Q(is_primary=True, until=None),
                name="affiliation_one_primary",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "account", "-since"], name="affiliation_account"),
            models.Index(fields=["workspace", "contact", "-since"], name="affiliation_contact"),
        ]


class Identity(TenantModel):
    """One address of a contact on one kind of channel, with the proof that it is theirs.

    Only one contact `holds` an address: by attestation, by confirmation, or because the contact was made for
    it (somebody wrote from it, or was copied in). Any other claim (typed into a form, quoted in a forward)
    holds nothing, may stand beside the holder's, and never joins two people. One that is no longer theirs is
    removed: it holds nothing, and stays for what was said there.
    """

    class Proof(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed by an agent")
        ATTESTED = "attested", _("Attested by the provider")
        CLAIMED = "claimed", _("Claimed")

    contact = TenantForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=12)
    scope = models.CharField(max_length=120, blank=True)
    value = models.CharField(max_length=320)
    verbatim = models.CharField(max_length=320, blank=True)
    proof = models.CharField(max_length=10, choices=Proof, default=Proof.CLAIMED)
    holds = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=False, help_text=_("Used by several people: never joins any."))
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("identity", "contact"),
            models.UniqueConstraint(
                fields=["workspace", "kind", "scope", "value"],
                condition=Q(holds=True),
                name="identity_one_holder",
            ),
            models.CheckConstraint(condition=Q(holds=True) | Q(proof="claimed"), name="identity_proof_holds"),
            models.UniqueConstraint(
                fields=["workspace", "contact", "kind", "scope", "value"], name="identity_once"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "value"], name="identity_value"),
            models.Index(fields=["workspace", "contact"], name="identity_contact"),
        ]

    def __str__(self) -> str:
        return self.verbatim or self.value

    @property
    def is_verified(self) -> bool:
        return self.proof != self.Proof.CLAIMED


class Suggestion(TenantModel):
    """That two contacts may be one person, with the evidence; people decide."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DISMISSED = "dismissed", _("Not the same")

    contact = TenantForeignKey(Contact, on_delete=models.CASCADE, related_name="suggestions")
    other = TenantForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField()
    evidence = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    decided_by = TenantForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("suggestion", "contact", "other", "decided_by"),
            models.UniqueConstraint(fields=["workspace", "contact", "other"], name="suggestion_once"),
            models.CheckConstraint(condition=~Q(contact=F("other")), name="suggestion_two_people"),
        ]
        indexes = [models.Index(fields=["workspace", "other"], name="suggestion_other")]


class Attribute(TenantModel):
    """A typed fact that the workspace keeps of its accounts, contacts or conversations. Archived, never deleted.

    Values stand in the row that they are about, in its `attributes`, by `key`, which never changes, nor does
    `kind`: a text as it is, a number as one, a date as ISO 8601 has it, a choice as its words, yes and no as true
    and false.
    """

    class Of(models.TextChoices):
        CONVERSATION = "conversation", _("Conversation")
        CONTACT = "contact", _("Contact")
        ACCOUNT = "account", _("Account")

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        YES_NO = "yes_no", _("Yes or no")

    of = models.CharField(max_length=12, choices=Of)
    key = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(max_length=8, choices=Kind)
    choices = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("attribute"),
            models.UniqueConstraint(fields=["workspace", "of", "key"], name="attribute_key_once"),
        ]
        indexes = [models.Index(fields=["workspace", "of", "position", "id"], name="attribute_in_order")]

    def __str__(self) -> str:
        return self.name


class PrivateNote(TenantModel):
    """What members keep about a contact or an account (exactly one of the two) for themselves. Archived, never
    deleted."""

    contact = TenantForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="private_notes")
    account = TenantForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="private_notes")
    member = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("privatenote", "contact", "account", "member"),
            models.CheckConstraint(
                condition=Q(contact=None, account__isnull=False) | Q(contact__isnull=False, account=None),
                name="privatenote_one_owner",
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "contact", "-created_at", "-id"],
                condition=Q(contact__isnull=False, archived_at=None),
                name="privatenote_contact",
            ),
            models.Index(
                fields=["workspace", "account", "-created_at", "-id"],
                condition=Q(account__isnull=False, archived_at=None),
                name="privatenote_account",
            ),
        ]
