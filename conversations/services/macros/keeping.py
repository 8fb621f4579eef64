"""Keeping macros: their actions are checked, and that what they refer to is there for all who will run them."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from conversations.actions import Action, Do, check
from conversations.models import CannedReply, Label, Macro
from conversations.queries.tools import at_hand
from conversations.services.tools import keep
from tenancy.models import Member, Team


def keep_macro(
    *,
    macro: Macro,
    actions: Any,
    shared: bool,
    by: Member,
    team: Team | None = None,
    request: HttpRequest | None = None,
) -> Macro:
    """Store a macro with these actions: the member's own, or shared with a team or with everybody.

    Raises PermissionDenied, and ValidationError for actions that could not be done.
    """
    checked = check(actions)
    _check_rows(checked, by)
    if shared:
        _check_shared(checked, team)
    macro.actions = [action.as_json() for action in checked]
    return keep(tool=macro, shared=shared, by=by, team=team, request=request)


def _check_shared(actions: list[Action], team: Team | None) -> None:
    """Raise ValidationError for what not all can use who will run it."""
    theirs = CannedReply.objects.filter(Q(team=None) | Q(team=team), owner=None)
    message = _("A shared macro can only use canned replies that are shared with the same people.")
    _check_there(theirs, (one.canned for one in actions), message)


def _check_rows(actions: list[Action], by: Member) -> None:
    canned = at_hand(CannedReply, by)
    _check_there(canned, (one.canned for one in actions), _("Choose a canned reply that is there."))
    groups = Team.objects.filter(archived_at=None)
    _check_there(groups, (one.team for one in actions), _("There is no such team any more."))
    labels = Label.objects.filter(archived_at=None)
    _check_there(labels, (one.label for one in actions), _("Choose a label that is there."))
    people = Member.objects.filter(archived_at=None)
    chosen = (int(one.assignee) for one in actions if one.do == Do.ASSIGN and one.assignee.isdecimal())
    _check_there(people, chosen, _("This person is no longer a member."))


def _check_there(rows: Any, ids: Iterable[int | None], message: str) -> None:
    """Raise ValidationError with the message unless there is a row for each id."""
    wanted = {pk for pk in ids if pk is not None}
    if wanted and rows.filter(pk__in=wanted).count() != len(wanted):
        raise ValidationError({"actions": message})
