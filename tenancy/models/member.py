"""Who works in a workspace, under which name, and by which token."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.models.installation import User
from tenancy.preferences import Preferences
from tenancy.tables import TenantForeignKey, TenantModel, tenant_constraints


class Role(models.TextChoices):
    """What a member may do; each includes those before it."""

    AGENT = "agent", _("Agent")
    MANAGER = "manager", _("Manager")
    ADMIN = "admin", _("Admin")
    OWNER = "owner", _("Owner")

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        return self.rank >= other.rank


class Brand(TenantModel):
    """A name, sender and look within a workspace; each channel has one."""

    name = models.CharField(_("name"), max_length=120)
    sender_name = models.CharField(_("sender name"), max_length=120, blank=True)
    signature = models.TextField(_("signature"), blank=True)
    colour = models.CharField(_("colour"), max_length=7, default="#2451b7")
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("brand"),
            models.UniqueConstraint("workspace", Lower("name"), name="brand_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Member(TenantModel):
    """A user, or a bot, in a workspace, with a role. Archived, never deleted."""

    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    title = models.CharField(_("title"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.AGENT)
    is_bot = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    # How they read each list, by its view: here, where every page finds it without asking once more.
    sorts = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    preferences = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))

    class Meta(TenantModel.Meta):
        constraints = [
            *tenant_constraints("member"),
            models.UniqueConstraint(fields=["workspace", "user"], name="member_user_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.archived_at is None

    @property
    def wishes(self) -> Preferences:
        """Their preferences."""
        return Preferences.read(self.preferences)

    def may(self, role: Role) -> bool:
        """Whether this member's role includes `role`."""
        return self.is_active and Role(self.role).includes(role)


class Invitation(TenantModel):
    """A link by which somebody becomes a member; its secret is in the Locator, hashed."""

    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.AGENT)
    invited_by = TenantForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = tenant_constraints("invitation", "invited_by")


class ApiToken(TenantModel):
    """A member's key to the API; acts with that member's role, narrowed by its scopes."""

    SCOPES: ClassVar[tuple[str, ...]] = ("read", "write", "admin")

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=120)
    prefix = models.CharField(max_length=12)
    scopes = ArrayField(models.CharField(max_length=12), default=list)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = tenant_constraints("apitoken", "member")
