"""Forms of the settings pages, made from what each adapter asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

ADDRESSES = ("address", "number")  # the settings that a channel is known by


@dataclass(frozen=True, slots=True)
class Section:
    """Settings under one heading; `is_open` when they are looked at without being asked for."""

    legend: str
    fields: Sequence[BoundField]
    is_open: bool


class ChannelForm(forms.Form):
    """A channel's settings. Secrets are written and never shown: an empty field keeps what is stored.

    Where settings depend on another one, such as on the e-mail service, `fork` is that one and `chosen` its value;
    only what matters beside it is asked for. `chosen` comes from what is posted, else as given, else as stored.
    """

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
        chosen: str | None = None,
    ) -> None:
        super().__init__(data)
        self.kind = kind
        self.held = channel.address if channel else ""
        self.every = configure.config_keys(kind)
        self.fork = _fork(self.every)
        config: Mapping[str, str] = channel.config if channel else {}
        self.chosen = self._chosen(config, chosen)
        self.keys = [key for key in self.every if key.matters(self._beside())]
        self.stored, self.dropped = self._sorted(stored or {}, config)
        self.values: tuple[dict[str, str], dict[str, str]] = ({}, {})
        brands = Brand.objects.filter(archived_at=None).order_by("id")
        self.fields["brand"].queryset = brands  # type: ignore[attr-defined]
        for key in self.keys:
            self.fields[key.name] = self._field(key)
        if channel is None:
            del self.fields["is_enabled"]
            self.initial = {"brand": brands.first()} | {key.name: key.default for key in self.keys}
        else:
            about = {"name": channel.name, "brand": channel.brand_id, "is_enabled": channel.is_enabled}
            self.initial = {**config, **about}
        self.initial |= self._beside()

    def clean(self) -> dict[str, Any]:
        """Check the settings together; `values` is then (config, secrets as typed)."""
        cleaned = super().clean() or {}
        typed = {key.name: str(cleaned[key.name] or "") for key in self.keys if key.name in cleaned}
        kept = {key.name for key in self.keys if key.secret and not typed.get(key.name)}
        said = {name: value for name, value in typed.items() if name not in kept}
        try:
            self.values = configure.split(self.kind, dict.fromkeys(self.dropped, "") | said)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                if name in self.fields and name not in self.errors:
                    self.add_error(name, messages)
        else:
            self._refuse_held(self.values[0])
        return cleaned

    def _refuse_held(self, config: Mapping[str, str]) -> None:
        """Of two channels with one number, a STOP would reach only one; so an address is given but once."""
        name = next((name for name in ADDRESSES if config.get(name)), "")
        address = config.get(name, "").lower()
        if not address or address == self.held:
            return
        held = (
            Channel.objects.filter(kind=self.kind, address=address, archived_at=None).order_by("id").first()
        )
        if held:
            self.add_error(name, _("%(channel)s has it already.") % {"channel": held})

    def sections(self) -> list[Section]:
        """The settings under their headings. Folded, and last, are those that the choice makes optional."""
        groups: list[tuple[str, list[ConfigKey]]] = [("", [])]
        for key in self.keys:
            if key.section:
                groups.append((key.section, []))
            if key != self.fork:
                groups[-1][1].append(key)
        found = [self._section(legend, keys) for legend, keys in groups if keys]
        return sorted(found, key=lambda section: not section.is_open)

    def fork_field(self) -> BoundField | None:
        """The choice as it stands, for the form to carry along."""
        return self[self.fork.name] if self.fork else None

    def _chosen(self, config: Mapping[str, str], given: str | None) -> str:
        if self.fork is None:
            return ""
        said = self.data.get(self.fork.name, "") if self.is_bound else given
        value = config.get(self.fork.name, self.fork.default) if said is None else said
        return value if value in self.fork.choices else ""

    def _beside(self) -> dict[str, str]:
        return {self.fork.name: self.chosen} if self.fork else {}

    def _sorted(
        self, stored: Mapping[str, str], config: Mapping[str, str]
    ) -> tuple[dict[str, str], list[str]]:
        """The stored secrets that still count, and the names of the others: one service's key is not another's."""
        is_same = self.fork is None or config.get(self.fork.name, "") == self.chosen
        counting = {key.name for key in self.keys if key.secret and (is_same or key.when is None)}
        named = {key.name for key in self.every if key.secret} & {
            name for name, value in stored.items() if value
        }
        return {name: stored[name] for name in named & counting}, sorted(named - counting)

    def _section(self, legend: str, keys: Sequence[ConfigKey]) -> Section:
        is_needed = any(key.when or key.required or self._is_filled(key) for key in keys)
        return Section(legend, [self[key.name] for key in keys], is_needed or not (legend and self.chosen))

    def _is_filled(self, key: ConfigKey) -> bool:
        bound = self[key.name]
        return bool(bound.errors) or key.name in self.stored or (bound.value() or "") not in {"", key.default}

    def _field(self, key: ConfigKey) -> forms.Field:
        hint = key.when[1][self.chosen] if key.when else key.help
        about: dict[str, Any] = {"label": key.label, "help_text": hint, "required": key.required}
        if key.choices:
            widget = forms.HiddenInput if key == self.fork else forms.Select
            choices = [(choice, choice) for choice in ("", *key.choices)]
            return forms.ChoiceField(choices=choices, widget=widget, **about)
        if key.secret:
            if key.name in self.stored:
                about |= {"help_text": _("Stored. Leave it empty to keep it."), "required": False}
            secret = forms.PasswordInput(attrs={"autocomplete": "new-password"})
            return forms.CharField(widget=secret, strip=False, **about)
        return forms.CharField(max_length=1000, **about)


def _fork(keys: Sequence[ConfigKey]) -> ConfigKey | None:
    """The setting that others depend on."""
    named = {key.when[0] for key in keys if key.when}
    return next((key for key in keys if key.name in named), None)


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
