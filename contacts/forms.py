"""What people fill in about contacts and accounts, checked before a service sees it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contacts.attributes import LONGEST, Value, checked, value_words
from contacts.models import Attribute
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


class NewAttributeForm(forms.Form):
    """A new attribute of conversations, contacts or accounts."""

    of = forms.ChoiceField(label=_("Of each"), choices=Attribute.Of.choices)
    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=Attribute.Kind.choices)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, for the kind “Choice”."),
    )

    def clean_choices(self) -> list[str]:
        return str(self.cleaned_data["choices"]).splitlines()


class AttributeDefinitionForm(NewAttributeForm):
    """What can be changed of an attribute."""

    of = kind = None  # type: ignore[assignment]

    def __init__(self, *args: Any, attribute: Attribute, **kwargs: Any) -> None:
        known = {"name": attribute.name, "choices": "\n".join(attribute.choices)}
        super().__init__(*args, **kwargs | {"initial": known})
        if attribute.kind != Attribute.Kind.CHOICE:
            del self.fields["choices"]


YES, NO = "yes", "no"
NONE = _("Not set")


class AttributeForm(forms.Form):
    """One value of an attribute; empty takes it away. `read()` gives it as it is kept."""

    def __init__(self, *args: Any, attribute: Attribute, value: Any = None, **kwargs: Any) -> None:
        shown = {True: YES, False: NO}[value] if isinstance(value, bool) else value
        super().__init__(*args, **kwargs | {"initial": {"value": shown}})
        self.attribute = attribute
        self.fields["value"] = value_field(attribute, kept=value)

    def clean_value(self) -> Value | None:
        typed = self.cleaned_data["value"]
        if typed in (None, ""):
            return None
        if self.attribute.kind == Attribute.Kind.DATE:
            typed = typed.isoformat()
        elif self.attribute.kind == Attribute.Kind.YES_NO:
            typed = typed == YES
        return checked(self.attribute, typed)


def value_field(attribute: Attribute, kept: Any = None) -> forms.Field:
    """A field for a value of an attribute, empty for none. `kept` may be a choice that is no longer offered."""
    named: dict[str, Any] = {"label": attribute.name, "required": False}
    match attribute.kind:
        case Attribute.Kind.NUMBER:
            return forms.FloatField(widget=forms.NumberInput(attrs={"step": "any"}), **named)
        case Attribute.Kind.DATE:
            return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **named)
        case Attribute.Kind.CHOICE:
            gone = [] if kept is None or kept in attribute.choices else [str(kept)]
            offered = [(choice, choice) for choice in (*attribute.choices, *gone)]
            return forms.ChoiceField(choices=[("", NONE), *offered], **named)
        case Attribute.Kind.YES_NO:
            return forms.ChoiceField(choices=[("", NONE), (YES, _("Yes")), (NO, _("No"))], **named)
        case _:
            return forms.CharField(max_length=LONGEST, **named)


@dataclass(frozen=True)
class Kept:
    """An attribute with what is kept of one row: in words, and as a form that changes it."""

    attribute: Attribute
    words: str
    form: AttributeForm


def kept(attributes: Iterable[Attribute], values: Mapping[str, Any]) -> list[Kept]:
    """Attributes with the values of a row, each with its form, for `contacts/_attributes.html`."""
    found = []
    for attribute in attributes:
        value = values.get(attribute.key)
        words = "" if value is None else value_words(attribute.kind, value)
        form = AttributeForm(attribute=attribute, value=value, auto_id=f"attribute-{attribute.pk}-%s")
        found.append(Kept(attribute, words, form))
    return found
