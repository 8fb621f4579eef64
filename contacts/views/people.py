"""Lists of contacts and accounts, and what agents change about them. Their timelines stand one floor above."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST

from contacts import queries
from contacts.forms import AccountForm, AffiliationForm, ContactForm, IdentityForm, NewContactForm
from contacts.models import Account, Affiliation, Contact, Identity, Suggestion
from contacts.services import people, suggestions
from tenancy.access import WorkspaceRequest, needs
from tenancy.keyset import Cursor
from tenancy.models import Role


@needs(Role.AGENT)
def contacts(request: WorkspaceRequest) -> HttpResponse:
    """All contacts, the one seen last first, or those whose name or address begins as typed."""
    search = request.GET.get("q", "")[:200]
    page = queries.contacts_page(search=search, before=Cursor.parse(request.GET.get("before")))
    return _list(request, "contacts", {"page": page, "search": search})


@needs(Role.AGENT)
def accounts(request: WorkspaceRequest) -> HttpResponse:
    """All accounts by name, or those whose name begins as typed."""
    search = request.GET.get("q", "")[:200]
    row = request.GET.get("id", "")
    after = (request.GET.get("after", ""), int(row)) if row.isdecimal() and len(row) < 19 else None
    return _list(
        request, "accounts", {"page": queries.accounts_page(search=search, after=after), "search": search}
    )


@needs(Role.AGENT)
def account_options(request: WorkspaceRequest) -> HttpResponse:
    """Accounts whose name begins as typed, as options of a field."""
    found = queries.accounts_like(request.GET.get("name", "")[:200])
    return render(request, "contacts/_account_options.html", {"accounts": found})


@needs(Role.AGENT)
def new_contact(request: WorkspaceRequest) -> HttpResponse:
    """Make a contact."""
    form = NewContactForm(request.POST or None)
    if form.is_valid():
        facts = _without(form.cleaned_data, "name", "email", "phone")
        try:
            contact = people.create_contact(
                name=form.cleaned_data["name"], addresses=form.addresses(), **facts
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("conversations:contact", request.workspace.slug, contact.pk)
    return _form(request, form, _("New contact"), "contacts:contacts")


@needs(Role.AGENT)
def edit_contact(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Change what is known of a contact."""
    contact = get_object_or_404(Contact, pk=pk)
    known = {name: getattr(contact, name) for name in ("name", "title", "language", "time_zone")}
    form = ContactForm(request.POST or None, initial=known)
    if form.is_valid():
        people.update_contact(contact=contact, **form.cleaned_data)
        return _back(request, contact, _("Saved"))
    return _form(request, form, _("Edit %(name)s") % {"name": contact}, "conversations:contact", pk)


@needs(Role.AGENT)
def identities(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Give a contact one more address, which the agent vouches for."""
    contact = get_object_or_404(Contact, pk=pk)
    form = IdentityForm(request.POST or None, auto_id="identity-%s")
    if request.method != "POST":
        return _in_place(request, contact, form, "identity")
    if form.is_valid():
        try:
            with transaction.atomic():
                identity = people.add_identity(contact=contact, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("value", error)
        else:
            messages.success(request, _("%(address)s added") % {"address": identity})
    return _in_place(request, contact, form, "identity")


@needs(Role.AGENT)
@require_POST
def confirmation(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Say that an address is its contact's."""
    identity = get_object_or_404(Identity.objects.select_related("contact"), pk=pk)
    try:
        with transaction.atomic():
            people.confirm_identity(identity=identity)
    except ValidationError as error:
        return _back(request, identity.contact, error.messages[0], failed=True)
    return _back(request, identity.contact, _("%(address)s confirmed") % {"address": identity})


@needs(Role.AGENT)
def affiliation(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Say for whom a contact works from now on."""
    contact = get_object_or_404(Contact, pk=pk)
    form = AffiliationForm(request.POST or None, auto_id="works-%s")
    if request.method != "POST":
        return _in_place(request, contact, form, "affiliation")
    if form.is_valid():
        account = _account(form.cleaned_data["account"], form.cleaned_data["name"].strip())
        people.affiliate(contact=contact, account=account)
        messages.success(request, _("Works for %(account)s") % {"account": account})
    return _in_place(request, contact, form, "affiliation")


@needs(Role.AGENT)
@require_POST
def affiliation_end(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Say that a contact no longer works there, or never did."""
    rows = Affiliation.objects.select_related("contact", "account")
    found = get_object_or_404(rows, pk=pk, until=None)
    people.end_affiliation(affiliation=found)
    said = _("No longer works for %(account)s") % {"account": found.account}
    return _back(request, found.contact, said)


@needs(Role.AGENT)
@require_POST
def dismissal(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Say that two contacts are not the same person."""
    suggestion = get_object_or_404(Suggestion.objects.select_related("contact"), pk=pk)
    suggestions.dismiss(suggestion=suggestion, member=request.member)
    return _back(request, suggestion.contact, _("Noted as two people"))


@needs(Role.AGENT)
def new_account(request: WorkspaceRequest) -> HttpResponse:
    """Make an account."""
    form = AccountForm(request.POST or None)
    if form.is_valid():
        try:
            account = people.create_account(**form.cleaned_data)
        except ValidationError as error:
            form.add_error("domains", error)
        else:
            return redirect("conversations:account", request.workspace.slug, account.pk)
    return _form(request, form, _("New account"), "contacts:accounts")


@needs(Role.AGENT)
def edit_account(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Change an account's name, domains and notes."""
    account = get_object_or_404(Account, pk=pk)
    known = {"name": account.name, "notes": account.notes, "domains": ", ".join(queries.domains(account))}
    form = AccountForm(request.POST or None, initial=known)
    if form.is_valid():
        try:
            people.update_account(account=account, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("domains", error)
        else:
            messages.success(request, _("Saved"))
            return redirect("conversations:account", request.workspace.slug, pk)
    return _form(request, form, _("Edit %(name)s") % {"name": account}, "conversations:account", pk)


def _list(request: WorkspaceRequest, what: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or for a browser that asks for more, the rows alone."""
    template = f"contacts/_{what[:-1]}_rows.html" if request.htmx else f"contacts/{what}.html"
    return render(request, template, context)


def _form(request: WorkspaceRequest, form: Form, title: str, back: str, *args: int) -> HttpResponse:
    context = {"form": form, "title": title, "back": reverse(back, args=[request.workspace.slug, *args])}
    return render(request, "contacts/form.html", context, status=422 if form.errors else 200)


ASKS = {"identity": _lazy("Add an address"), "affiliation": _lazy("Choose a company")}


def _in_place(request: WorkspaceRequest, contact: Contact, form: Form, what: str) -> HttpResponse:
    """A form where it is asked for on the card; the button that asks for it, once it is done or discarded. Without
    script, a page, or the contact's."""
    is_done = form.is_bound and not form.errors
    status = 422 if form.errors else 200
    context: dict[str, Any] = {"contact": contact, "form": form, "address": request.path, "label": ASKS[what]}
    if request.htmx:
        name = "added" if is_done or "shown" in request.GET else f"{what}_form"
        return render(request, f"contacts/_{name}.html", context | {"is_edited": True}, status=status)
    if is_done:
        return redirect("conversations:contact", request.workspace.slug, contact.pk)
    back = reverse("conversations:contact", args=[request.workspace.slug, contact.pk])
    context |= {"title": f"{contact}: {ASKS[what]}", "back": back}
    return render(request, "contacts/form.html", context, status=status)


def _back(request: WorkspaceRequest, contact: Contact, said: str, *, failed: bool = False) -> HttpResponse:
    """Say what was done, or why not; the card fetches itself again."""
    messages.add_message(request, messages.ERROR if failed else messages.SUCCESS, said)
    if request.htmx:
        return render(request, "_shell/toasts_oob.html", status=422 if failed else 200)
    return redirect("conversations:contact", request.workspace.slug, contact.pk)


def _account(pk: int | None, name: str) -> Account:
    if pk is not None:
        return get_object_or_404(Account, pk=pk)
    found = Account.objects.filter(name__iexact=name, archived_at=None).order_by("id").first()
    return found or people.create_account(name=name)


def _without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


def _first(form: Form) -> str:
    return str(next(iter(form.errors.values()))[0])
