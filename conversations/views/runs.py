"""Macros in a conversation: chosen, looked at, run, and taken back as one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.models import Entry, Macro
from conversations.queries.tools import at_hand, macros_of
from conversations.services.macros import undoing
from conversations.services.macros.planning import plan
from conversations.services.macros.running import RAN, CannotRun, run
from conversations.services.macros.undoing import CannotUndo
from conversations.services.reply import CannotReply, WroteMeanwhile
from conversations.tool_forms import RunForm
from conversations.views import panes
from conversations.views.acts import acted, address, go, refused
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role


@needs(Role.AGENT)
@require_safe
def macros(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The macros that can be chosen: a menu for htmx, else a page."""
    conversation = panes.find_conversation(number)
    return _shown(request, conversation=conversation, macros=macros_of(request.member).read())


@needs(Role.AGENT)
@require_safe
def macro(request: WorkspaceRequest, number: int, pk: int) -> HttpResponse:
    """What a macro would do here, in plain words, before it is run."""
    conversation = panes.find_conversation(number)
    chosen = get_object_or_404(at_hand(Macro, request.member), pk=pk)
    planned = plan(macro=chosen, conversation=conversation, member=request.member)
    newest = (
        Entry.objects.filter(conversation=conversation).order_by("-pk").values_list("pk", flat=True).first()
    )
    return _shown(request, conversation=conversation, planned=planned, newest=newest or 0)


@needs(Role.AGENT)
@require_POST
def runs(request: WorkspaceRequest, number: int, pk: int) -> HttpResponse:
    """Run a macro: all of it, or nothing where one action cannot be done."""
    conversation = panes.find_conversation(number)
    chosen = get_object_or_404(at_hand(Macro, request.member), pk=pk)
    form = RunForm(request.POST)
    try:
        ran = run(
            macro=chosen,
            conversation=conversation,
            member=request.member,
            seen_entry_id=form.cleaned_data["seen"] if form.is_valid() else None,
        )
    except (CannotRun, CannotReply) as error:
        return refused(request, conversation, str(error))
    except WroteMeanwhile:
        why = _("Somebody has written meanwhile. Read it first, then run the macro again.")
        return refused(request, conversation, why)
    said, back = _("Ran “%(name)s”") % {"name": chosen}, address(request, "undo_macro", ran.record.pk)
    if ran.plan.composed is None:
        return acted(request, conversation, said, undo=back)
    messages.success(request, said, extra_tags=back)
    return go(request, address(request, "conversation", number))


@needs(Role.AGENT)
@require_POST
def undo(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Take back what a macro did; `pk` is the line that it left."""
    lines = Entry.objects.select_related("conversation")
    record = get_object_or_404(lines, pk=pk, event=RAN, conversation__isnull=False)
    conversation = record.conversation
    assert conversation is not None
    try:
        text = undoing.undo(record=record, member=request.member)
    except CannotUndo as error:
        return refused(request, conversation, str(error))
    if not text:
        return acted(request, conversation, _("Taken back"))
    messages.success(request, _("Taken back. The reply is in the composer again."))
    return go(request, address(request, "conversation", conversation.number))


def _shown(request: WorkspaceRequest, **context: Any) -> HttpResponse:
    template = "conversations/tools/_run.html" if request.htmx else "conversations/tools/run.html"
    return render(request, template, context)
