"""The thread: fragments of it, and the parts of an entry that stand outside the page."""

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from conversations import html as markup
from conversations.models import Attachment, EntryBody
from conversations.queries.threads import Stretch
from conversations.services.files import SHOWN_INLINE
from conversations.views import panes
from conversations.views.files import LOOKED_AT, serve
from tenancy.access import WorkspaceRequest, needs
from tenancy.keyset import Cursor
from tenancy.models import Role

# A mail is a page of its own, without script: only its own styles and, when asked for, its pictures.
MAIL_POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:{images}; \
frame-ancestors 'self'; base-uri 'none'; form-action 'none'; \
sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"


@needs(Role.AGENT)
def entries(request: WorkspaceRequest, number: int) -> HttpResponse:
    """A stretch of the thread: its newest part again, with the head; a page further up, again; the page above one
    (`upto`), or the first page below one (`fill`).

    Where the newest part has grown beyond a page, the thread begins anew.
    """
    asked = {name: Cursor.parse(request.GET.get(name)) for name in ("after", "upto", "read")}
    within, fills = Stretch(asked["after"], asked["upto"]), "fill" in request.GET
    read_at = asked["read"].at if asked["read"] else None
    thread = panes.thread_pane(number, request.member, within=within, oldest=fills, read_at=read_at)
    if within.upto:
        context = panes.show(panes.conversation_pane(number, "open"), thread)
        context |= {
            "until": within.upto,
            "is_top": not within.after,
            "has_gap": fills and context["thread"].is_cut,
        }
        return render(request, "conversations/_thread_page.html", context)
    context = panes.show(panes.head_pane(number), thread, panes.sides_pane(number, request.member))
    response = render(request, "conversations/_entries_fragment.html", context)
    if context["thread"].is_cut:
        response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
    return response


@needs(Role.AGENT)
@xframe_options_sameorigin
def entry_html(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A message's own HTML, sanitised when it was stored, as a page for a sandboxed frame."""
    body = get_object_or_404(EntryBody.objects.filter(entry=pk).order_by("-version")[:1])
    images = "images" in request.GET
    shown = markup.show_remote(body.html) if images else body.html
    response = render(request, "conversations/mail_frame.html", {"html": shown})
    response["Content-Security-Policy"] = MAIL_POLICY.format(images=" https: http:" if images else "")
    response["Referrer-Policy"] = "no-referrer"
    return response


@needs(Role.AGENT)
@xframe_options_sameorigin
def attachment(request: WorkspaceRequest, pk: int) -> HttpResponseBase:
    """A file, in place only where that is harmless."""
    theirs = Q(entry__isnull=False) | Q(member=request.member)  # what is not sent yet is its writer's alone
    found = get_object_or_404(Attachment.objects.select_related("entry__conversation").filter(theirs), pk=pk)
    is_here = found.state == Attachment.State.STORED
    response = serve(request, found, shown=SHOWN_INLINE) if is_here else None
    if response is None:
        return render(request, "conversations/no_file.html", {"file": found}, status=404)
    response["Content-Security-Policy"] = LOOKED_AT
    return response
