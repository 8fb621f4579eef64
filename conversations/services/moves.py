"""Moving what was said to where it belongs: to another conversation, or split off into one of its own.

Each move is one transaction with both conversations locked. What it moved stands in its record, the line that it
leaves in the conversation it went out of; `undo` restores exactly those rows. (What goes along with the messages,
thread keys and people, is in `luggage`.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from conversations import kinds, subjects
from conversations.models import Conversation, Entry, Mention, Seen, ThreadKey
from conversations.services import entries, luggage, matter
from conversations.services.retelling import (
    is_empty,
    restore,
    settle_source,
    settle_target,
    state_of,
    waited_in,
)
from tenancy.models import Member

Kind, Direction, Status = Entry.Kind, Entry.Direction, Conversation.Status
MOVABLE = (Kind.MESSAGE, Kind.CALL, Kind.NOTE, Kind.SUGGESTION)
RECORDS = ("moved_out", "split_out")  # events that a move can be undone by
BY_HAND = "manual"
SUBJECT = 80  # characters of a message that its own conversation is called by


class CannotMove(Exception):
    """The text says to a person why this cannot be moved, or taken back."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did. `record` is the line that it left in `source`, by which it can be undone."""

    record: Entry
    source: Conversation
    target: Conversation


@transaction.atomic
def move(*, wanted: Sequence[Entry], source: Conversation, to: Conversation, member: Member) -> Moved:
    """Move entries of `source` to another conversation. Doing it twice does it once. Raises CannotMove."""
    if source.pk == to.pk:
        raise CannotMove(_("It is in #%(number)d already.") % {"number": to.number})
    source, to = _lock(source, to)
    _check_customers(source, to)
    if done := _done_before(wanted, source, member, "moved_out"):
        if done.target.pk != to.pk:
            raise CannotMove(_("It is in #%(number)d now.") % {"number": done.target.number})
        return done
    return _carry_over(_here(wanted, source), source, to, member, "moved")


@transaction.atomic
def split(*, entry: Entry, source: Conversation, member: Member) -> Moved:
    """Make an entry, and all that was said after it, a conversation of its own. Doing it twice does it once.

    Raises CannotMove.
    """
    return _split_off(entry, source, member)


@transaction.atomic
def not_same(*, entry: Entry, source: Conversation, member: Member) -> Moved:
    """Say that a message which joined a conversation is another matter: it gets one of its own, with what came
    after it in its thread on its channel. What follows in that thread follows it. Doing it twice does it once.

    Raises CannotMove.
    """
    return _split_off(entry, source, member, of=_own_thread)


@transaction.atomic
def undo(*, record: Entry, member: Member) -> Moved:
    """Take a move back, row for row; taking it back twice does it once.

    Raises CannotMove where something has happened since that this would tear apart.
    """
    record = Entry.objects.select_for_update().get(pk=record.pk)
    rows = record.data["rows"]
    assert record.conversation_id is not None
    source, target = _lock(Conversation(pk=record.conversation_id), Conversation(pk=rows["target"]))
    if record.data.get("undone"):
        return Moved(record, source, target)
    gone = _to_take_back(record, target)
    for entry in gone:
        *earlier, last = entry.data.pop("moves")
        entry.data |= {"moves": earlier} if earlier else {}
        entry.conversation, entry.rule = source, last["rule"]
    Entry.objects.bulk_update(gone, ["conversation", "rule", "data"], batch_size=500)
    Mention.objects.filter(entry__in=gone).update(conversation=source)
    ThreadKey.objects.filter(pk__in=rows["keys"]).update(conversation=source)
    luggage.bring_back(source, rows)
    record.data["undone"] = True
    record.save(update_fields=["data"])
    count = {"count": record.data["count"]}
    entries.event(source, "moved_back_in", member=member, data={"from": target.number} | count)
    entries.event(target, "moved_back_out", member=member, data={"to": source.number} | count)
    restore(source, rows["was"]["source"], rows["became"]["source"])
    restore(target, rows["was"]["target"], rows["became"]["target"])
    return Moved(record, source, target)


def gone_to(conversation: Conversation) -> Conversation | None:
    """Where all that was said in a conversation has gone, and gone on to from there; None where something is said
    in it still, or has been since."""
    found, seen = _next_of(conversation), {conversation.pk}
    while found is not None and found.pk not in seen and (further := _next_of(found)):
        seen.add(found.pk)
        found = further
    return found if found != conversation else None


def _next_of(conversation: Conversation) -> Conversation | None:
    if not is_empty(conversation):
        return None
    lines = Entry.objects.filter(conversation=conversation, event="moved_out", data__all=True)
    record = lines.exclude(data__has_key="undone").order_by("-pk").first()
    return Conversation.objects.filter(pk=record.data["rows"]["target"]).first() if record else None


def _lock(*wanted: Conversation) -> list[Conversation]:
    """The rows as they are now, locked in the order of their ids: two moves at once do not wait for each other."""
    rows = Conversation.objects.select_for_update().filter(pk__in=[each.pk for each in wanted])
    found = {row.pk: row for row in rows.order_by("pk")}
    return [found[each.pk] for each in wanted]


def _check_customers(*conversations: Conversation) -> None:
    if any(each.kind == Conversation.Kind.SIDE for each in conversations):
        raise CannotMove(_("What is said in a side conversation stays there, and nothing is moved into one."))


def _said(source: Conversation) -> Any:
    rows = Entry.objects.filter(conversation=source, kind__in=MOVABLE)
    return rows.select_related("channel", "contact", "identity").order_by("at", "pk")


def _here(wanted: Sequence[Entry], source: Conversation) -> list[Entry]:
    """The rows to move as they are now. Raises CannotMove unless all of them are in `source`."""
    found = list(_said(source).filter(pk__in=[entry.pk for entry in wanted]))
    if not found or len(found) != len({entry.pk for entry in wanted}):
        raise CannotMove(_("This has been moved meanwhile, or cannot be moved. Look again."))
    return found


def _done_before(wanted: Sequence[Entry], source: Conversation, member: Member, event: str) -> Moved | None:
    """The same move by the same member, if that has just been made. Raises CannotMove where somebody else was
    faster."""
    now = Entry.objects.filter(pk__in=[entry.pk for entry in wanted]).exclude(conversation=source)
    gone = now.select_related("conversation").first()
    if gone is None or gone.conversation is None:
        return None
    moves = gone.data.get("moves", [])
    record = Entry.objects.filter(pk=moves[-1]["record"]).first() if moves else None
    mine = record is not None and record.conversation_id == source.pk and record.member_id == member.pk
    if record is None or not mine or record.event != event:
        raise CannotMove(_("It is in #%(number)d now.") % {"number": gone.conversation.number})
    return Moved(record, source, gone.conversation)


def _own_thread(first: Entry) -> Q:
    """What belongs to the thread of a customer's message on its channel. A conversation has one thread of mails;
    elsewhere the provider's id of it tells, else the address. Raises CannotMove."""
    if first.channel is None or first.direction != Direction.IN:
        raise CannotMove(_("Only a message of a customer can be another matter."))
    here = Q(channel=first.channel, kind__in=entries.SPOKEN)
    if kinds.KINDS[first.channel.kind].mails:
        return here
    theirs = Q(external_thread=first.external_thread) if first.external_thread else Q(identity=first.identity)
    return here & ((Q(direction=Direction.IN) & theirs) | Q(direction=Direction.OUT, identity=first.identity))


def _split_off(
    entry: Entry, source: Conversation, member: Member, of: Callable[[Entry], Q] = lambda _: Q()
) -> Moved:
    """Split off an entry and what was said after it, or of that what `of` tells."""
    (source,) = _lock(source)
    _check_customers(source)
    if done := _done_before([entry], source, member, "split_out"):
        return done
    (first,) = _here([entry], source)
    after = Q(at__gt=first.at) | Q(at=first.at, pk__gte=first.pk)
    rows = list(_said(source).filter(after, of(first)))
    _check_both_speak(rows, source)
    target = _begin(rows, source)
    seen = Seen.objects.filter(conversation=source)
    Seen.objects.bulk_create(Seen(member=each.member, conversation=target, at=each.at) for each in seen)
    return _carry_over(rows, source, target, member, "split")


def _check_both_speak(rows: Sequence[Entry], source: Conversation) -> None:
    """Raise CannotMove unless there is a message among the rows, and another that stays."""
    if not any(row.kind in entries.SPOKEN and row.deleted_at is None for row in rows):
        raise CannotMove(_("There is no message in it to begin a conversation with."))
    staying = Entry.objects.filter(conversation=source, kind__in=entries.SPOKEN, deleted_at=None)
    if not staying.exclude(pk__in=[row.pk for row in rows]).exists():
        raise CannotMove(_("Nothing would stay behind: the conversation begins with it."))


def _begin(rows: Sequence[Entry], source: Conversation) -> Conversation:
    """The conversation for what is split off: the same customer's, unless others alone speak in it."""
    speakers = [row.contact for row in rows if row.contact and row.kind in entries.SPOKEN]
    contact = source.contact if source.contact in speakers or not speakers else speakers[0]
    same = contact == source.contact
    rest = Status.RESOLVED if source.status == Status.RESOLVED else Status.PENDING
    return matter.create(
        brand_id=source.brand_id,
        subject=_subject(rows, source),
        contact=contact,
        account_id=source.account_id
        if same or contact is None
        else entries.primary_accounts([contact.pk]).get(contact.pk),
        assignee=source.assignee,
        priority=source.priority,
        is_spam=source.is_spam,
        linked_to=source,
        status=rest,
        resolved_at=source.resolved_at if rest == Status.RESOLVED else None,
        created_at=rows[0].at,
        last_at=rows[0].at,
    )


def _subject(rows: Sequence[Entry], source: Conversation) -> str:
    """The first message's own subject, unless it is the other conversation's; else its first words."""
    first = next(row for row in rows if row.kind in entries.SPOKEN)
    own = str(first.data.get("subject", ""))
    if own and subjects.bare(own) != subjects.bare(source.subject):
        return subjects.plain(own)
    return Truncator(first.preview).chars(SUBJECT) or subjects.plain(own)


def _carry_over(
    rows: Sequence[Entry], source: Conversation, target: Conversation, member: Member, verb: str
) -> Moved:
    """Move the rows and what goes along with them, and say so on both sides. Both conversations are locked."""
    was = {"source": state_of(source), "target": state_of(target)}
    waited = waited_in(rows, source)
    packed = luggage.pack(rows, source, target)
    count = sum(row.kind in entries.SPOKEN for row in rows)
    record = entries.event(
        source, f"{verb}_out", member=member, data={"to": target.number, "count": count, "all": False}
    )
    entries.event(target, f"{verb}_in", member=member, data={"from": source.number, "count": count})
    _write(rows, source, target, record, member)
    luggage.hand_over(packed, source, target)
    settle_source(source, rows, waited)
    settle_target(target, waited)
    record.data |= {
        "all": is_empty(source),
        "rows": {
            "target": target.pk,
            "entries": [row.pk for row in rows],
            **packed.as_rows(),
            "was": was,
            "became": {"source": state_of(source), "target": state_of(target)},
        },
    }
    record.save(update_fields=["data"])
    return Moved(record, source, target)


def _write(
    rows: Sequence[Entry], source: Conversation, target: Conversation, record: Entry, member: Member
) -> None:
    moved = {"from": source.number, "by": member.name, "at": record.at.isoformat(), "record": record.pk}
    for row in rows:
        row.data["moves"] = [*row.data.get("moves", []), moved | {"rule": row.rule}]
        row.conversation, row.rule = target, BY_HAND
    Entry.objects.bulk_update(rows, ["conversation", "rule", "data"], batch_size=500)
    Mention.objects.filter(entry__in=rows).update(conversation=target)


def _to_take_back(record: Entry, target: Conversation) -> list[Entry]:
    """The rows of a move, all still where it brought them. Raises CannotMove otherwise."""
    wanted = record.data["rows"]["entries"]
    found = list(Entry.objects.filter(pk__in=wanted, conversation=target).order_by("pk"))
    number = {"number": target.number}
    if len(found) != len(wanted) or any(row.data["moves"][-1]["record"] != record.pk for row in found):
        raise CannotMove(_("Some of it has been moved on from #%(number)d since. Move it by hand.") % number)
    said = Entry.objects.filter(conversation=target, kind__in=MOVABLE, pk__gt=record.pk, deleted_at=None)
    if said.exists():
        raise CannotMove(_("Somebody has written in #%(number)d since. Move it by hand.") % number)
    return found
