"""Writing: replies, notes, taking a reply back, and beginning a conversation. What was typed is never lost."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.forms import NoteForm, ReplyForm, WayForm
from conversations.models import Attachment, Conversation, Delivery, Entry, KeptDraft
from conversations.queries import compose, threads
from conversations.queries.viewers import on_it
from conversations.services import drafts, notes, once, scheduled, work
from conversations.services import reply as replies
from conversations.services.files import upload, waiting
from conversations.services.reply import CannotReply, Draft, TooLate, WentOn, WroteMeanwhile
from conversations.services.scheduled import NotScheduled
from conversations.views import panes
from conversations.views.acts import acted, address, open_in_pane, refused, resolved
from conversations.views.inbox import whole_page
from conversations.worries import worry
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Member, Role
from tenancy.moments import moment


@needs(Role.AGENT)
@require_POST
def reply(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Answer. When the customer wrote meanwhile, nothing is sent and what they wrote is shown (409); nor where all
    was moved to another conversation, the text gives cause for worry, or the conversation is somebody else's work,
    until the member has been asked."""
    conversation = panes.find_conversation(number)
    form = ReplyForm(request.POST, request.FILES, offer=compose.offer_in(number).read())
    if not form.is_valid():
        return _unsent(request, conversation, 422, errors=_errors(form), is_closed="way" in form.errors)
    if doubt := _doubt(request, conversation, form):
        return _unsent(request, conversation, 409, **doubt)
    try:
        entry = _send(request, conversation, form)
    except (WroteMeanwhile, WentOn) as held:
        return _unsent(request, conversation, 409, **_why_held(held))
    except (CannotReply, ValidationError) as error:
        return _unsent(request, conversation, 422, errors=_words(error))
    said = _("Reply to %(name)s is on its way") % {"name": entry.contact}
    if form.cleaned_data["later"]:
        said = _("It leaves %(when)s") % {"when": moment(form.cleaned_data["later"])}
    undo = address(request, "undo_send", entry.pk) if _is_held(entry) else ""
    messages.success(request, said, extra_tags=undo)
    if form.cleaned_data["then"] == Conversation.Status.RESOLVED and not form.cleaned_data["later"]:
        return resolved(request, lambda: _written(request, conversation, newest=entry.pk))
    return _written(request, conversation, newest=entry.pk)


@needs(Role.AGENT)
@require_safe
def reply_by(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The composer's choice of channels as it is now: the customer went on by another."""
    return render(
        request, "conversations/_reply_by.html", panes.show(panes.composer_pane(number, request.member))
    )


@needs(Role.AGENT)
@require_POST
def note(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Write a note; members whose name stands after an @ are told."""
    conversation = panes.find_conversation(number)
    form = NoteForm(request.POST, request.FILES)
    if not form.is_valid():
        return _unsent(request, conversation, 422, errors=_errors(form), mode="note")
    try:
        _write_note(request, conversation, form.cleaned_data)
    except (CannotReply, ValidationError) as error:
        return _unsent(request, conversation, 422, errors=_words(error), mode="note")
    messages.success(request, _("Note added"))
    return _written(request, conversation, mode="note")


@needs(Role.AGENT)
@require_POST
def undo_send(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Take a held reply back: it is a draft again, in the composer."""
    rows = Entry.objects.select_related("conversation")
    entry = get_object_or_404(rows, pk=pk, conversation__isnull=False)
    conversation = entry.conversation
    assert conversation is not None
    try:
        replies.undo_send(entry=entry, member=request.member)
    except TooLate as error:
        return refused(request, conversation, str(error))
    messages.success(request, _("Not sent. Your text is back in the composer."))
    return open_in_pane(request, address(request, "conversation", conversation.number))


@needs(Role.AGENT)
@require_POST
def send_now(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Let a scheduled message go now."""
    rows = Entry.objects.select_related("conversation")
    entry = get_object_or_404(rows, pk=pk, conversation__isnull=False)
    conversation = entry.conversation
    assert conversation is not None
    try:
        scheduled.send_now(entry=entry, member=request.member)
    except NotScheduled as error:
        return refused(request, conversation, str(error))
    undo = address(request, "undo_send", entry.pk) if _is_held(entry) else ""
    return acted(request, conversation, _("On its way"), undo=undo)


def _send(request: WorkspaceRequest, conversation: Conversation, form: ReplyForm) -> Entry:
    data: dict[str, Any] = form.cleaned_data
    who: dict[str, Any] = {"conversation": conversation, "member": request.member}
    with transaction.atomic():
        if sent := once.written(**who, mark=once.mark_of(request.POST)):
            drafts.discard(
                **who, mode=KeptDraft.Mode.REPLY
            )  # the browser went on keeping what it could not send
            return sent
        if request.POST.get("takeover"):
            work.take(conversation=conversation, member=request.member)
        draft = Draft(
            text=data["text"],
            html=data["html"],
            to=data["way"].identity,
            cc=data["cc"],
            bcc=data["bcc"],
            send_at=data["later"],
            attachments=_files(request, data),
        )
        entry = replies.reply(
            **who,
            channel=data["way"].channel,
            draft=draft,
            seen_entry_id=data["seen"],
            then=data["then"],
            here="here" in request.POST,
        )
        once.keep(entry, once.mark_of(request.POST))
        drafts.discard(**who, mode=KeptDraft.Mode.REPLY)
        return entry


def _write_note(request: WorkspaceRequest, conversation: Conversation, data: dict[str, Any]) -> None:
    who: dict[str, Any] = {"conversation": conversation, "member": request.member}
    with transaction.atomic():
        if once.written(**who, mark=once.mark_of(request.POST)):
            drafts.discard(**who, mode=KeptDraft.Mode.NOTE)
            return
        entry = notes.note(
            **who,
            text=data["text"],
            mentions=compose.mentioned(data["text"], compose.colleagues().read()),
            attachments=_files(request, data),
        )
        once.keep(entry, once.mark_of(request.POST))
        drafts.discard(**who, mode=KeptDraft.Mode.NOTE)


def _doubt(request: WorkspaceRequest, conversation: Conversation, form: ReplyForm) -> dict[str, Any]:
    """What is asked before an answer goes, of its text and of whose work it is."""
    if found := worry(form.cleaned_data, asked=request.POST.getlist("asked")):
        return {"worry": found}
    theirs = _unwarned(request, conversation)
    return {"theirs": theirs} if theirs else {}


def _unwarned(request: WorkspaceRequest, conversation: Conversation) -> Member | None:
    """The colleague whose conversation it is, where the one who answers has not been told so yet."""
    if request.POST.get("takeover"):
        return None
    warned = request.POST.getlist("warned")
    return next((one for one in on_it(conversation, request.member) if str(one.pk) not in warned), None)


def _files(request: WorkspaceRequest, data: dict[str, Any]) -> list[Attachment]:
    """What goes along: what was uploaded before, then what comes with the form. Raises ValidationError."""
    before = waiting(data["attachments"], member=request.member)
    return [*before, *(upload(file, member=request.member) for file in data["uploads"])]


def _why_held(held: WroteMeanwhile | WentOn) -> dict[str, Any]:
    """What the composer is told of it."""
    if isinstance(held, WentOn):
        return {"went_on": held.to}
    return {"meanwhile": threads.show(held.entries)}


def _is_held(entry: Entry) -> bool:
    return Delivery.objects.filter(entry=entry, status=Delivery.Status.HELD).exists()


def _written(request: WorkspaceRequest, conversation: Conversation, **state: Any) -> HttpResponse:
    """An empty composer, of the kind that was written in."""
    if not request.htmx:
        return redirect(address(request, "conversation", conversation.number))
    number = conversation.number
    context = panes.show(panes.composer_pane(number, request.member, **state), panes.head_pane(number))
    return render(request, "conversations/_written.html", context)


def _unsent(
    request: WorkspaceRequest,
    conversation: Conversation,
    status: int,
    *,
    is_closed: bool = False,
    **trouble: Any,
) -> HttpResponse:
    """Why nothing was sent. A browser with script keeps its composer; without, it gets it back as it was.

    Where the way is closed (`is_closed`), the ways that are open now come along.
    """
    if request.htmx:
        context = {"conversation": conversation, "is_closed": is_closed} | trouble
        if is_closed:
            cc = ", ".join(request.POST.getlist("cc"))
            composer = panes.composer_pane(conversation.number, request.member, cc=cc)
            context |= panes.show(composer)
        response = render(request, "conversations/_trouble.html", context, status=status)
        response["HX-Retarget"] = f"#trouble-{trouble.get('mode', 'reply')}"
        response["HX-Reswap"] = "innerHTML"
        return response
    names = ("text", "cc", "bcc", "way")
    typed = {name: ", ".join(request.POST.getlist(name)) for name in names if name in request.POST}
    page = whole_page(request, conversation.number, **typed, **trouble)
    return render(request, "conversations/inbox.html", page, status=status)


def _errors(form: WayForm | NoteForm) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]


def _words(error: CannotReply | ValidationError) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(error)]
