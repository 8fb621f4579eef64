"""Small tables outside row-level security: what must be known before a workspace is."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Users are known by their e-mail address, compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without a password they sign in only after a reset or an invitation."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in. What they may do is said by their Member rows, one a workspace."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=12, blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, help_text=_("Signs in only where DEMO=1 on loopback."))
    created_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def workspaces(self) -> "list[Workspace]":
        """Where they have a seat, by name, whatever its state."""
        return list(Workspace.objects.filter(seats__user=self).order_by("name"))


class Workspace(models.Model):
    """The tenant: one company that runs its support here."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        DELETING = "deleting", _("Deleting")

    slug = models.CharField(
        _("address"),
        max_length=50,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", _("Small letters, digits and hyphens only."))
        ],
    )
    name = models.CharField(_("name"), max_length=120)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField(default=timezone.now)
    searched_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When all that was there before search had been put into its index."),
    )
    searched_as = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text=_("Of which version all of its index is (tenancy.search.VERSION).")
    )

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """That a user is a member of a workspace, so that the switcher can list them; the Member says more."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="seats")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="seats")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "workspace"], name="seat_once")]


class Locator(models.Model):
    """Finds the workspace behind a secret or a provider's id before any scope is open.

    Secrets are stored as SHA-256 digests; they carry enough randomness that a slow hash adds nothing.
    """

    class Kind(models.TextChoices):
        CHANNEL = "channel", _("Channel token")
        API = "api", _("API token")
        INVITATION = "invitation", _("Invitation")
        PROVIDER = "provider", _("Provider account")

    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=200)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    target_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="locator_once")]
        indexes = [models.Index(fields=["workspace", "kind", "target_id"], name="locator_target")]
