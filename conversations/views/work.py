"""What agents do with a conversation: a noun for each, posted to, and one that takes any of them back."""

from django import forms
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.forms import AttributeForm
from contacts.models import Attribute
from conversations.forms import AssignmentForm, DueForm, LabelForm, PriorityForm, SnoozeForm, SubjectForm
from conversations.models import Bulk
from conversations.queries.act_words import how_it_stands
from conversations.queries.bulk_words import reason_words
from conversations.services import work
from conversations.services.bulk import alone
from conversations.views.acts import acted, do, refused, resolved, shown
from conversations.views.panes import find_conversation
from tenancy.access import WorkspaceRequest, needs
from tenancy.lanes import Fail, Ignore
from tenancy.models import Role

Noun = Bulk.Noun


@needs(Role.AGENT)
@require_POST
def assignment(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Give the conversation to a member or to a team, or to nobody."""
    conversation = find_conversation(number)
    form = AssignmentForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    return do(request, conversation, Noun.ASSIGNMENT, **form.facts)


@needs(Role.AGENT)
@require_POST
def take(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Assign the conversation to oneself."""
    return do(request, find_conversation(number), Noun.ASSIGNMENT, member=request.member.pk)


@needs(Role.AGENT)
@require_POST
def resolution(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Resolve the conversation."""
    conversation = find_conversation(number)

    def answer() -> HttpResponse:
        return resolved(request, lambda: shown(request, conversation))

    return do(request, conversation, Noun.RESOLUTION, answer)


@needs(Role.AGENT)
@require_POST
def reopening(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Take the conversation up again."""
    return do(request, find_conversation(number), Noun.REOPENING)


@needs(Role.AGENT)
@require_POST
def pending(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Say that the customer has to answer."""
    return do(request, find_conversation(number), Noun.PENDING)


@needs(Role.AGENT)
@require_POST
def snooze(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Put the conversation away until a time."""
    conversation = find_conversation(number)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    return do(request, conversation, Noun.SNOOZE, until=form.cleaned_data["until"].isoformat())


@needs(Role.AGENT)
@require_POST
def priority(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Say how urgent it is."""
    conversation = find_conversation(number)
    form = PriorityForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    return do(request, conversation, Noun.PRIORITY, priority=form.cleaned_data["priority"])


@needs(Role.AGENT)
@require_POST
def due(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Say by when something has to be done, or that nothing has to be."""
    conversation = find_conversation(number)
    form = DueForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    wanted = form.cleaned_data["due"]
    return do(request, conversation, alone.DUE, due=wanted.isoformat() if wanted else None)


@needs(Role.AGENT)
@require_POST
def labels(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Put a label on, take one off, or make one and put it on."""
    conversation = find_conversation(number)
    form = LabelForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    noun, facts = form.deed()
    return do(request, conversation, noun, **facts)


@needs(Role.AGENT)
@require_POST
def attribute(request: WorkspaceRequest, number: int, pk: int) -> HttpResponse:
    """Keep one value of the workspace's own; none when it is empty."""
    conversation = find_conversation(number)
    found = get_object_or_404(Attribute, pk=pk, of=Attribute.Of.CONVERSATION, archived_at=None)
    form = AttributeForm(request.POST, attribute=found)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    return do(request, conversation, alone.ATTRIBUTE, attribute=found.pk, value=form.cleaned_data["value"])


@needs(Role.AGENT)
@require_POST
def spam(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Put the conversation aside as spam."""
    return do(request, find_conversation(number), Noun.SPAM)


@needs(Role.AGENT)
@require_POST
def not_spam(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Take the conversation back from spam."""
    return do(request, find_conversation(number), Noun.NOT_SPAM)


@needs(Role.AGENT)
@require_POST
def subject(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Change the subject as members see it."""
    conversation = find_conversation(number)
    form = SubjectForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation, _first(form))
    return do(request, conversation, alone.SUBJECT, subject=form.cleaned_data["subject"])


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
    return do(request, find_conversation(number), Noun.UNSEEN)


@needs(Role.AGENT)
@require_POST
def taking_back(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Make what one of the acts above changed what it was, unless somebody has changed it since."""
    conversation = find_conversation(number)
    try:
        done = alone.Done.of(request.POST.get("done", ""))
    except signing.BadSignature as error:
        raise Http404 from error
    if done.conversation != conversation.pk:
        raise Http404
    try:
        kept = alone.take_back(done=done, conversation=conversation, member=request.member)
    except (Ignore, Fail) as error:
        return refused(request, conversation, _("Not undone. %(why)s.") % {"why": reason_words(str(error))})
    return acted(request, conversation, how_it_stands(done.noun, done.facts, kept, is_back=True))


def _first(form: forms.Form) -> str:
    """The first thing that is wrong with a form."""
    return str(next(iter(form.errors.values()))[0])
