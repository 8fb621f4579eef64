"""What agents do with many conversations at once: a noun for each, posted to with the numbers that were chosen."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from conversations.forms import AssignmentForm, LabelForm, PriorityForm, SnoozeForm
from conversations.models import Bulk, Macro
from conversations.queries import bulk as bulks
from conversations.queries import compose
from conversations.queries.bulk import Progress
from conversations.queries.labels import labels_on
from conversations.queries.tools import at_hand, macros_of
from conversations.services.bulk import acting
from conversations.tool_forms import MacroForm
from conversations.views.acts import address
from conversations.views.chosen import Chosen, chosen
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role
from tenancy.reading import together

Noun = Bulk.Noun


@needs(Role.AGENT)
@require_POST
def resolution(request: WorkspaceRequest) -> HttpResponse:
    """Resolve them."""
    return _act(request, Noun.RESOLUTION)


@needs(Role.AGENT)
@require_POST
def reopening(request: WorkspaceRequest) -> HttpResponse:
    """Take them up again."""
    return _act(request, Noun.REOPENING)


@needs(Role.AGENT)
@require_POST
def pending(request: WorkspaceRequest) -> HttpResponse:
    """Say that the customers have to answer."""
    return _act(request, Noun.PENDING)


@needs(Role.AGENT)
@require_POST
def spam(request: WorkspaceRequest) -> HttpResponse:
    """Put them aside as spam."""
    return _act(request, Noun.SPAM)


@needs(Role.AGENT)
@require_POST
def not_spam(request: WorkspaceRequest) -> HttpResponse:
    """Take them back from spam."""
    return _act(request, Noun.NOT_SPAM)


@needs(Role.AGENT)
@require_POST
def seen(request: WorkspaceRequest) -> HttpResponse:
    """Mark them as read."""
    return _act(request, Noun.SEEN)


@needs(Role.AGENT)
@require_POST
def unseen(request: WorkspaceRequest) -> HttpResponse:
    """Mark them as unread."""
    return _act(request, Noun.UNSEEN)


@needs(Role.AGENT)
@require_POST
def snooze(request: WorkspaceRequest) -> HttpResponse:
    """Put them away until a time."""
    form = SnoozeForm({"until": request.POST.get("until") or request.POST.get("later")})
    if not form.is_valid():
        return _refused(request, _first(form))
    return _act(request, Noun.SNOOZE, until=form.cleaned_data["until"].isoformat())


@needs(Role.AGENT)
@require_POST
def priority(request: WorkspaceRequest) -> HttpResponse:
    """Say how urgent they are."""
    form = PriorityForm(request.POST)
    if not form.is_valid():
        return _refused(request, _first(form))
    return _act(request, Noun.PRIORITY, priority=form.cleaned_data["priority"])


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def assignment(request: WorkspaceRequest) -> HttpResponse:
    """Give them to a member or to a team, or to nobody; asked for, whom there is."""
    if request.method != "POST":
        colleagues, teams = together(compose.colleagues(), compose.teams()).read()
        return _choices(request, "members", colleagues=colleagues, teams=teams)
    form = AssignmentForm(request.POST)
    if not form.is_valid():
        return _refused(request, _first(form))
    return _act(request, Noun.ASSIGNMENT, **form.facts)


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def labels(request: WorkspaceRequest) -> HttpResponse:
    """Put a label on, take one off, or make one; asked for, which there are and how many carry each."""
    if request.method != "POST":
        return _choices(request, "labels", labels=labels_on(chosen(request).ids).read())
    form = LabelForm(request.POST)
    if not form.is_valid():
        return _refused(request, _first(form))
    noun, facts = form.deed()
    return _act(request, noun, **facts)


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def macros(request: WorkspaceRequest) -> HttpResponse:
    """Run a macro in each; asked for, which there are."""
    if request.method != "POST":
        return _choices(request, "macros", macros=macros_of(request.member).read())
    form = MacroForm(request.POST)
    macro = form.is_valid() and at_hand(Macro, request.member).filter(pk=form.cleaned_data["macro"]).first()
    if not macro:
        return _refused(request, _("The macro is no longer there"))
    return _act(request, Noun.MACRO, macro=macro.pk, name=macro.name)


@needs(Role.AGENT)
def progress(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """How far an act has come."""
    found = bulks.progress(pk).read()
    if found is None:
        raise Http404
    return render(request, "conversations/_bulk_progress.html", {"progress": found})


@needs(Role.AGENT)
@require_POST
def undo(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Make all of it what it was; an act that is not done goes no further."""
    bulk = get_object_or_404(Bulk, pk=pk)
    try:
        undoing = acting.undo(bulk=bulk, member=request.member)
    except acting.CannotUndo:
        return _refused(request, _("This has been taken back already."))
    return _acted(request, undoing)


@needs(Role.AGENT)
@require_POST
def closing(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Show it no longer."""
    acting.close(bulk=get_object_or_404(Bulk, pk=pk, member=request.member))
    return _answer(request, None)


def _act(request: WorkspaceRequest, noun: str, **facts: Any) -> HttpResponse:
    """Do it to what was chosen."""
    found = chosen(request)
    if not found.ids:
        return _refused(request, _("Choose at least one conversation."))
    bulk = acting.begin(
        noun=noun, conversations=found.ids, absent=found.absent, member=request.member, facts=facts
    )
    if found.is_cut:
        messages.info(request, _("Only the first %(most)d of them at once.") % {"most": acting.MOST})
    return _acted(request, bulk)


def _acted(request: WorkspaceRequest, bulk: Bulk) -> HttpResponse:
    """A word about what is over without trouble, with its undo; else how far it has come."""
    found = bulks.progress(bulk.pk).read()
    assert found is not None
    if not found.is_over or found.troubles or found.absent:
        return _answer(request, found)
    undo = address(request, "bulk_undo", bulk.pk) if found.can_undo else ""
    messages.success(request, found.words, extra_tags=undo)
    return _answer(request, None)


def _answer(request: WorkspaceRequest, shown: Progress | None) -> HttpResponse:
    if not request.htmx:
        return redirect(_back(request))
    return render(request, "conversations/_bulk_acted.html", {"progress": shown})


def _refused(request: WorkspaceRequest, why: str) -> HttpResponse:
    messages.error(request, why)
    if not request.htmx:
        return redirect(_back(request))
    return render(request, "_shell/toasts_oob.html", status=422)


def _choices(request: WorkspaceRequest, name: str, **context: Any) -> HttpResponse:
    """What to choose from: for the picker of the list, or without script as a page of its own."""
    found: Chosen = chosen(request)
    context |= {"kind": name, "chosen": found, "total": len(found.ids)}
    template = f"conversations/_bulk_{name}.html" if request.htmx else "conversations/bulk.html"
    return render(request, template, context)


def _back(request: WorkspaceRequest) -> str:
    view = request.POST.get("view", "")
    return address(request, "inbox", **({"view": view} if view else {}))


def _first(form: forms.Form) -> str:
    """The first thing that is wrong with a form."""
    return str(next(iter(form.errors.values()))[0])
