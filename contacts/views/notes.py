"""Notes about contacts and accounts, which only members read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.line_forms import NoteForm
from contacts.models import Account, Contact, PrivateNote
from contacts.services import notes
from contacts.services.notes import NotYours
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role


@needs(Role.AGENT)
def about_contact(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A new note about a contact."""
    return _new(request, get_object_or_404(Contact, pk=pk))


@needs(Role.AGENT)
def about_account(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A new note about an account."""
    return _new(request, get_object_or_404(Account, pk=pk))


@needs(Role.AGENT)
def note(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Change a note of one's own."""
    found = _find(pk)
    form = NoteForm(request.POST or None, initial={"text": found.text}, auto_id=f"note-{pk}-%s")
    if request.method != "POST" or not form.is_valid():
        return _form_or_shown(request, _whose(found), form, {"note": found})
    try:
        notes.edit(note=found, member=request.member, text=form.cleaned_data["text"])
    except NotYours as error:
        raise PermissionDenied(str(error)) from error
    except ValidationError as error:
        form.add_error("text", error)
        return _form_or_shown(request, _whose(found), form, {"note": found})
    messages.success(request, _("Note changed"))
    return _shown(request, _whose(found), {"note": found})


@needs(Role.AGENT)
@require_POST
def archival(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Put a note away."""
    found = _find(pk)
    _may(notes.archive, found, request)
    undo = reverse("contacts:note_return", args=[request.workspace.slug, pk])
    messages.success(request, _("Note archived"), extra_tags=undo)
    return _told(request, found)


@needs(Role.AGENT)
@require_POST
def bring_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show an archived note again."""
    found = _find(pk)
    _may(notes.bring_back, found, request)
    messages.success(request, _("The note is back"))
    return _told(request, found)


def _new(request: WorkspaceRequest, about: Contact | Account) -> HttpResponse:
    form = NoteForm(request.POST or None, auto_id="note-new-%s")
    if request.method != "POST" or not form.is_valid():
        return _form_or_shown(request, about, form, {})
    try:
        notes.write(about=about, member=request.member, text=form.cleaned_data["text"])
    except ValidationError as error:
        form.add_error("text", error)
        return _form_or_shown(request, about, form, {})
    messages.success(request, _("Note added"))
    return _shown(request, about, {})


def _find(pk: int) -> PrivateNote:
    rows = PrivateNote.objects.select_related("contact", "account", "member")
    return get_object_or_404(rows, pk=pk)


def _whose(note: PrivateNote) -> Contact | Account:
    about = note.contact or note.account
    assert about is not None
    return about


def _may(verb: Any, note: PrivateNote, request: WorkspaceRequest) -> None:
    try:
        verb(note=note, member=request.member)
    except NotYours as error:
        raise PermissionDenied(str(error)) from error


def _form_or_shown(
    request: WorkspaceRequest, about: Contact | Account, form: NoteForm, facts: dict[str, Any]
) -> HttpResponse:
    if request.htmx and "shown" in request.GET:
        return _shown(request, about, facts)
    context = {"form": form, "address": request.path} | facts
    status = 422 if form.errors else 200
    if request.htmx:
        return render(request, "contacts/_note_form.html", context, status=status)
    context |= {"title": _("Note about %(name)s") % {"name": about}, "back": _page(request, about)}
    return render(request, "contacts/form.html", context, status=status)


def _shown(request: WorkspaceRequest, about: Contact | Account, facts: dict[str, Any]) -> HttpResponse:
    if not request.htmx:
        return redirect(_page(request, about))
    template = "contacts/_note_edited.html"
    return render(request, template, {"address": request.path, "is_edited": True} | facts)


def _told(request: WorkspaceRequest, note: PrivateNote) -> HttpResponse:
    if request.htmx:
        return render(request, "_shell/toasts_oob.html")
    return redirect(_page(request, _whose(note)))


def _page(request: WorkspaceRequest, about: Contact | Account) -> str:
    return reverse(f"conversations:{type(about).__name__.lower()}", args=[request.workspace.slug, about.pk])
