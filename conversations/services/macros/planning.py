"""What a macro would do in a conversation: every reference looked up, every text filled, and said in words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.actions import Action, Do, read
from conversations.models import CannedReply, Conversation, Label, Macro
from conversations.queries import compose
from conversations.queries.compose import Way
from conversations.queries.tools import at_hand, values_of
from conversations.services.reply import CannotReply, Draft, check_reply
from conversations.services.tools import say
from conversations.snoozes import choices
from conversations.variables import Filled, fill
from tenancy.models import Member, Team
from tenancy.moments import moment

Status, Priority = Conversation.Status, Conversation.Priority
NOTHING = Filled("")


@dataclass(frozen=True, slots=True)
class Step:
    """One action, as it would be done here. `trouble` says why it cannot be; then nothing of the macro is."""

    action: Action
    words: str
    trouble: str = ""
    filled: Filled = NOTHING
    html: str = ""
    way: Way | None = None
    assignee: Member | None = None
    team: Team | None = None
    label: Label | None = None
    until: datetime | None = None

    @property
    def is_sent(self) -> bool:
        """Whether it is a reply that goes to the customer."""
        return self.action.do == Do.REPLY and self.action.send


@dataclass(frozen=True, slots=True)
class Plan:
    """All of a macro, in the order in which it says it."""

    macro: Macro
    steps: Sequence[Step]

    @property
    def troubles(self) -> list[str]:
        """Why it cannot be run here; empty where it can."""
        return [step.trouble for step in self.steps if step.trouble]

    @property
    def composed(self) -> Step | None:
        """The text that goes into the composer, for the member to go on with."""
        found = (step for step in self.steps if step.action.do == Do.REPLY and not step.action.send)
        return next(found, None)


def plan(*, macro: Macro, conversation: Conversation, member: Member) -> Plan:
    """What a macro would do for a member in a conversation, in as many queries however long it is."""
    actions = read(macro.actions)
    known = _Known(actions, conversation, member)
    return Plan(macro, [known.step(action) for action in actions])


class _Known:
    """What actions refer to, read at once."""

    def __init__(self, actions: Sequence[Action], conversation: Conversation, member: Member) -> None:
        rows = Conversation.objects.select_related("contact", "account", "brand", "last_channel")
        self.conversation = rows.get(pk=conversation.pk)
        self.member = member
        self.values = values_of(self.conversation, member)
        self.canned = _by_id(at_hand(CannedReply, member), (action.canned for action in actions))
        self.labels = _by_id(Label.objects.filter(archived_at=None), (action.label for action in actions))
        self.teams = _by_id(Team.objects.filter(archived_at=None), (action.team for action in actions))
        self.people = self._people(actions)
        self.way = self._way(actions)

    def _people(self, actions: Sequence[Action]) -> Mapping[int, Member]:
        chosen = (int(action.assignee) for action in actions if action.assignee.isdecimal())
        return _by_id(Member.objects.filter(archived_at=None), chosen)

    def _way(self, actions: Sequence[Action]) -> Way | None:
        if not any(action.do == Do.REPLY and action.send for action in actions):
            return None
        ways = compose.ways_to(self.conversation.contact, first=self.conversation.last_channel)
        return next(iter(ways), None)

    def step(self, action: Action) -> Step:
        """One action, as it would be done."""
        return self._steps[action.do](action)

    @property
    def _steps(self) -> Mapping[Do, Callable[[Action], Step]]:
        return {
            Do.REPLY: self._reply,
            Do.NOTE: self._note,
            Do.ASSIGN: self._assign,
            Do.TEAM: self._team,
            Do.STATUS: _status,
            Do.PRIORITY: _priority,
            Do.LABEL: self._label,
            Do.UNLABEL: self._label,
            Do.SPAM: lambda action: Step(action, _("Mark as spam")),
        }

    def _note(self, action: Action) -> Step:
        return Step(action, _("Add a note"), filled=fill(action.text, self.values))

    def _reply(self, action: Action) -> Step:
        canned = self.canned.get(action.canned or 0)
        if action.canned and canned is None:
            return Step(action, _("Reply"), _("The canned reply that it uses is not there any more."))
        if canned and not action.text:
            said = say(canned, self.values)
            filled, html = Filled(said.text, said.missing), said.html
        else:
            text = "\n\n".join(filter(None, [canned.text if canned else "", action.text]))
            filled, html = fill(text, self.values), ""
        if not action.send:
            return Step(action, _("Put a reply into the composer"), filled=filled, html=html)
        return self._sent(action, filled, html)

    def _sent(self, action: Action, filled: Filled, html: str) -> Step:
        if self.way is None:
            return Step(action, _("Reply"), _("No channel reaches this contact."), filled)
        words = _("Reply by %(channel)s to %(address)s") % {
            "channel": self.way.channel,
            "address": self.way.identity,
        }
        trouble = ""
        if filled.missing:
            trouble = _("The reply needs what is not known here: %(what)s.") % {
                "what": ", ".join(filled.words)
            }
        try:
            check_reply(self.conversation, self.way.channel, Draft(filled.text))
        except CannotReply as error:
            trouble = str(error)
        return Step(action, words, trouble, filled, html if self.way.limits.html else "", self.way)

    def _assign(self, action: Action) -> Step:
        if action.assignee == "none":
            return Step(action, _("Assign to nobody"))
        if action.assignee == "me":
            return Step(action, _("Assign to you"), assignee=self.member)
        person = self.people.get(int(action.assignee))
        if person is None:
            return Step(action, _("Assign"), _("The person that it assigns to is no longer a member."))
        return Step(action, _("Assign to %(name)s") % {"name": person}, assignee=person)

    def _team(self, action: Action) -> Step:
        if action.team is None:
            return Step(action, _("Take it from its team"))
        team = self.teams.get(action.team)
        if team is None:
            return Step(action, _("Give to a team"), _("The team that it gives to is not there any more."))
        return Step(action, _("Give to the team %(name)s") % {"name": team}, team=team)

    def _label(self, action: Action) -> Step:
        adds = action.do == Do.LABEL
        label = self.labels.get(action.label or 0)
        if label is None:
            return Step(action, _("Label"), _("The label that it uses is not there any more."))
        words = _("Add the label %(name)s") if adds else _("Remove the label %(name)s")
        return Step(action, words % {"name": label}, label=label)


def _priority(action: Action) -> Step:
    name = Priority[action.priority.upper()].label.lower()
    return Step(action, _("Set the priority to %(name)s") % {"name": name})


def _status(action: Action) -> Step:
    match action.status:
        case Status.RESOLVED:
            return Step(action, _("Resolve"))
        case Status.PENDING:
            return Step(action, _("Wait for the customer"))
        case Status.OPEN:
            return Step(action, _("Open again"))
    now = timezone.localtime()
    until = now + timedelta(hours=action.hours) if action.hours else choices(now)[1].until
    return Step(action, _("Snooze until %(until)s") % {"until": moment(until)}, until=until)


def _by_id(rows: Any, ids: Iterable[int | None]) -> Mapping[int, Any]:
    wanted = {pk for pk in ids if pk}
    return {row.pk: row for row in rows.filter(pk__in=wanted)} if wanted else {}
