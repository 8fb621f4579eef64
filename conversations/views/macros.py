"""Settings: macros, whose actions are added, moved and removed one request at a time, with or without script."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.actions import MOST, Do, read
from conversations.models import Macro
from conversations.services import tools
from conversations.services.macros.keeping import keep_macro
from conversations.tool_forms import ActionForm, Choices, EditForm, ToolForm
from conversations.views.tools import Kind, archival, bring_back, find, kept, shelf
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role

KIND = Kind(
    Macro,
    "macro",
    "macro",
    _("Macros"),
    _("New macro"),
    _("Several actions at once: reply, assign, label, snooze. In a conversation, press M to run one."),
)
STEPS = {"up": -1, "down": 1}
NEW = "new"  # the action just added has the focus


@needs(Role.AGENT)
@require_safe
def macros(request: WorkspaceRequest) -> HttpResponse:
    """The member's own and the shared ones."""
    return shelf(request, KIND)


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    """Make one; `copy` is the id of one to begin with."""
    copied = request.GET.get("copy", "")
    like = find(request, KIND, int(copied)) if copied.isdecimal() and len(copied) < 19 else Macro()
    return _edit(request, Macro(name=like.name, actions=like.actions, owner=request.member))


@needs(Role.AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def macro(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Change one; who may not still sees it, and can make a copy of their own."""
    return _edit(request, find(request, KIND, pk))


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


def _edit(request: WorkspaceRequest, macro: Macro) -> HttpResponse:
    choices = Choices(request.member)
    if request.method != "POST":
        said = [ActionForm.initial_of(action) for action in read(macro.actions)]
        form = ToolForm(initial={"name": macro.name, "share": ToolForm.share_of(macro)}, by=request.member)
        return _page(request, macro, form, _forms(said, choices))
    edit = EditForm(request.POST)
    said = _said(request.POST, edit.cleaned_data["count"] if edit.is_valid() else 0)
    if edit.cleaned_data.get("edit"):
        focus = _edited(said, edit.cleaned_data)
        about = {"name": request.POST.get("name", ""), "share": request.POST.get("share", "")}
        form = ToolForm(initial=about, by=request.member)
        actions = _forms(said, choices)
        if focus == NEW:
            focus = actions[-1].take_focus() or f"remove:{len(actions) - 1}"
        return _page(request, macro, form, actions, focus=focus)
    return _save(request, macro, _forms(said, choices, request.POST))


def _save(request: WorkspaceRequest, macro: Macro, actions: Sequence[ActionForm]) -> HttpResponse:
    form = ToolForm(request.POST, by=request.member)
    if all([form.is_valid(), *(action.is_valid() for action in actions)]):
        macro.name = form.cleaned_data["name"]
        try:
            keep_macro(
                macro=macro,
                actions=[action.as_said() for action in actions],
                by=request.member,
                request=request,
                **form.shared(),
            )
            return kept(request, KIND, macro)
        except ValidationError as error:
            form.add_error(None, error.messages[0])
    return _page(request, macro, form, actions, status=422)


def _page(
    request: WorkspaceRequest,
    macro: Macro,
    form: ToolForm,
    actions: Sequence[ActionForm],
    *,
    focus: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "kind": KIND,
        "macro": macro,
        "form": form,
        "actions": actions,
        "kinds": EditForm().fields["add"].choices,  # type: ignore[attr-defined]
        "is_full": len(actions) >= MOST,
        "focus": focus,
        "may_change": macro.pk is None or tools.may_change(macro, request.member),
    }
    return render(request, "conversations/tools/macro.html", context, status=status)


def _said(posted: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """What the page's list of actions says, as typed."""
    rows = [
        {name: posted.get(f"{place}-{name}", "") for name in ActionForm.base_fields} for place in range(count)
    ]
    return [row for row in rows if row["do"] in list(Do)]


def _forms(
    said: Sequence[Mapping[str, Any]], choices: Choices, posted: Mapping[str, Any] | None = None
) -> list[ActionForm]:
    """A form for each action; where they are `posted`, they are checked."""
    return [
        ActionForm(posted, initial=dict(row), prefix=str(place), do=Do(row["do"]), choices=choices)
        for place, row in enumerate(said)
    ]


def _edited(said: list[dict[str, Any]], asked: Mapping[str, Any]) -> str:
    """Change the list as a button says; returns what is to have the focus: the same button of the same action."""
    verb, _colon, place = asked["edit"].partition(":")
    if verb == "add" and asked["add"] and len(said) < MOST:
        said.append({"do": asked["add"]})
        return NEW
    if verb == "add" or int(place) >= len(said):
        return "add"
    action = said.pop(int(place))
    if verb == "remove":
        return f"remove:{min(int(place), len(said) - 1)}" if said else "add"
    now = min(max(int(place) + STEPS[verb], 0), len(said))
    said.insert(now, action)
    return f"{verb}:{now}"
