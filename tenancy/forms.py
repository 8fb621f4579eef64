"""What people fill in about themselves, their workspace and their colleagues."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenancy.models import Member, Role, User
from tenancy.preferences import By, Happening, Next, Preferences, can_tell, sensible
from tenancy.services.users import find_user

_CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class TimeZoneField(forms.ChoiceField):
    """A time zone by its IANA name."""

    def __init__(self, **options: Any) -> None:
        names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
        choices = [(name, name.replace("_", " ")) for name in ("UTC", *names)]
        super().__init__(label=_("Time zone"), choices=choices, **options)


class PasswordField(forms.CharField):
    """A new password, held to the installation's rules."""

    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Password"), strip=False, help_text=_("At least 8 characters."), **options)

    def validate(self, value: str) -> None:
        super().validate(value)
        validate_password(value)


class SetupForm(forms.Form):
    """The first workspace of an installation, and who owns it."""

    name = forms.CharField(
        label=_("Workspace name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True}),
    )
    slug = forms.CharField(
        label=_("Address"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
        help_text=_("A short name that stands in the address of every page: /w/acme/"),
    )
    person = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = PasswordField()
    time_zone = TimeZoneField(initial="UTC")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if find_user(email):
            raise ValidationError(_("Somebody signs in with this address already."))
        return email


class JoinForm(forms.Form):
    """Who follows an invitation and has never signed in here."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = PasswordField()
    time_zone = TimeZoneField(initial="UTC")


class InviteForm(forms.Form):
    """Whom to invite, and as what: a role that the one who invites may give."""

    email = forms.EmailField(label=_("E-mail address"))

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = role_field(by)


class RoleForm(forms.Form):
    """Another role for a member, one that `by` may give."""

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = role_field(by)


def role_field(by: Member) -> forms.ChoiceField:
    """The roles that a member may give."""
    return forms.ChoiceField(
        label=_("Role"), choices=[(role.value, role.label) for role in Role if by.may(role)]
    )


class TeamForm(forms.Form):
    """A team: its name, and who is in it."""

    name = forms.CharField(label=_("Name"), max_length=80)
    members = forms.ModelMultipleChoiceField(
        label=_("Members"),
        queryset=Member.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = self.fields["members"]
        assert isinstance(members, forms.ModelMultipleChoiceField)
        members.queryset = Member.objects.filter(archived_at=None).order_by("name", "pk")


class ProfileForm(forms.Form):
    """What a member says about themselves."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    time_zone = TimeZoneField()
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As my browser says")), *settings.LANGUAGES], required=False
    )


class PreferencesForm(forms.Form):
    """How a member wants to work, and of what to be told."""

    told = forms.MultipleChoiceField(
        choices=[(f"{what}:{by}", f"{what.label}: {by.label}") for what in Happening for by in By],
        required=False,
    )
    follows = forms.BooleanField(label=_("Follow what I write in, am named in or am given"), required=False)
    hides_text = forms.BooleanField(label=_("Hide the text in browser notifications"), required=False)
    sound = forms.BooleanField(label=_("Play a sound"), required=False)
    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=_CLOCK)
    quiet_to = forms.TimeField(label=_("Quiet to"), required=False, widget=_CLOCK)
    shortcuts = forms.BooleanField(label=_("Single-key shortcuts"), required=False)
    after_resolving = forms.ChoiceField(label=_("After resolving, go to"), choices=Next.choices)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if (said.get("quiet_from") is None) != (said.get("quiet_to") is None) and not self.errors:
            self.add_error("quiet_to", _("Say both from and to when it is quiet, or neither."))
        return said

    def wishes(self) -> Preferences:
        """What a valid form says."""
        said = dict(self.cleaned_data)
        chosen = [each.split(":") for each in said.pop("told")]
        told = {
            each: sensible(each, [by for what, by in chosen if what == each]) for each in Happening.values
        }
        return Preferences(told=told, **said)

    def matrix(self) -> list[tuple[Happening, list[tuple[By, bool | None]]]]:
        """For each happening, whether the member is told by each way; None where that way tells of no such."""
        ticked = set(self["told"].value() or ())
        return [
            (what, [(by, f"{what}:{by}" in ticked if can_tell(what, by) else None) for by in By])
            for what in Happening
        ]


class PasswordForm(PasswordChangeForm):
    """Another password; the page has other forms above, so the old one does not take the focus."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["old_password"].widget.attrs["autofocus"]


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(label=_("What it is for"), max_length=120)
    scopes = forms.MultipleChoiceField(
        label=_("May"),
        choices=[("read", _("Read")), ("write", _("Write")), ("admin", _("Administer"))],
        initial=["read"],
        widget=forms.CheckboxSelectMultiple,
    )


def names_of(user: User, member: Member) -> dict[str, str]:
    """A profile form's first values."""
    about_me = {"name": member.name, "title": member.title}
    return about_me | {"time_zone": user.time_zone, "language": user.language}


def wishes_of(member: Member) -> dict[str, Any]:
    """A preferences form's first values."""
    wishes = member.wishes
    named = ("follows", "hides_text", "sound", "quiet_from", "quiet_to", "shortcuts", "after_resolving")
    told = [f"{what}:{by}" for what in Happening for by in By if wishes.tells(what, by)]
    return {"told": told} | {name: getattr(wishes, name) for name in named}
