"""Moving what was said to where it belongs; each move says so and can be taken back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.forms import MoveForm
from conversations.models import Conversation, Entry
from conversations.queries import places
from conversations.services import moves
from conversations.services.moves import CannotMove, Moved
from conversations.views.acts import acted, address, go, refused
from conversations.views.panes import find_conversation
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role


@needs(Role.AGENT)
def move(request: WorkspaceRequest, number: int, pk: int) -> HttpResponse:
    """Choose where a message belongs, among the contact's conversations or by number; posted, move it there."""
    source, entry = find_conversation(number), _find(pk)
    form = MoveForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _ask_where(request, source, entry, form)
    to = form.cleaned_data["to"]
    wanted = places.from_here(entry) if form.cleaned_data["rest"] else [entry]
    try:
        moved = moves.move(wanted=wanted, source=source, to=to, member=request.member)
    except CannotMove as error:
        form.add_error(None, str(error))
        return _ask_where(request, source, entry, form)
    said, back = _words(request, moved, _("Moved to %(number)s"))
    messages.success(request, said, extra_tags=back)
    return redirect(f"{address(request, 'conversation', to.number)}#entry-{entry.pk}")


@needs(Role.AGENT)
@require_POST
def split(request: WorkspaceRequest, number: int, pk: int) -> HttpResponse:
    """Make the entry, and all that came after it, a conversation of its own."""
    return _part(request, number, pk, moves.split, _("Split off into %(number)s"))


@needs(Role.AGENT)
@require_POST
def other_matter(request: WorkspaceRequest, number: int, pk: int) -> HttpResponse:
    """Say that the message is another matter, with what came after it in its own thread."""
    return _part(request, number, pk, moves.not_same, _("It has its own conversation now, %(number)s"))


@needs(Role.AGENT)
@require_POST
def undo(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Take a move back; `pk` is the line that it left."""
    lines = Entry.objects.select_related("conversation")
    record = get_object_or_404(lines, pk=pk, event__in=moves.RECORDS, conversation__isnull=False)
    assert record.conversation is not None
    try:
        moved = moves.undo(record=record, member=request.member)
    except CannotMove as error:
        return refused(request, record.conversation, str(error))
    messages.success(request, _("Taken back: it is all here again"))
    return go(request, address(request, "conversation", moved.source.number))


@needs(Role.AGENT)
def entry(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Where an entry is now: an address that lasts, whatever it is moved to and however old it is."""
    found = _find(pk)
    if found.conversation is None:
        raise Http404
    path = address(request, "conversation", found.conversation.number, entry=found.pk)
    return redirect(f"{path}#entry-{found.pk}")


def _find(pk: int) -> Entry:
    return get_object_or_404(Entry.objects.select_related("conversation", "contact", "channel"), pk=pk)


def _ask_where(request: WorkspaceRequest, source: Conversation, entry: Entry, form: MoveForm) -> HttpResponse:
    """The page that asks; a number that was looked up is shown among the choices."""
    asked = request.GET.get("number") or ""
    looked_up = places.by_number(asked) if asked else None
    context = {
        "conversation": source,
        "entry": entry,
        "others": places.others_of(source),
        "asked": asked,
        "looked_up": looked_up if looked_up != source else None,
        "form": form,
    }
    template = "conversations/_looked_up.html" if request.htmx else "conversations/move.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _part(
    request: WorkspaceRequest, number: int, pk: int, verb: Callable[..., Moved], words: str
) -> HttpResponse:
    source, entry = find_conversation(number), _find(pk)
    try:
        moved = verb(entry=entry, source=source, member=request.member)
    except CannotMove as error:
        return refused(request, source, str(error))
    said, back = _words(request, moved, words)
    return acted(request, find_conversation(moved.source.number), said, undo=back)


def _words(request: WorkspaceRequest, moved: Moved, words: str) -> tuple[SafeString, str]:
    """What was done, with a link to where it is, and the address that takes it back."""
    number = moved.target.number
    link = format_html('<a href="{}">#{}</a>', address(request, "conversation", number), number)
    said = format_html(words.replace("%(number)s", "{}"), link)
    return said, address(request, "undo_move", moved.record.pk)
