"""What people fill in to ask somebody aside, checked before a service sees it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contacts.addresses import normalise_email
from conversations.forms import FilesField, NumbersField
from conversations.models import Attachment, Channel, Conversation, Entry
from conversations.queries import sides
from tenancy.models import Member


class SideForm(forms.Form):
    """Whom to ask (colleagues, or an address outside), what, and what of the conversation goes along."""

    INSIDE, OUTSIDE = "inside", "outside"

    whom = forms.ChoiceField(choices=[(INSIDE, _("Colleagues")), (OUTSIDE, _("Somebody outside, by e-mail"))])
    members = forms.ModelMultipleChoiceField(queryset=Member.objects.none(), required=False)
    address = forms.CharField(max_length=320, required=False)
    channel = forms.ModelChoiceField(queryset=Channel.objects.none(), required=False)
    subject = forms.CharField(max_length=300)
    text = forms.CharField(required=False, strip=True)
    quotes = forms.ModelMultipleChoiceField(queryset=Entry.objects.none(), required=False)
    enclosed = forms.ModelMultipleChoiceField(queryset=Attachment.objects.none(), required=False)
    uploads = FilesField(required=False)
    attachments = NumbersField(required=False)

    def __init__(self, *args: Any, parent: Conversation, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parent = parent
        self.channels = sides.mail_channels(parent)
        others = Member.objects.filter(archived_at=None).exclude(pk=member.pk).order_by("name", "pk")
        self._offer("members", others)
        self._offer("channel", Channel.objects.filter(pk__in=[channel.pk for channel in self.channels]))
        self._offer("quotes", sides.quotable(parent))
        self._offer("enclosed", sides.forwardable(parent))

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows

    @property
    def said(self) -> Sequence[Entry]:
        """What can be quoted, of the newest."""
        return sides.newest_quotable(self.parent)

    @property
    def at_hand(self) -> Sequence[Attachment]:
        """The files that can go along, the newest first."""
        return list(sides.forwardable(self.parent)[: sides.QUOTABLE])

    @property
    def colleagues(self) -> Sequence[Member]:
        """Whom one can ask here."""
        return self.fields["members"].queryset  # type: ignore[attr-defined, no-any-return]

    def chosen(self, name: str) -> set[str]:
        """The ids that are ticked in one of the lists."""
        return {str(value) for value in self[name].value() or ()}

    def clean_text(self) -> str:
        """The text with the line ends that count as one character."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")

    def clean_address(self) -> str:
        typed = str(self.cleaned_data["address"]).strip()
        if typed and self.data.get("whom") == self.OUTSIDE:
            normalise_email(typed)
        return typed

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("whom") == self.INSIDE and not data.get("members"):
            self.add_error("members", _("Choose a colleague to ask."))
        if data.get("whom") == self.OUTSIDE:
            self._check_outside(data)
        return data

    def _check_outside(self, data: dict[str, Any]) -> None:
        if "address" not in self.errors and not data.get("address"):
            self.add_error("address", _("Say whom to write to."))
        data["channel"] = data.get("channel") or next(iter(self.channels), None)
        if data["channel"] is None:
            raise ValidationError(_("No mail channel of this brand can send. Connect one in the settings."))
