"""What a member is told: the list of their notices, the bell, and what they have read of them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.models import Notice
from conversations.queries.notices import notices_of, unread_of
from conversations.services import notices as services
from tenancy.access import WorkspaceRequest, needs
from tenancy.keyset import Cursor
from tenancy.models import Role
from tenancy.preferences import By
from tenancy.reading import together

SPOKEN = 5  # notices that a browser speaks of at once


@needs(Role.AGENT)
@require_safe
def centre(request: WorkspaceRequest) -> HttpResponse:
    """A member's notices, newest first, by conversation."""
    before, only_unread = Cursor.parse(request.GET.get("before")), "unread" in request.GET
    page, unread = together(
        notices_of(request.member, before=before, only_unread=only_unread), unread_of(request.member)
    ).read()
    context = {"page": page, "unread": unread, "only_unread": only_unread, "before": before}
    return render(request, "conversations/notices.html", context)


@needs(Role.AGENT)
@require_safe
def bell(request: WorkspaceRequest) -> HttpResponse:
    """How many are unread, and of the newest what the browser may speak of now."""
    wishes = request.member.wishes
    page, unread = together(
        notices_of(request.member, only_unread=True, size=SPOKEN), unread_of(request.member)
    ).read()
    is_quiet = wishes.is_quiet(timezone.localtime())
    spoken = [told for told in page.told if not is_quiet and wishes.tells(told.notice.kind, By.BROWSER)]
    context = {"unread": unread, "told": page.told, "spoken": spoken, "wishes": wishes}
    return render(request, "conversations/_bell.html", context)


@needs(Role.AGENT)
@require_POST
def reading(request: WorkspaceRequest) -> HttpResponse:
    """All have been read."""
    services.read(member=request.member)
    messages.success(request, _("All notices are read"))
    return _back(request)


@needs(Role.AGENT)
@require_POST
def one_read(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """One has been read, with all others of its conversation; or, with `undo`, it has not been read after all."""
    notice = get_object_or_404(Notice.objects.select_related("entry"), pk=pk, member=request.member)
    if request.POST.get("undo"):
        services.unread(member=request.member, notice=notice)
    else:
        services.read(member=request.member, conversation=notice.entry.conversation)
    return _back(request)


def _back(request: WorkspaceRequest) -> HttpResponse:
    if not request.htmx:
        return redirect(reverse("conversations:notices", args=[request.workspace.slug]))
    return render(request, "_shell/toasts_oob.html")
