"""What agents do with a conversation: a noun for each, posted to."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.attributes import value_words
from contacts.forms import AttributeForm, kept
from contacts.models import Attribute
from conversations.forms import AssignmentForm, DueForm, LabelForm, PriorityForm, SnoozeForm, SubjectForm
from conversations.models import Conversation
from conversations.services import labels as label_services
from conversations.services import work
from conversations.views.acts import acted, address, refused, resolved, shown
from conversations.views.panes import find_conversation
from tenancy.access import WorkspaceRequest, needs
from tenancy.models import Role
from tenancy.moments import moment


@needs(Role.AGENT)
@require_POST
def assignment(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Give the conversation to a member or to a team, or to nobody."""
    conversation = find_conversation(number)
    form = AssignmentForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    assignee, team = form.cleaned_data["member"], form.cleaned_data["team"]
    before = {"team": conversation.team_id or "", "member": conversation.assignee_id or ""}
    said = _("Assigned to %(name)s") % {"name": assignee} if assignee else _("Assigned to nobody")
    if "team" in request.POST:
        work.assign_team(conversation=conversation, team=team, member=request.member)
        said = _("Given to the team %(name)s") % {"name": team} if team else _("Given to no team")
    if "member" in request.POST or "team" not in request.POST:
        work.assign(conversation=conversation, assignee=assignee, member=request.member)
    return acted(request, conversation, said, undo=address(request, "assignment", number, **before))


@needs(Role.AGENT)
@require_POST
def take(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Assign the conversation to oneself."""
    conversation = find_conversation(number)
    before = conversation.assignee_id or ""
    work.take(conversation=conversation, member=request.member)
    undo = address(request, "assignment", number, member=before)
    return acted(request, conversation, _("Assigned to you"), undo=undo)


@needs(Role.AGENT)
@require_POST
def resolution(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Resolve the conversation."""
    conversation = find_conversation(number)
    work.resolve(conversation=conversation, member=request.member)
    undo = address(request, "reopening", number)
    messages.success(request, _("Resolved"), extra_tags=undo)
    return resolved(request, lambda: shown(request, conversation))


@needs(Role.AGENT)
@require_POST
def reopening(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Take the conversation up again."""
    conversation = find_conversation(number)
    was = conversation.status
    work.reopen(conversation=conversation, member=request.member)
    undo = address(request, "resolution", number) if was == Conversation.Status.RESOLVED else ""
    return acted(request, conversation, _("Open again"), undo=undo)


@needs(Role.AGENT)
@require_POST
def pending(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Say that the customer has to answer."""
    conversation = find_conversation(number)
    work.set_status(conversation=conversation, status=Conversation.Status.PENDING, member=request.member)
    return acted(
        request, conversation, _("Waiting on the customer"), undo=address(request, "reopening", number)
    )


@needs(Role.AGENT)
@require_POST
def snooze(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Put the conversation away until a time."""
    conversation = find_conversation(number)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    until = form.cleaned_data["until"]
    work.snooze(conversation=conversation, until=until, member=request.member)
    said = _("Snoozed until %(until)s") % {"until": moment(until)}
    return acted(request, conversation, said, undo=address(request, "reopening", number))


@needs(Role.AGENT)
@require_POST
def priority(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Say how urgent it is."""
    conversation = find_conversation(number)
    form = PriorityForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    wanted = form.cleaned_data["priority"]
    before = conversation.priority
    work.set_priority(conversation=conversation, priority=wanted, member=request.member)
    said = _("Priority: %(name)s") % {"name": Conversation.Priority(wanted).label.lower()}
    return acted(request, conversation, said, undo=address(request, "priority", number, priority=before))


@needs(Role.AGENT)
@require_POST
def due(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Say by when something has to be done, or that nothing has to be."""
    conversation = find_conversation(number)
    form = DueForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    wanted, before = form.cleaned_data["due"], conversation.due_at
    work.set_due(conversation=conversation, due=wanted, member=request.member)
    said = _("Due %(when)s") % {"when": moment(wanted)} if wanted else _("Due by no time")
    undo = address(request, "due", number, due=before.isoformat() if before else "")
    return acted(request, conversation, said, undo=undo)


@needs(Role.AGENT)
@require_POST
def labels(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Put a label on, take one off, or make one and put it on."""
    conversation = find_conversation(number)
    form = LabelForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    if label := form.cleaned_data["remove"]:
        work.remove_label(conversation=conversation, label=label, member=request.member)
        said, undo = _("Label %(name)s removed"), {"add": label.pk}
    else:
        label = form.cleaned_data["add"] or label_services.label_named(name=form.cleaned_data["name"])
        work.add_label(conversation=conversation, label=label, member=request.member)
        said, undo = _("Label %(name)s added"), {"remove": label.pk}
    words = said % {"name": label.name}
    return acted(request, conversation, words, undo=address(request, "labels", number, **undo))


@needs(Role.AGENT)
@require_POST
def attribute(request: WorkspaceRequest, number: int, pk: int) -> HttpResponse:
    """Keep one value of the workspace's own; none when it is empty."""
    conversation = find_conversation(number)
    found = get_object_or_404(Attribute, pk=pk, of=Attribute.Of.CONVERSATION, archived_at=None)
    (before,) = kept([found], conversation.attributes)
    form = AttributeForm(request.POST, attribute=found)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    value = form.cleaned_data["value"]
    work.set_attribute(conversation=conversation, attribute=found, value=value, member=request.member)
    said = _("%(name)s cleared") if value is None else _("%(name)s: %(value)s")
    words = {"name": found.name, "value": value_words(found.kind, value)}
    undo = address(request, "attribute", number, pk, value=before.form.initial["value"] or "")
    return acted(request, conversation, said % words, undo=undo)


@needs(Role.AGENT)
@require_POST
def spam(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Put the conversation aside as spam."""
    conversation = find_conversation(number)
    work.mark_spam(conversation=conversation, member=request.member)
    return acted(request, conversation, _("Marked as spam"), undo=address(request, "not_spam", number))


@needs(Role.AGENT)
@require_POST
def not_spam(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Take the conversation back from spam."""
    conversation = find_conversation(number)
    work.unmark_spam(conversation=conversation, member=request.member)
    return acted(request, conversation, _("Back among the others"), undo=address(request, "spam", number))


@needs(Role.AGENT)
@require_POST
def subject(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Change the subject as members see it."""
    conversation = find_conversation(number)
    form = SubjectForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    before = conversation.subject
    work.rename(conversation=conversation, subject=form.cleaned_data["subject"], member=request.member)
    undo = address(request, "subject", number, subject=before) if before else ""
    return acted(request, conversation, _("Renamed"), undo=undo)


@needs(Role.AGENT)
@require_POST
def seen(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Remember that the member has read it up to now."""
    work.mark_seen(conversation=find_conversation(number), member=request.member)
    return HttpResponse(status=204)


@needs(Role.AGENT)
@require_POST
def unseen(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Have the customer's last message be unread again to the member."""
    conversation = find_conversation(number)
    work.mark_unseen(conversation=conversation, member=request.member)
    return acted(request, conversation, _("Marked as unread"), undo=address(request, "seen", number))


def _first(form: forms.Form) -> str:
    """The first thing that is wrong with a form."""
    return str(next(iter(form.errors.values()))[0])
