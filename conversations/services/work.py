"""What agents do with a conversation: each verb locks it, changes it, and says so in the timeline."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts.attributes import Value
from contacts.models import Attribute, Contact
from contacts.services.attributes import check_is_of, with_value
from conversations.models import Conversation, ConversationLabel, Entry, Label, Mention, Reaction, Seen
from conversations.services import counts, entries, matter, notices
from conversations.services.retelling import state_again, waiting_since
from tenancy.live import push
from tenancy.models import Member, Team
from tenancy.scope import current_workspace_id
from tenancy.services import teams

Status = Conversation.Status


@transaction.atomic
def assign(*, conversation: Conversation, assignee: Member | None, member: Member | None) -> Conversation:
    """Give the conversation to a member (or to nobody); `member` is who does it, None for automation."""
    conversation = matter.lock(conversation)
    if conversation.assignee_id == (assignee.pk if assignee else None):
        return conversation
    data = matter.handed(assignee, conversation.assignee)
    matter.change(conversation, assignee=assignee)
    entries.event(conversation, "assigned" if assignee else "unassigned", member=member, data=data)
    push(current_workspace_id(), f"viewers:{conversation.pk}")  # whoever answers is told whose it is now
    return conversation


def take(*, conversation: Conversation, member: Member) -> Conversation:
    """Assign the conversation to oneself."""
    return assign(conversation=conversation, assignee=member, member=member)


@transaction.atomic
def assign_team(*, conversation: Conversation, team: Team | None, member: Member | None) -> Conversation:
    """Give the conversation to a team (or to none); who had it keeps it if they are in that team."""
    conversation = matter.lock(conversation)
    if conversation.team_id == (team.pk if team else None):
        return conversation
    data = {"to": team.name if team else "", "from": str(conversation.team or "")}
    assignee = conversation.assignee
    if team and assignee and not teams.is_in(team=team, member=assignee):
        data["off"], assignee = assignee.name, None
    matter.change(conversation, team=team, assignee=assignee)
    entries.event(conversation, "team_given" if team else "team_taken", member=member, data=data)
    return conversation


@transaction.atomic
def resolve(*, conversation: Conversation, member: Member | None) -> Conversation:
    """Close the matter; whoever writes into it again reopens it."""
    conversation = matter.lock(conversation)
    if conversation.status == Status.RESOLVED:
        return conversation
    matter.change(
        conversation,
        status=Status.RESOLVED,
        resolved_at=timezone.now(),
        snoozed_until=None,
        waiting_since=None,
    )
    entries.event(conversation, "resolved", member=member, on=_requester(conversation))
    return conversation


@transaction.atomic
def reopen(*, conversation: Conversation, member: Member | None) -> Conversation:
    """Take up the matter again: whoever waited when it was resolved waits on."""
    conversation = matter.lock(conversation)
    was = conversation.status
    if was == Status.OPEN:
        return conversation
    changes: dict[str, Any] = {"status": Status.OPEN, "resolved_at": None, "snoozed_until": None}
    if was == Status.RESOLVED:
        closed = Entry.objects.filter(conversation=conversation, event="resolved").order_by("-pk").first()
        changes["waiting_since"] = waiting_since(conversation, before=closed.pk if closed else None)
    matter.change(conversation, **changes)
    entries.event(conversation, "reopened", member=member, on=_requester(conversation), data={"was": was})
    return conversation


@transaction.atomic
def snooze(*, conversation: Conversation, until: datetime, member: Member) -> Conversation:
    """Put the matter away until a time, or until somebody writes. Raises ValueError for a time gone by."""
    if until <= timezone.now():
        raise ValueError("a snooze must end in the future")
    conversation = matter.lock(conversation)
    matter.change(conversation, status=Status.SNOOZED, snoozed_until=until, resolved_at=None)
    entry = entries.event(conversation, "snoozed", member=member, data={"until": until.isoformat()})
    Reaction.objects.create(entry=entry, step=Reaction.Step.WAKE, due_at=until)
    return conversation


@transaction.atomic
def wake(*, conversation: Conversation) -> Conversation:
    """Bring a snoozed conversation back when its time has come; any other is left alone."""
    conversation = matter.lock(conversation)
    until = conversation.snoozed_until
    if conversation.status != Status.SNOOZED or until is None or until > timezone.now():
        return conversation
    matter.change(conversation, status=Status.OPEN, snoozed_until=None)
    entries.event(conversation, "woke")
    return conversation


@transaction.atomic
def set_status(*, conversation: Conversation, status: str, member: Member) -> Conversation:
    """Move between open and waiting on the customer; resolving and snoozing are verbs of their own."""
    if status == Status.RESOLVED:
        return resolve(conversation=conversation, member=member)
    if status == Status.OPEN:
        return reopen(conversation=conversation, member=member)
    if status != Status.PENDING:
        raise ValueError(f"{status} is not set by hand")
    conversation = matter.lock(conversation)
    if conversation.status != Status.PENDING:
        matter.change(conversation, status=Status.PENDING, resolved_at=None, snoozed_until=None)
        entries.event(conversation, "pending", member=member)
    return conversation


@transaction.atomic
def set_priority(*, conversation: Conversation, priority: int, member: Member | None) -> Conversation:
    """Say how urgent the matter is: 1 (low) to 4 (urgent). Raises ValueError for anything else."""
    wanted = Conversation.Priority(priority)
    conversation = matter.lock(conversation)
    was = conversation.priority
    if was != wanted:
        matter.change(conversation, priority=wanted)
        entries.event(conversation, "priority", member=member, data={"to": wanted.value, "from": was})
    return conversation


@transaction.atomic
def set_due(*, conversation: Conversation, due: datetime | None, member: Member | None) -> Conversation:
    """Say by when something has to be done, or that nothing has to be by any time; one gone by may be said."""
    conversation = matter.lock(conversation)
    was = conversation.due_at
    if was != due:
        matter.change(conversation, due_at=due)
        data = {"until": due.isoformat()} if due else {}
        entries.event(conversation, "due" if due else "not_due", member=member, data=data)
    return conversation


@transaction.atomic
def rename(*, conversation: Conversation, subject: str, member: Member) -> Conversation:
    """Change the subject as members see it; mails keep theirs."""
    conversation = matter.lock(conversation)
    was, wanted = conversation.subject, " ".join(subject.split())[:300]
    if was != wanted:
        matter.change(conversation, subject=wanted)
        entries.event(conversation, "renamed", member=member, data={"to": wanted, "from": was})
    return conversation


@transaction.atomic
def set_attribute(
    *, conversation: Conversation, attribute: Attribute, value: Value | None, member: Member | None
) -> Conversation:
    """Keep a value of the conversation, or with None keep none. Raises ValidationError for one that its kind does
    not take."""
    check_is_of(attribute, conversation)
    conversation = matter.lock(conversation)
    was = conversation.attributes.get(attribute.key)
    changed = with_value(conversation.attributes, attribute, value)
    if changed != conversation.attributes:
        now = changed.get(attribute.key)
        matter.change(conversation, attributes=changed)
        name = "attribute_set" if now is not None else "attribute_cleared"
        data = {"name": attribute.name, "kind": attribute.kind, "to": now, "from": was}
        entries.event(conversation, name, member=member, data=data)
    return conversation


@transaction.atomic
def mark_spam(*, conversation: Conversation, member: Member | None) -> Conversation:
    """Put the conversation aside as spam: kept, unrouted, uncounted."""
    conversation = matter.lock(conversation)
    if not conversation.is_spam:
        matter.change(conversation, is_spam=True)
        entries.event(conversation, "spam", member=member)
    return conversation


@transaction.atomic
def unmark_spam(*, conversation: Conversation, member: Member) -> Conversation:
    """Take the conversation back among the others, as it was."""
    conversation = matter.lock(conversation)
    if conversation.is_spam:
        matter.change(conversation, is_spam=False)
        entries.event(conversation, "not_spam", member=member)
    return conversation


@transaction.atomic
def add_label(*, conversation: Conversation, label: Label, member: Member | None) -> Conversation:
    """Put a label on the conversation."""
    conversation = matter.lock(conversation)
    before = counts.labels_of(conversation)
    if label.pk not in before:
        ConversationLabel.objects.create(conversation=conversation, label=label)
        _labels_changed(conversation, before, before | {label.pk})
        entries.event(conversation, "labelled", member=member, data={"label": label.name})
    return conversation


@transaction.atomic
def remove_label(*, conversation: Conversation, label: Label, member: Member | None) -> Conversation:
    """Take a label off the conversation."""
    conversation = matter.lock(conversation)
    before = counts.labels_of(conversation)
    if label.pk in before:
        ConversationLabel.objects.filter(conversation=conversation, label=label).delete()
        _labels_changed(conversation, before, before - {label.pk})
        entries.event(conversation, "unlabelled", member=member, data={"label": label.name})
    return conversation


def mark_seen(*, conversation: Conversation, member: Member) -> None:
    """Remember that a member has read the conversation up to now, mentions and notices included."""
    now = timezone.now()
    Seen.objects.bulk_create(
        [Seen(member=member, conversation=conversation, at=now)],
        update_conflicts=True,
        unique_fields=["workspace", "conversation", "member"],
        update_fields=["at"],
    )
    Mention.objects.filter(conversation=conversation, member=member, read_at=None).update(read_at=now)
    notices.read(member=member, conversation=conversation)
    push(current_workspace_id(), f"member:{member.pk}", [conversation.pk])


@transaction.atomic
def mark_unseen(*, conversation: Conversation, member: Member) -> None:
    """Have the last message of the customer be unread again to a member; where they wrote none, nothing is."""
    if conversation.last_inbound_at is None:
        return
    before = conversation.last_inbound_at - timedelta(microseconds=1)
    Seen.objects.filter(conversation=conversation, member=member, at__gt=before).update(at=before)
    push(current_workspace_id(), f"member:{member.pk}", [conversation.pk])


@transaction.atomic
def mark_seen_until(
    *, conversation: Conversation, member: Member, at: datetime | None, unread: Iterable[int] = ()
) -> None:
    """Have a member have read the conversation up to a time (None: never) and all mentions but these, by id."""
    seen = Seen.objects.filter(conversation=conversation, member=member)
    if at is None:
        seen.delete()
    elif not seen.update(at=at):
        Seen.objects.create(conversation=conversation, member=member, at=at)
    Mention.objects.filter(conversation=conversation, member=member, pk__in=unread).update(read_at=None)
    push(current_workspace_id(), f"member:{member.pk}", [conversation.pk])


@transaction.atomic
def put_back(
    *, conversation: Conversation, state: Mapping[str, str | None], member: Member | None
) -> Conversation:
    """Have the matter stand as it did, by what `retelling.state_of` told of it then."""
    conversation = matter.lock(conversation)
    was = conversation.status
    matter.change(conversation, **state_again(state))
    if was != conversation.status:
        until = {"until": state["snoozed_until"]} if conversation.status == Status.SNOOZED else {}
        event = "reopened" if conversation.status == Status.OPEN else conversation.status
        entries.event(
            conversation, event, member=member, on=_requester(conversation), data={"was": was, **until}
        )
    return conversation


def _labels_changed(conversation: Conversation, before: set[int], after: set[int]) -> None:
    counts.apply(counts.buckets(conversation, before), counts.buckets(conversation, after))
    matter.announce(conversation)


def _requester(conversation: Conversation) -> list[Contact]:
    return [conversation.contact] if conversation.contact else []
