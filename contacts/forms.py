"""What people fill in about contacts and accounts, checked before a service sees it."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contacts.types import AddressKind

TYPED = {AddressKind.EMAIL: _("E-mail"), AddressKind.PHONE: _("Phone"), AddressKind.SMS: _("SMS")}


class ContactForm(forms.Form):
    """What is known of a person."""

    name = forms.CharField(label=_("Name"), max_length=200)
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    language = forms.CharField(
        label=_("Language"), max_length=12, required=False, help_text=_("As a code: en, de, pt-BR")
    )
    time_zone = forms.CharField(
        label=_("Time zone"), max_length=64, required=False, help_text=_("As in Europe/Lisbon")
    )

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if name and name not in available_timezones():
            raise ValidationError(_("There is no time zone of this name."))
        return name


class NewContactForm(ContactForm):
    """A person, and how to reach them."""

    email = forms.EmailField(label=_("E-mail"), required=False, max_length=320)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40)

    field_order = ["name", "email", "phone", "title", "language", "time_zone"]

    def addresses(self) -> list[tuple[AddressKind, str]]:
        """The addresses that were filled in."""
        typed = ((AddressKind.EMAIL, "email"), (AddressKind.PHONE, "phone"))
        return [(kind, self.cleaned_data[name]) for kind, name in typed if self.cleaned_data.get(name)]


class IdentityForm(forms.Form):
    """One more address of a contact."""

    kind = forms.TypedChoiceField(choices=list(TYPED.items()), coerce=AddressKind)
    value = forms.CharField(max_length=320)


class AccountForm(forms.Form):
    """A customer company."""

    name = forms.CharField(label=_("Name"), max_length=200)
    domains = forms.CharField(
        label=_("Mail domains"),
        required=False,
        help_text=_("With commas between them. Who writes from one of these is proposed as working here."),
    )
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea)

    def clean_domains(self) -> list[str]:
        typed = str(self.cleaned_data["domains"]).replace(",", " ").lower().split()
        domains = [domain.lstrip("@") for domain in typed]
        if wrong := [domain for domain in domains if "." not in domain or len(domain) > 253]:
            raise ValidationError(_("%(domain)s is no domain."), params={"domain": wrong[0]})
        return domains


class AffiliationForm(forms.Form):
    """For whom a contact works: an account by id, or by its name, which is made when there is none."""

    account = forms.IntegerField(required=False, min_value=1)
    name = forms.CharField(required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not (data.get("account") or (data.get("name") or "").strip()):
            raise ValidationError(_("Name a company."))
        return data
