"""What goes along with messages that are moved to another conversation: thread keys, and who takes part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from conversations import kinds
from conversations.models import Channel, Conversation, Entry, Participant, ThreadKey, TimelineRef
from conversations.services import entries

Role, AddedBy = Participant.Role, Participant.AddedBy


@dataclass(slots=True)
class Packed:
    """`keys` go to the target, `joining` take part there too, `leaving` no longer do in the source."""

    keys: list[int]
    joining: list[Participant]
    leaving: list[Participant]

    def as_rows(self) -> dict[str, Any]:
        """What has to be kept to bring all of it back."""
        left = [
            {"contact": each.contact_id, "identity": each.identity_id, "role": each.role, "by": each.added_by}
            for each in self.leaving
        ]
        return {"keys": self.keys, "joined": [each.pk for each in self.joining], "left": left}


def pack(rows: Sequence[Entry], source: Conversation, target: Conversation) -> Packed:
    """Find what goes along with rows that are still in the source."""
    going = _followers(rows, source)
    return Packed(
        keys=_keys(rows, source),
        joining=_joining(rows, going, target),
        leaving=_leaving(rows, going, source),
    )


def hand_over(packed: Packed, source: Conversation, target: Conversation) -> None:
    """Give the target what was packed."""
    ThreadKey.objects.filter(pk__in=packed.keys).update(conversation=target)
    packed.joining = Participant.objects.bulk_create(packed.joining)
    Participant.objects.filter(pk__in=[each.pk for each in packed.leaving]).delete()


def bring_back(source: Conversation, rows: dict[str, Any]) -> None:
    """Undo what `hand_over` did to people; `rows` is what `as_rows` kept. (Keys are the caller's.)"""
    Participant.objects.filter(pk__in=rows["joined"]).delete()
    Participant.objects.bulk_create(
        (
            Participant(
                conversation=source,
                contact_id=each["contact"],
                identity_id=each["identity"],
                role=each["role"],
                added_by=each["by"],
            )
            for each in rows["left"]
        ),
        ignore_conflicts=True,
    )


def _keys(rows: Sequence[Entry], source: Conversation) -> list[int]:
    """The ids of the messages themselves; and the other keys of a channel where its newest message goes, as that
    is what people answer. (A mail names what it answers, so the keys of older mails stay with them.)"""
    moved = {row.pk for row in rows}
    found: list[int] = []
    for channel in {row.channel for row in rows if row.channel}:
        here = Entry.objects.filter(conversation=source, channel=channel, kind__in=entries.SPOKEN)
        order = list(here.order_by("at", "pk").values_list("pk", "external_id"))
        gone = {external_id for pk, external_id in order if pk in moved}
        stay = {external_id for pk, external_id in order if pk not in moved}
        takes_rest = _takes_rest(channel, bool(stay), bool(order) and order[-1][0] in moved)
        for pk, key in ThreadKey.objects.filter(conversation=source, channel=channel).values_list(
            "pk", "key"
        ):
            if key in gone or (takes_rest and key not in stay):
                found.append(pk)
    return sorted(found)


def _takes_rest(channel: Channel, some_stay: bool, newest_goes: bool) -> bool:
    return not some_stay if kinds.KINDS[channel.kind].mails else newest_goes


def _followers(rows: Sequence[Entry], source: Conversation) -> list[Participant]:
    """Those of the source's people on whose timelines the rows stand: who wrote them, and whom they reached."""
    people = TimelineRef.objects.filter(entry__in=rows).exclude(contact=None).values("contact")
    return list(Participant.objects.filter(conversation=source, contact__in=people).order_by("pk"))


def _joining(rows: Iterable[Entry], going: Sequence[Participant], target: Conversation) -> list[Participant]:
    """Participations in the target for those who go along and do not take part there yet."""
    there = set(Participant.objects.filter(conversation=target).values_list("identity_id", flat=True))
    people = {each.identity_id: (each.contact_id, each.role, each.added_by) for each in going}
    for row in rows:
        if row.direction == Entry.Direction.IN and row.identity_id and row.contact_id:
            people.setdefault(row.identity_id, (row.contact_id, Role.CC, AddedBy.MESSAGE))
    return [
        Participant(
            conversation=target,
            contact_id=contact,
            identity_id=identity,
            role=_role(role, is_requester=contact == target.contact_id),
            added_by=added_by,
        )
        for identity, (contact, role, added_by) in people.items()
        if identity not in there
    ]


def _role(role: str, *, is_requester: bool) -> str:
    """Whoever the target is with is its requester, and nobody else."""
    if is_requester:
        return Role.REQUESTER
    return Role.CC if role == Role.REQUESTER else role


def _leaving(rows: Sequence[Entry], going: Sequence[Participant], source: Conversation) -> list[Participant]:
    """Those who came to the source with the rows alone: they must not get copies of what is said there."""
    staying = Entry.objects.filter(conversation=source, kind__in=entries.SPOKEN)
    left = TimelineRef.objects.filter(entry__in=staying.exclude(pk__in=[row.pk for row in rows]))
    known = set(left.exclude(contact=None).values_list("contact_id", flat=True))
    return [
        each
        for each in going
        if each.contact_id not in known and each.role != Role.REQUESTER and each.added_by != AddedBy.AGENT
    ]
