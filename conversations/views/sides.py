"""Beginning a side conversation. What is said in one goes as in any other: thread, composer, note."""

from functools import partial
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from conversations.models import Attachment, Conversation, Delivery, Entry
from conversations.services import enclosures, matter, once
from conversations.services.files import upload, waiting
from conversations.services.reply import CannotReply, Draft
from conversations.services.sides import ask_colleagues, ask_outside
from conversations.side_forms import SideForm
from conversations.views import panes
from conversations.views.acts import address, open_in_pane
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Member, Role


@needs(Role.AGENT)
def new_side(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Ask a colleague, or somebody outside, about a conversation."""
    parent = panes.find_conversation(number)
    if parent.kind == Conversation.Kind.SIDE:
        assert parent.parent is not None
        return redirect(address(request, "new_side", parent.parent.number))
    form = SideForm(request.POST or None, request.FILES or None, parent=parent, member=request.member)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                return _begun(request, _asked(request, parent, form))
        except (CannotReply, ValidationError) as error:
            form.add_error(None, error.messages if isinstance(error, ValidationError) else str(error))
    template = "conversations/_side_form.html" if request.htmx else "conversations/side.html"
    mine = {"files": _waiting(form, request.member)}
    context = {"conversation": parent, "form": form, "mine": mine, "writer": token_hex(8)}
    return render(request, template, context, status=422 if form.errors else 200)


def _waiting(form: SideForm, member: Member) -> list[Attachment]:
    """The uploads that stand in a form which has to be looked at again."""
    ids = form.cleaned_data.get("attachments", []) if form.is_bound and hasattr(form, "cleaned_data") else []
    return list(Attachment.objects.filter(pk__in=ids, entry=None, member=member))


def _asked(request: WorkspaceRequest, parent: Conversation, form: SideForm) -> Entry:
    """The first word of a new side conversation, also where it was asked before. Raises as `_ask`."""
    sides = Conversation.objects.filter(parent=matter.lock(parent))
    write = partial(_ask, request, parent, form)
    return once.begin(among=sides, member=request.member, sent=request.POST, write=write)


def _ask(request: WorkspaceRequest, parent: Conversation, form: SideForm) -> Entry:
    """The first word of a new side conversation. Raises CannotReply and ValidationError."""
    data: dict[str, Any] = form.cleaned_data
    member = request.member
    files = [
        *enclosures.copies(data["enclosed"], member=member),
        *waiting(data["attachments"], member=member),
        *(upload(file, member=member) for file in data["uploads"]),
    ]
    text = enclosures.with_quotes(data["text"], data["quotes"])
    if data["whom"] == form.INSIDE:
        return ask_colleagues(
            parent=parent,
            colleagues=data["members"],
            subject=data["subject"],
            text=text,
            member=member,
            attachments=files,
        )
    return ask_outside(
        parent=parent,
        channel=data["channel"],
        address=data["address"],
        subject=data["subject"],
        draft=Draft(text, attachments=files),
        member=member,
    )


def _begun(request: WorkspaceRequest, entry: Entry) -> HttpResponse:
    side = entry.conversation
    assert side is not None
    is_held = Delivery.objects.filter(entry=entry, status=Delivery.Status.HELD).exists()
    undo = address(request, "undo_send", entry.pk) if is_held else ""
    messages.success(request, _("Asked. The customer does not see it."), extra_tags=undo)
    return open_in_pane(request, address(request, "conversation", side.number))
