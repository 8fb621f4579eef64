"""A channel's settings as people type them: checked against what its adapter asks for."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from channels_ingest.base import ADAPTERS, ChannelFacts, ConfigKey, adapter_for
from contacts.addresses import normalise_email, normalise_phone
from conversations import kinds

_SHORT_CODE = re.compile(r"[0-9]{3,8}")  # numbers of a carrier's own, without a country code


def config_keys(kind: str) -> tuple[ConfigKey, ...]:
    """The settings of a kind of channel. Raises ValidationError for a kind that has no adapter here."""
    if kind not in ADAPTERS:
        known = ", ".join(sorted(ADAPTERS))
        raise ValidationError(
            _("There is no channel of kind %(kind)s; there is: %(known)s.") % {"kind": kind, "known": known}
        )
    return adapter_for(kind).config_keys


def split(kind: str, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Settings as typed, as (config, secrets); empty ones are left out, except that an empty secret stays, to say
    that it is taken away.

    Raises ValidationError by key for settings that the kind does not know, and for values it cannot have.
    """
    keys = {key.name: key for key in config_keys(kind)}
    errors = {name: _("There is no such setting.") for name in values.keys() - keys.keys()}
    config: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for name, key in keys.items():
        if name not in values and not key.matters(values):
            continue
        value = values.get(name, "").strip() or ("" if key.secret else key.default)
        try:
            value = _checked(kind, key, value)
        except ValidationError as error:
            errors[name] = " ".join(error.messages)
        if key.secret and name in values:
            secrets[name] = value
        elif not key.secret and value:
            config[name] = value
    if errors:
        raise ValidationError({name: [text] for name, text in errors.items()})
    return config, secrets


def is_complete(facts: ChannelFacts) -> bool:
    """Whether a channel has every setting that it cannot work without: one of the demo's may not."""
    given = {**facts.config, **facts.secrets}
    needed = (key for key in config_keys(facts.kind) if key.required and key.matters(given))
    return all(given.get(key.name) for key in needed)


def _checked(kind: str, key: ConfigKey, value: str) -> str:
    if not value:
        if key.required and not key.secret:
            raise ValidationError(_("This is needed."))
        return value
    if key.choices and value not in key.choices:
        raise ValidationError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(key.choices)})
    if key.name == "address" and kinds.KINDS[kind].mails:
        return normalise_email(value)
    if key.name == "number" and not _SHORT_CODE.fullmatch(value):
        return normalise_phone(value)
    if key.name.endswith("_port") and not (value.isdecimal() and 0 < int(value) < 65536):
        raise ValidationError(_("A port is a number from 1 to 65535."))
    return value
