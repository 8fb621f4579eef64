"""What admins fill in about how the workspace writes."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from conversations.signatures import unfit


class BrandForm(forms.Form):
    """A name under which the workspace speaks, and how its mail is signed."""

    name = forms.CharField(label=_("Name"), max_length=120)
    sender_name = forms.CharField(
        label=_("Mail is from"),
        max_length=120,
        required=False,
        help_text=_("The name that customers see as the sender; the brand's own when empty."),
    )
    signature = forms.CharField(
        label=_("Signature"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "Stands below every mail. {{member.name}}, {{member.first_name}} and {{brand.name}} are filled in when"
            " it leaves."
        ),
    )

    def clean_signature(self) -> str:
        text: str = self.cleaned_data["signature"].replace("\r\n", "\n")
        if names := unfit(text):
            words = _("This cannot be filled in below a mail: %(names)s.")
            raise ValidationError(words, params={"names": ", ".join(names)})
        return text
