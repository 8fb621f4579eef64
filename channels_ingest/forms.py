"""Forms of the settings pages, made from what each adapter asks for."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from channels_ingest.base import ConfigKey
from channels_ingest.services import configure
from conversations.models import Channel
from tenancy.lanes import State
from tenancy.models import Brand


class ChannelForm(forms.Form):
    """A channel's settings. Secrets are written and never shown: an empty field keeps what is stored."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As members see it."))
    brand = forms.ModelChoiceField(label=_("Brand"), queryset=Brand.objects.none(), empty_label=None)
    is_enabled = forms.BooleanField(label=_("Switched on"), required=False, initial=True)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        kind: str,
        channel: Channel | None = None,
        stored: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data)
        self.kind = kind
        self.keys = configure.config_keys(kind)
        self.stored = stored or {}
        self.values: tuple[dict[str, str], dict[str, str]] = ({}, {})
        brands = Brand.objects.filter(archived_at=None).order_by("id")
        self.fields["brand"].queryset = brands  # type: ignore[attr-defined]
        for key in self.keys:
            self.fields[key.name] = _field(key, is_stored=bool(self.stored.get(key.name)))
        if channel is None:
            del self.fields["is_enabled"]
            self.initial = {"brand": brands.first()} | {key.name: key.default for key in self.keys}
        else:
            about = {"name": channel.name, "brand": channel.brand_id, "is_enabled": channel.is_enabled}
            self.initial = {**channel.config, **about}

    def clean(self) -> dict[str, Any]:
        """Check the settings together; `values` is then (config, secrets as typed)."""
        cleaned = super().clean() or {}
        typed = {key.name: str(cleaned[key.name] or "") for key in self.keys if key.name in cleaned}
        kept = {key.name for key in self.keys if key.secret and not typed.get(key.name)}
        try:
            self.values = configure.split(
                self.kind, {name: value for name, value in typed.items() if name not in kept}
            )
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                if name in self.fields and name not in self.errors:
                    self.add_error(name, messages)
        return cleaned

    def sections(self) -> list[tuple[str, list[BoundField]]]:
        """The settings in groups by the first word of their names: ("", address …), ("IMAP", host, port …)."""
        groups = groupby(self.keys, key=lambda key: key.name.partition("_")[0])
        found = [(word, [self[key.name] for key in keys]) for word, keys in groups]
        return [(word.upper() if len(fields) > 1 else "", fields) for word, fields in found]


def _field(key: ConfigKey, *, is_stored: bool) -> forms.Field:
    about: dict[str, Any] = {"label": key.label, "help_text": key.help, "required": key.required}
    if key.choices:
        return forms.ChoiceField(choices=[(choice, choice) for choice in ("", *key.choices)], **about)
    if key.secret:
        hint = _("Stored. Leave it empty to keep it.") if is_stored else key.help
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        about |= {"help_text": hint, "required": key.required and not is_stored}
        return forms.CharField(widget=widget, strip=False, **about)
    return forms.CharField(max_length=1000, **about)


class LedgerFilter(forms.Form):
    """Which part of the inbound ledger to show."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any state")), *State.choices]
    )
    channel = forms.ModelChoiceField(
        label=_("Channel"),
        required=False,
        queryset=Channel.objects.none(),
        empty_label=_("Any channel"),
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["channel"].queryset = Channel.objects.order_by("name", "id")  # type: ignore[attr-defined]
