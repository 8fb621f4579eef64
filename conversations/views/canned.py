"""Settings: canned replies, each looked at as it would read in a real conversation."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations import richtext
from conversations.models import CannedReply, Conversation
from conversations.queries.tools import at_hand, values_in
from conversations.services import tools
from conversations.services.canned_sheets import COLUMNS, read_in, written
from conversations.tool_forms import CannedForm, SheetForm
from conversations.variables import VARIABLES, unknown
from conversations.views.tools import Kind, archival, bring_back, find, kept, shelf, to_shelf
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role

KIND = Kind(
    CannedReply,
    "canned_reply",
    "canned",
    _("Canned replies"),
    _("New canned reply"),
    _("Texts that you write again and again. In a reply or a note, type / to put one in."),
)
FIELDS = ("name", "shortcut", "text", "html", "brand", "language")


@needs(Role.AGENT)
@require_safe
def canned_replies(request: WorkspaceRequest) -> HttpResponse:
    """The member's own and the shared ones."""
    return shelf(request, KIND, sheets=True)


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    """Make one; `copy` is the id of one to begin with."""
    copied = request.GET.get("copy", "")
    canned = find(request, KIND, int(copied)) if copied.isdecimal() and len(copied) < 19 else CannedReply()
    return _edit(request, CannedReply(), _known(canned) | {"shortcut": "", "share": ""})


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def canned_reply(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Change one; who may not still sees it, and can make a copy of their own."""
    canned = find(request, KIND, pk)
    return _edit(request, canned, _known(canned))


@needs(Role.AGENT)
@require_safe
def sheet(request: WorkspaceRequest) -> HttpResponse:
    """All of them that are in use, as a CSV file."""
    rows = at_hand(CannedReply, request.member).select_related("brand").order_by("name", "id")
    response = HttpResponse(written(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="canned-replies.csv"'
    return response


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def sheet_import(request: WorkspaceRequest) -> HttpResponse:
    """Take in a CSV file: all of it, or nothing where a line is wrong."""
    form = SheetForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            count = read_in(text=form.cleaned_data["sheet"], by=request.member, request=request)
        except ValidationError as error:
            form.add_error("sheet", error.messages[0])
        else:
            said = ngettext("%(n)d canned reply is kept.", "%(n)d canned replies are kept.", count)
            messages.success(request, said % {"n": count})
            return to_shelf(request, KIND)
    context = {"kind": KIND, "form": form, "columns": COLUMNS}
    return render(request, "conversations/tools/sheet.html", context, status=422 if form.errors else 200)


@needs(Role.AGENT)
@require_POST
def archive(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Put one away."""
    return archival(request, KIND, pk)


@needs(Role.AGENT)
@require_POST
def take_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Take one out of the archive."""
    return bring_back(request, KIND, pk)


def _known(canned: CannedReply) -> dict[str, Any]:
    return {name: getattr(canned, name) for name in FIELDS} | {"share": CannedForm.share_of(canned)}


def _edit(request: WorkspaceRequest, canned: CannedReply, known: dict[str, Any]) -> HttpResponse:
    form = CannedForm(request.POST or None, initial=known, by=request.member)
    may_change = canned.pk is None or tools.may_change(canned, request.member)
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        try:
            return kept(request, KIND, _store(request, canned, form))
        except ValidationError as error:
            form.add_error(None, error)
    shown = form.data if form.is_bound else known
    looked_at = CannedReply(text=shown.get("text", ""), html=shown.get("html", ""))
    context = {
        "kind": KIND,
        "form": form,
        "canned": canned,
        "may_change": may_change,
        "variables": VARIABLES.items(),
        "mine": {"draft": looked_at},  # as the composer calls what its editor holds
        **_preview(request, looked_at),
    }
    failed = form.is_bound and "preview" not in request.POST
    return render(request, "conversations/tools/canned.html", context, status=422 if failed else 200)


def _store(request: WorkspaceRequest, canned: CannedReply, form: CannedForm) -> CannedReply:
    said = form.cleaned_data
    if form.is_rich:
        canned.html = said["html"]
    elif said["text"] != canned.text:
        canned.html = ""  # it said what the text said before
    for name in ("name", "shortcut", "text", "language"):
        setattr(canned, name, said[name])
    canned.brand = said["brand"]
    return tools.keep(tool=canned, by=request.member, request=request, **form.shared())


def _preview(request: WorkspaceRequest, canned: CannedReply) -> dict[str, Any]:
    """The reply in a real conversation: the one whose number was typed, else the newest."""
    asked = request.POST.get("number", "").strip().removeprefix("#")
    customers = Conversation.objects.filter(kind=Conversation.Kind.CUSTOMER, is_spam=False)
    if asked.isdecimal() and len(asked) < 19:
        customers = customers.filter(number=int(asked))
    number = customers.order_by("-last_at", "-id").values_list("number", flat=True).first()
    facts: dict[str, Any] = {"number": number, "asked": asked, "strange": unknown(canned.text)}
    if number is None:
        return facts
    said = tools.say(canned, values_in(number, request.member).read())
    html = mark_safe(said.html) if richtext.is_formatted(said.html) else ""  # noqa: S308 - `say` cleans it
    return facts | {"said": said, "html": html}
