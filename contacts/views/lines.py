"""Facts of contacts and accounts, each changed where it stands; without script, on a page of its own."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.forms import AttributeForm
from contacts.line_forms import LINES, FactForm, LineForm
from contacts.lines import Line, attribute_line, line_of
from contacts.models import Account, Attribute, Contact
from contacts.services import attributes, people
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role
from tenancy.ways_back import way_back


@needs(Role.AGENT)
def contact_line(request: WorkspaceRequest, pk: int, key: str) -> HttpResponse:
    """A field or an attribute of a contact."""
    contact = get_object_or_404(Contact, pk=pk)
    if key not in LINES:
        return _attribute(request, contact, key)
    form = LineForm(request.POST or None, contact=contact, name=key, auto_id=f"line-{key}-%s")

    def save() -> Line:
        people.update_contact(contact=contact, **{key: form.cleaned_data["value"]})
        return line_of(contact, key)

    return _line(request, contact, form, line_of(contact, key), save)


@needs(Role.AGENT)
def account_line(request: WorkspaceRequest, pk: int, key: str) -> HttpResponse:
    """An attribute of an account."""
    return _attribute(request, get_object_or_404(Account, pk=pk), key)


@needs(Role.AGENT)
def fact(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A fact of a contact by its `name`; a new one where the address names none."""
    contact = get_object_or_404(Contact, pk=pk)
    name = request.GET.get("name", "")
    known = {"name": name, "value": contact.facts.get(name, "")}
    form = FactForm(request.POST or None, contact=contact, initial=known, auto_id="line-fact-%s")
    line = Line("fact", name or _("Add a fact"), str(known["value"]))
    if request.method != "POST" or not form.is_valid():
        return _form_or_line(request, contact, form, line)
    named, value = form.cleaned_data["name"], form.cleaned_data["value"]
    before = contact.facts.get(named, "")
    others = {other: kept for other, kept in contact.facts.items() if other != named}
    people.update_contact(contact=contact, facts=others | ({named: value} if value else {}))
    undo = f"{request.path}?{urlencode({'name': named, 'value': before})}"
    messages.success(request, _said(named, value), extra_tags=way_back(request, undo))
    return _shown(request, contact, Line("fact", name or _("Add a fact"), value if name else ""))


def _attribute(request: WorkspaceRequest, row: Contact | Account, key: str) -> HttpResponse:
    kind, _dash, number = key.partition("-")
    if kind != "attribute" or not number.isdecimal() or len(number) > 18:
        raise Http404
    of = type(row).__name__.lower()
    found = get_object_or_404(Attribute, pk=int(number), of=of, archived_at=None)
    value = row.attributes.get(found.key)
    form = AttributeForm(request.POST or None, attribute=found, value=value, auto_id=f"line-{key}-%s")

    def save() -> Line:
        value = form.cleaned_data["value"]
        if isinstance(row, Contact):
            attributes.set_attribute(row=row, attribute=found, value=value)
        else:
            attributes.set_attribute(row=row, attribute=found, value=value)
        return attribute_line(row, found)

    return _line(request, row, form, attribute_line(row, found), save)


def _line(
    request: WorkspaceRequest, row: Contact | Account, form: Form, line: Line, save: Callable[[], Line]
) -> HttpResponse:
    """The form that changes a line, or posted, the line as it is then."""
    if request.method != "POST" or not form.is_valid():
        return _form_or_line(request, row, form, line)
    before = form["value"].initial
    changed = save()
    undo = f"{request.path}?{urlencode({'value': '' if before is None else before})}"
    said = _said(changed.label, changed.words)
    messages.success(request, said, extra_tags=way_back(request, undo))
    return _shown(request, row, changed)


def _said(label: str, words: str) -> str:
    return (
        _("%(name)s: %(value)s") % {"name": label, "value": words}
        if words
        else _("%(name)s cleared") % {"name": label}
    )


def _form_or_line(request: WorkspaceRequest, row: Contact | Account, form: Form, line: Line) -> HttpResponse:
    if request.htmx and "shown" in request.GET:
        return _shown(request, row, line)
    context: dict[str, Any] = {"form": form, "line": line, "address": request.get_full_path()}
    status = 422 if form.errors else 200
    if request.htmx:
        return render(request, "contacts/_line_form.html", context, status=status)
    context |= {"title": f"{row}: {line.label}", "back": _page(request, row)}
    return render(request, "contacts/form.html", context, status=status)


def _shown(request: WorkspaceRequest, row: Contact | Account, line: Line) -> HttpResponse:
    if not request.htmx:
        return redirect(_page(request, row))
    name = request.GET.get("name", "")
    address = f"{request.path}?{urlencode({'name': name})}" if name else request.path
    context = {"line": line, "address": address, "is_edited": True}
    return render(request, "contacts/_line_edited.html", context)


def _page(request: WorkspaceRequest, row: Contact | Account) -> str:
    return reverse(f"conversations:{type(row).__name__.lower()}", args=[request.workspace.slug, row.pk])
