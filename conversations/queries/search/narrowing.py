"""Operators as conditions: of the index, and of the conversations that what is found belongs to."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from contacts.models import Affiliation
from conversations.models import Channel, Conversation, ConversationLabel, Label, Seen
from conversations.queries.search import moments
from tenancy import search
from tenancy.asked import Asked, Operator, Term
from tenancy.keyset import Cursor
from tenancy.models import Member
from tenancy.search import Ask, Kind
from tenancy.terms import condition
from tenancy.ui import channel_word

ACCOUNTS = 50  # that an `account:` may stand for
KINDS = {
    "conversations": Kind.CONVERSATION,
    "messages": Kind.ENTRY,
    "contacts": Kind.CONTACT,
    "accounts": Kind.ACCOUNT,
    "files": Kind.FILE,
}
SAID = (Kind.ENTRY, Kind.FILE)
MATTERS = (Kind.CONVERSATION, *SAID)


@dataclass(slots=True)
class Narrowed:
    """What operators ask for. `of_entries` are conditions of the index that entries and files meet,
    `of_matters` those that conversations do. `matters` is what the conversation must be like that something
    belongs to, `itself` one that is found itself; `accounts` those whose all of it is, `people` what contacts of
    them are like. `gaps` are times of which nothing is found.
    """

    kinds: set[Kind] = field(default_factory=lambda: set(Kind))
    of_entries: list[str] = field(default_factory=list)
    of_matters: list[str] = field(default_factory=list)
    matters: Q = field(default_factory=Q)
    itself: Q = field(default_factory=Q)
    is_spam: bool = False
    people: Q = field(default_factory=Q)
    accounts: Q = field(default_factory=Q)
    since: datetime | None = None
    until: datetime | None = None
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def conversations(self) -> Q:
        """What a conversation must be like for anything of it to be found."""
        return self.matters & Q(is_spam=self.is_spam)

    @property
    def asks_of_matters(self) -> bool:
        """Whether it matters what conversation something belongs to."""
        return bool(self.matters) or self.is_spam

    def is_in_gap(self, at: datetime) -> bool:
        """Whether nothing of that moment is found."""
        return any(begins <= at < ends for begins, ends in self.gaps)

    def past_gaps(self, below: Cursor | None) -> Cursor | None:
        """Where to look on from a place, as nothing in a gap needs to be looked at."""
        for begins, ends in sorted(self.gaps, reverse=True):
            if below and begins <= below.at < ends:
                below = Cursor(begins, 0)
        return below

    def only(self, *kinds: Kind) -> None:
        self.kinds &= set(kinds)

    def from_on(self, moment: datetime) -> None:
        self.since = max(filter(None, (self.since, moment)))

    def before(self, moment: datetime) -> None:
        self.until = min(filter(None, (self.until, moment)))

    def nothing(self, remark: str) -> None:
        """Say why nothing can be found."""
        self.remarks.append(remark)
        self.kinds.clear()


def narrowed(asked: Asked, member: Member) -> Narrowed:
    """What the operators of a question ask for, in the workspace of a member."""
    made = Narrowed(remarks=list(asked.remarks))
    for name, narrow in NARROWING.items():
        if operators := asked.values(name):
            narrow(made, operators, member)
    return made


def _in(made: Narrowed, operators: Sequence[Operator], member: Member) -> None:
    if unknown := [one for one in operators if one.value.lower() not in KINDS]:
        made.remarks.append(
            _("“in:%(value)s” is none of: %(all)s.") % {"value": unknown[0].value, "all": ", ".join(KINDS)}
        )
    for is_negated, wanted in _by_sign([one for one in operators if one not in unknown]):
        kinds = {KINDS[one.value.lower()] for one in wanted}
        made.only(*(set(Kind) - kinds if is_negated else kinds))


def _channel(made: Narrowed, operators: Sequence[Operator], member: Member) -> None:
    channels = list(Channel.objects.order_by("id"))
    for is_negated, wanted in _by_sign(operators):
        ids = [each.pk for each in channels if any(_is_channel(each, one.value) for one in wanted)]
        if not ids and not is_negated:
            return made.nothing(_("There is no channel “%(name)s”.") % {"name": wanted[0].value})
        facts = " | ".join(f"'~=c{pk}'" for pk in ids)
        if facts:
            made.of_entries.append(f"!({facts})" if is_negated else f"({facts})")
        made.itself &= _signed(Q(last_channel__in=ids), is_negated)
        made.only(*MATTERS)
    return None


def _is_channel(channel: Channel, value: str) -> bool:
    value = value.lower()
    return value in {channel.kind, channel_word(channel.kind).lower()} or value in channel.name.lower()


def _label(made: Narrowed, operators: Sequence[Operator], member: Member) -> None:
    for group in _either(operators):
        ids = [pk for one in group for pk in _labels_called(one.value)]
        is_negated = group[0].is_negated
        if not ids and not is_negated:
            return made.nothing(_("There is no label “%(name)s”.") % {"name": group[0].value})
        carries = ConversationLabel.objects.filter(conversation=OuterRef("pk"), label__in=ids)
        made.matters &= _signed(Q(Exists(carries)), is_negated)
        made.only(*MATTERS)
    return None


def _labels_called(name: str) -> list[int]:
    labels = Label.objects.filter(name__iexact=name) or Label.objects.filter(name__istartswith=name)
    return [label.pk for label in labels]


def _is(made: Narrowed, operators: Sequence[Operator], member: Member) -> None:
    for is_negated, wanted in _by_sign(operators):
        states = Q()
        for one in wanted:
            value = one.value.lower()
            if value == "spam":
                made.is_spam = not is_negated
            elif value in STATES:
                states |= STATES[value](member)
            else:
                made.remarks.append(
                    _("“is:%(value)s” is none of: %(all)s.")
                    % {"value": one.value, "all": ", ".join([*STATES, "spam"])}
                )
        made.matters &= _signed(states, is_negated) if states else Q()
        made.only(*MATTERS)


def _unread(member: Member) -> Q:
    seen = Seen.objects.filter(
        conversation=OuterRef("pk"), member=member, at__gte=OuterRef("last_inbound_at")
    )
    return Q(last_inbound_at__isnull=False) & ~Q(Exists(seen))


def _has_status(status: str, member: Member) -> Q:
    return Q(status=status)


STATES: dict[str, Callable[[Member], Q]] = {
    **{status.value: partial(_has_status, status) for status in Conversation.Status},
    "unread": _unread,
    "unassigned": lambda _: Q(assignee=None),
    "mine": lambda member: Q(assignee=member),
}


def _assignee(made: Narrowed, operators: Sequence[Operator], member: Member) -> None:
    for group in _either(operators):
        owners = {owner for one in group for owner in _members_called(one.value, member)}
        is_negated = group[0].is_negated
        if not owners and not is_negated:
            return made.nothing(_("Nobody here is called “%(name)s”.") % {"name": group[0].value})
        is_theirs = Q(assignee__in=owners - {None})
        if None in owners:
            is_theirs |= Q(assignee=None)
        made.matters &= _signed(is_theirs, is_negated)
        made.only(*MATTERS)
    return None


def _members_called(name: str, member: Member) -> list[int | None]:
    """Ids of members; None for nobody."""
    name = name.lower().lstrip("@")
    if name in {"me", "none", "nobody"}:
        return [member.pk if name == "me" else None]
    return list(Member.objects.filter(name__icontains=name).values_list("pk", flat=True))


def _account(made: Narrowed, operators: Sequence[Operator], member: Member) -> None:
    for group in _either(operators):
        ids = [pk for one in group for pk in _accounts_called(one.value)]
        is_negated = group[0].is_negated
        if not ids and not is_negated:
            return made.nothing(_("There is no account “%(name)s”.") % {"name": group[0].value})
        works = Affiliation.objects.filter(contact=OuterRef("pk"), until=None, account__in=ids)
        made.matters &= _signed(Q(account__in=ids), is_negated)
        made.people &= _signed(Q(Exists(works)), is_negated)
        made.accounts &= _signed(Q(pk__in=ids), is_negated)
    return None


def _accounts_called(name: str) -> list[int]:
    words = condition(Term(name), goes_on=True)
    found = search.find([Ask(Kind.ACCOUNT, typed=words)], most=ACCOUNTS) if words else []
    return [one.of for one in found]


def _number(made: Narrowed, operators: Sequence[Operator], member: Member) -> None:
    """What is not to be of a conversation is nothing that belongs to it; what is to be of it is itself."""
    if not all(one.value.lstrip("#").isdecimal() for one in operators):
        return made.nothing(_("A number is written so: #48213."))
    for is_negated, wanted in _by_sign(operators):
        numbers = [int(one.value.lstrip("#")) for one in wanted]
        if is_negated:
            made.matters &= ~Q(number__in=numbers)
        else:
            facts = " | ".join(f"'~=n{number}'" for number in numbers)
            made.of_matters.append(f"({facts})")
            made.only(Kind.CONVERSATION)
    return None


def _has(made: Narrowed, operators: Sequence[Operator], member: Member) -> None:
    for one in operators:
        if one.value.lower() not in {"file", "files", "attachment"}:
            made.remarks.append(_("Only “has:file” is known, not “has:%(value)s”.") % {"value": one.value})
            continue
        made.of_entries.append("!'~=f'" if one.is_negated else "'~=f'")
        made.only(*([Kind.ENTRY] if one.is_negated else SAID))


def _before(made: Narrowed, operators: Sequence[Operator], member: Member) -> None:
    for one, begins, _ends in _days(made, operators):
        (made.from_on if one.is_negated else made.before)(begins)


def _since(made: Narrowed, operators: Sequence[Operator], member: Member) -> None:
    for one, begins, _ends in _days(made, operators):
        (made.before if one.is_negated else made.from_on)(begins)


def _on(made: Narrowed, operators: Sequence[Operator], member: Member) -> None:
    for one, begins, ends in _days(made, operators):
        if one.is_negated:
            made.gaps.append((begins, ends))
        else:
            made.from_on(begins)
            made.before(ends)


def _days(made: Narrowed, operators: Sequence[Operator]) -> Iterable[tuple[Operator, datetime, datetime]]:
    for one in operators:
        if found := moments.days(one.value):
            yield one, *found
        else:
            made.remarks.append(
                _("“%(value)s” is no day: write 2026-11-01, 2026-11, yesterday or 90d.")
                % {"value": one.value}
            )


def _either(operators: Sequence[Operator]) -> Iterable[list[Operator]]:
    """Groups of which each must hold, by one of its operators."""
    groups: list[list[Operator]] = []
    for one in operators:
        if one.is_other and groups:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _by_sign(operators: Sequence[Operator]) -> Iterable[tuple[bool, list[Operator]]]:
    """Those that must hold, of which one is enough; then those of which none may."""
    for is_negated in (False, True):
        if found := [one for one in operators if one.is_negated is is_negated]:
            yield is_negated, found


def _signed(condition: Q, is_negated: bool) -> Q:
    return ~condition if is_negated else condition


NARROWING: dict[str, Callable[[Narrowed, Sequence[Operator], Member], None]] = {
    "in": _in,
    "channel": _channel,
    "label": _label,
    "is": _is,
    "assignee": _assignee,
    "account": _account,
    "number": _number,
    "has": _has,
    "before": _before,
    "since": _since,
    "after": _since,
    "on": _on,
}
