"""What a member has begun to write, as their windows keep it; and the files that go with it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.emoji import groups
from conversations.forms import DraftForm, UploadForm
from conversations.models import KeptDraft
from conversations.queries.drafts import Begun, revisions
from conversations.services import drafts, moves
from conversations.services.files import upload
from conversations.views import panes
from conversations.views.acts import address, open_in_pane
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Keep what a window has, and say how often that was done; or settle which of two texts it is to be.

    Asked with GET, the composer as it is kept, where that is newer than what the window was made from; else 204.
    """
    conversation = panes.find_conversation(number)
    if request.method != "POST":
        known = revisions(number, request.member).get(request.GET.get("mode", ""), 0)
        is_known = request.GET.get("revision") == str(known)
        return HttpResponse(status=204) if is_known else _composer(request, number)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    said = form.cleaned_data
    who = {"conversation": conversation, "member": request.member, "mode": said["mode"]}
    try:
        kept = drafts.keep(written=form.written, revision=said["revision"] or 0, writer=said["writer"], **who)
    except drafts.Gone:  # it was sent from another window: what this one has begins anew
        return _saved(request, None, trigger="keep", **who)
    if said["other"]:
        drafts.take_other(use=said["other"] == "use", **who)
        return _composer(request, number, mode=said["mode"])
    return _saved(request, kept, **who)


@needs(Role.AGENT)
@require_POST
def going_on(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Bring what was to be answered to where the conversation went on, and open that."""
    conversation = panes.find_conversation(number)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    to = moves.gone_to(conversation) or conversation  # it may have been moved back
    who: dict[str, Any] = {"conversation": conversation, "member": request.member}
    if to == conversation:
        drafts.keep(mode=KeptDraft.Mode.REPLY, written=form.written, **who)
    else:
        drafts.carry(to=to, written=form.written, **who)
    return open_in_pane(request, address(request, "conversation", to.number))


@needs(Role.AGENT)
@require_POST
def uploads(request: WorkspaceRequest) -> HttpResponse:
    """Take files in before what they go with is sent: items of the composer's list (201), or why not (422)."""
    form = UploadForm(request.POST, request.FILES)
    errors = [str(error) for errors in form.errors.values() for error in errors]
    if form.is_valid():
        try:
            with transaction.atomic():
                files = [upload(file, member=request.member) for file in form.cleaned_data["uploads"]]
            return render(request, "conversations/_uploads.html", {"files": files}, status=201)
        except ValidationError as error:
            errors = error.messages
    response = render(request, "conversations/_trouble.html", {"errors": errors}, status=422)
    mode = form.cleaned_data.get("mode") or KeptDraft.Mode.REPLY
    response["HX-Retarget"], response["HX-Reswap"] = f"#trouble-{mode}", "innerHTML"
    return response


@needs(Role.AGENT)
@require_safe
def emoji(request: WorkspaceRequest) -> HttpResponse:
    """The emoji that can be put in, as items of a picker; the same for a day."""
    response = render(request, "conversations/_emoji_list.html", {"groups": groups()})
    response["Cache-Control"] = "private, max-age=86400"
    return response


def _composer(request: WorkspaceRequest, number: int, **state: Any) -> HttpResponse:
    """With the same mark of what the reader has seen."""
    seen = request.POST.get("seen") or request.GET.get("seen", "")
    context = panes.show(panes.composer_pane(number, request.member, newest=seen, **state))
    return render(request, "conversations/_composer.html", context)


def _saved(
    request: WorkspaceRequest, kept: KeptDraft | None, *, trigger: str = "", **who: Any
) -> HttpResponse:
    context = {"draft": kept, "begun": kept and Begun(kept, ()), **who}
    response = render(request, "conversations/_saved_fragment.html", context)
    if trigger:
        response["HX-Trigger"] = trigger
    return response
