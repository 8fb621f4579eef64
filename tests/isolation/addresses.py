"""Every address of the installation, as the URL resolver knows it, and how to fill its parameters in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.urls import URLPattern, get_resolver, reverse
from django_filters import FilterSet
from rest_framework import serializers

from tests.isolation.worlds import World

# What a text in an address stands for; a number always stands for a row (or a conversation) of a workspace.
TEXTS: dict[str, Callable[[World], str]] = {
    "slug": lambda world: world.workspace.slug,
    "kind": lambda _: "email",
    "key": lambda _: "title",
}
OURS = ("omnidesk", "channels_ingest", "conversations", "contacts", "tenancy")
PARAMETER = re.compile(r"<(?:(?P<type>\w+):)?(?P<name>\w+)>")

# Addresses that no workspace is in, and why nobody's rows can be reached there.
PUBLIC = {
    "healthz": "says nothing but ok",
    "readyz": "says what of the servers is missing",
    "prometheus-django-metrics": "counts requests",
    "api:schema": "describes the API, the same for all",
    "api:docs": "describes the API, the same for all",
    "demo_shop": "the demo's own shop; nowhere else",
    "account_login": "opens a session, no workspace",
    "account_logout": "ends a session",
    "account_inactive": "a fixed page",
    "account_reset_password": "writes to the address itself",
    "account_reset_password_done": "a fixed page",
    "account_reset_password_from_key": "needs the mailed key",
    "account_reset_password_from_key_done": "a fixed page",
    "channels_ingest:widget_script": "needs the channel's token; tests/channels_ingest/views/test_widget.py",
    "channels_ingest:widget": "needs the channel's token and the visitor's secret",
    "channels_ingest:lent_file": "needs an address that we signed; tests/channels_ingest/views/test_lent.py",
    "channels_ingest:hook": "needs the channel's token; tests/channels_ingest/",
    "tenancy:home": "leads to a workspace of the user's own",
    "tenancy:setup": "exists only while there is no workspace",
    "tenancy:invitation": "needs the mailed secret; tests/tenancy/views/test_gate.py",
}


@dataclass(frozen=True)
class Address:
    """One named address."""

    name: str
    route: str
    callback: Any

    @property
    def is_page(self) -> bool:
        return self.route.startswith("w/<slug:slug>/")

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/") and self.name not in PUBLIC

    @property
    def numbers(self) -> list[str]:
        """The parameters that name a row."""
        return [name for kind, name in PARAMETER.findall(self.route) if kind == "int"]

    def at(self, world: World, row: int) -> str:
        """The address in a world's workspace, each number in it being `row`."""
        values: dict[str, Any] = {}
        for kind, name in PARAMETER.findall(self.route):
            if kind != "int" and name not in TEXTS:
                raise LookupError(f"say in {__name__}.TEXTS what <{name}> of {self.route} stands for")
            values[name] = row if kind == "int" else TEXTS[name](world)
        return reverse(self.name, kwargs=values)


@cache
def addresses() -> list[Address]:
    """All of them."""
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: Any, prefix: str, namespaces: tuple[str, ...]) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(":".join([*namespaces, pattern.name or ""]), route, pattern.callback)
        else:
            yield from _walk(pattern, route, (*namespaces, *filter(None, [pattern.namespace])))


@cache
def names_people_can_send() -> list[str]:
    """Every name that a request may carry: fields of forms and serializers, filters, what views read by name."""
    read = re.compile(r"""request\.(?:GET|POST|FILES)(?:\.get|\.getlist)?[\[(]\s*["'](\w+)["']""")
    sources = (path for package in OURS for path in settings.BASE_DIR.glob(f"{package}/**/*.py"))
    names = {name for path in sources for name in read.findall(path.read_text())}
    names |= {name for form in _ours(forms.BaseForm) for name in form.base_fields}
    names |= {name for filters in _ours(FilterSet) for name in filters.base_filters}
    names |= {name for body in _ours(serializers.Serializer) for name in body._declared_fields}
    return sorted(names)


def forged(row: int) -> list[dict[str, str]]:
    """Bodies whose every name carries a row's id: all of them, and all but those that plainly want a word."""
    everything = dict.fromkeys(names_people_can_send(), str(row))
    return [everything, everything | _words()]


def _words() -> dict[str, str]:
    """For the fields that take a choice, an address, a time or a plain text: one that they accept."""
    words = {"role": "agent", "status": "open", "priority": "2"}
    for form in _ours(forms.BaseForm):
        for name, field in form.base_fields.items():
            match field:
                case forms.ModelChoiceField() | forms.FileField() | forms.IntegerField():
                    continue
                case forms.ChoiceField() if choices := list(field.widget.choices):
                    words[name] = str(next(value for value, _ in choices if value))
                case forms.EmailField():
                    words[name] = "somebody@elsewhere.example"
                case forms.DateTimeField():
                    words[name] = "2027-01-01T10:00"
    return words


def _ours(base: Any) -> Iterator[Any]:
    """Every class of ours below `base`; the resolver has loaded them all."""
    addresses()
    for child in base.__subclasses__():
        if child.__module__.partition(".")[0] in OURS:
            yield child
        yield from _ours(child)
