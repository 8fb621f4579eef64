"""Facts of a contact, each changed where it stands."""

from copy import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contacts.forms import ContactForm
from contacts.models import Contact

FACTS = 50
LINES = ("name", "title", "language", "time_zone")


class LineForm(forms.Form):
    """One of the fields of a contact, as `value`."""

    def __init__(self, *args: Any, contact: Contact, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"initial": {"value": getattr(contact, name)}})
        self.known = {line: getattr(contact, line) for line in LINES}
        self.name = name
        self.fields["value"] = copy(ContactForm.base_fields[name])

    def clean_value(self) -> Any:
        whole = ContactForm(self.known | {self.name: self.cleaned_data["value"]})
        if errors := whole.errors.get(self.name):
            raise ValidationError(list(errors))
        return whole.cleaned_data[self.name]


class FactForm(forms.Form):
    """A fact by its name; an empty value takes it away."""

    name = forms.CharField(label=_("Name"), max_length=80)
    value = forms.CharField(label=_("Value"), max_length=500, required=False)

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = contact.facts

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name = data.get("name")
        if name and name not in self.known and len(self.known) >= FACTS:
            raise ValidationError(_("%(most)s facts are the most that there can be."), params={"most": FACTS})
        return data


class NoteForm(forms.Form):
    """A note for the team alone; the service says what is wrong with it."""

    text = forms.CharField(
        label=_("Note"), required=False, strip=True, widget=forms.Textarea(attrs={"rows": 3})
    )
