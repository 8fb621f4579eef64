"""The pages of a contact and of an account: everything, over all channels, by time."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from contacts import queries as people
from contacts.lines import lines_of
from contacts.models import Account, Attribute, Contact
from conversations.queries import timelines
from conversations.views import panes
from tenancy.access import WorkspaceRequest, needs
from tenancy.keyset import Cursor
from tenancy.models import Role
from tenancy.reading import together


@needs(Role.AGENT)
def contact(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A person: their timeline, and the card."""
    who = people.whom(get_object_or_404(Contact, pk=pk))
    before, size = _asked(request)
    card, page = together(panes.card_pane(who), timelines.contact_page(who, before=before)).read()
    context = card | {"timeline": page, "size": size}
    return render(request, "conversations/contact.html", context)


@needs(Role.AGENT)
def contact_timeline(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Earlier moments of a contact, or all that are on screen again."""
    found = get_object_or_404(Contact, pk=pk)
    before, size = _asked(request)
    who = people.whom(found)
    page = timelines.contact_page(who, before=before, size=timelines.PAGE if before else size)
    return _fragment(request, page.read(), before, size, {"contact": found})


@needs(Role.AGENT)
def contact_card(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The contact card alone; `beside` is the number of the conversation that is open."""
    found = get_object_or_404(Contact, pk=pk)
    beside = request.GET.get("beside", "")
    is_number = beside.isdecimal() and len(beside) < 19
    card = panes.card_pane(people.whom(found), beside=int(beside) if is_number else None)
    opened = [panes.conversation_pane(int(beside), "open")] if is_number else []
    context = panes.show(card, *opened)
    return render(request, "conversations/_card.html", context)


@needs(Role.AGENT)
def account(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A company: the timeline of all its people, and who they are."""
    found = get_object_or_404(Account, pk=pk)
    before, size = _asked(request)
    context = _summary(found) | {
        "timeline": timelines.account_page(found, before=before).read(),
        "size": size,
    }
    return render(request, "conversations/account.html", context)


@needs(Role.AGENT)
def account_timeline(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Earlier moments of an account, or all that are on screen again, with its summary."""
    found = get_object_or_404(Account, pk=pk)
    before, size = _asked(request)
    page = timelines.account_page(found, before=before, size=timelines.PAGE if before else size)
    return _fragment(request, page.read(), before, size, {"account": found})


@needs(Role.AGENT)
def account_notes(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The notes about a company, for its page."""
    found = get_object_or_404(Account, pk=pk)
    address = reverse("contacts:account_notes", args=[request.workspace.slug, pk])
    context = {"notes": people.notes_about(found).read(), "notes_address": address}
    return render(request, "contacts/_notes.html", context)


def _summary(found: Account) -> dict[str, object]:
    attributes = people.attributes_of(Attribute.Of.ACCOUNT)
    others, notes, defined = together(timelines.open_at(found), people.notes_about(found), attributes).read()
    return {
        "account": found,
        "people": people.people(found),
        "domains": people.domains(found),
        "others": others,
        "notes": notes,
        "known": lines_of(found, defined),
    }


def _asked(request: WorkspaceRequest) -> tuple[Cursor | None, int]:
    return Cursor.parse(request.GET.get("before")), panes.size_asked(request, timelines.PAGE)


def _fragment(
    request: WorkspaceRequest,
    page: timelines.Timeline,
    before: Cursor | None,
    size: int,
    whose: dict[str, object],
) -> HttpResponse:
    shown = len(page.moments) + (size if before else 0)
    continued = timezone.localtime(before.at).date() if before else None
    context = {"timeline": page, "size": shown, "before": before, "continued": continued, **whose}
    return render(request, "conversations/_timeline_fragment.html", context)
