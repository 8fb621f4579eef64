"""Which conversations a request is about that is about several: those that were ticked, one, or all of a view."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404

from conversations.forms import ChosenForm
from conversations.queries import lists, saved
from conversations.services.bulk.acting import MOST
from tenancy.access import WorkspaceRequest


@dataclass(frozen=True, slots=True)
class Chosen:
    """Ids of conversations, the numbers that were asked for and are not there, and whether there are more than one
    act can have."""

    ids: Sequence[int]
    numbers: Sequence[int] = ()
    absent: Sequence[int] = ()
    view: str = ""
    is_all: bool = False
    is_cut: bool = False


def chosen(request: WorkspaceRequest) -> Chosen:
    """What ChosenForm asks for. Raises Http404 for no view."""
    form = ChosenForm(request.POST if request.method == "POST" else request.GET)
    form.is_valid()
    asked = form.cleaned_data
    if asked["all"] and not asked["only"]:
        return _of_view(request, asked["view"])
    wanted = asked["only"] or asked["number"]
    found = lists.numbered(wanted[:MOST]).read()
    absent = [number for number in wanted[:MOST] if number not in found]
    return Chosen(list(found.values()), list(found), absent, asked["view"], is_cut=len(wanted) > MOST)


def _of_view(request: WorkspaceRequest, key: str) -> Chosen:
    try:
        view = saved.find_view(key, request.member)
    except lists.UnknownView as error:
        raise Http404 from error
    ids = lists.ids(view, request.member, most=MOST + 1).read()
    return Chosen(ids[:MOST], view=key, is_all=True, is_cut=len(ids) > MOST)
