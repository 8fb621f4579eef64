"""The ledger of a storm: what was sent and wanted, beside what became of it; what does not balance is named."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO

from django.core.management import CommandError, call_command

from channels_ingest.models import InboundEvent, RawBody, SeenKey
from conversations.models import Attachment, Delivery, Entry, EntryBody
from tenancy.lanes import State
from tenancy.scope import scope
from tests.faults.storm.agents import Reply
from tests.faults.storm.desks import Desk
from tests.faults.storm.events import WAYS, Event
from tests.faults.storm.plan import CHANNELS, WORKSPACES
from tests.faults.storm.providers import REPLY, Providers

EVENT = re.compile(rf"\b(?:{'|'.join(WORKSPACES)})-(?:{'|'.join(WAYS)})-\d{{5}}\b")
Status = Delivery.Status
ARRIVED = {Status.SENT, Status.DELIVERED, Status.READ}
SHOWN = 40  # lines of what does not balance


@dataclass
class Kept:
    """What one installation holds of one workspace, by the ids that stand in the texts."""

    entries: Counter[str] = field(default_factory=Counter)
    ended: dict[str, list[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )  # state, reason
    files: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    replies: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # statuses
    written: dict[int, str] = field(default_factory=dict)  # the event that an entry speaks of
    keys: dict[str, str] = field(default_factory=dict)  # the state of the event with a seen key
    foreign: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)  # reasons, without their numbers
    drifted: StringIO = field(default_factory=StringIO)  # what `fsck` says


@dataclass
class Ledger:
    """`lines` are its pages; `wrong` is what does not balance, by id."""

    lines: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def row(self, name: str, **figures: int) -> None:
        """One line of figures."""
        told = "  ".join(f"{word} {figure}" for word, figure in figures.items())
        self.lines.append(f"{name:<16} {told}")

    def blame(self, what: str, ids: Iterable[str]) -> int:
        """Note what does not balance; returns how many."""
        found = sorted(ids)
        self.wrong += [f"{what}: {id}" for id in found]
        return len(found)

    def __str__(self) -> str:
        told = (
            ["The ledger balances."]
            if not self.wrong
            else ["THE LEDGER DOES NOT BALANCE:", *self.wrong[:SHOWN]]
        )
        if len(self.wrong) > SHOWN:
            told.append(f"and {len(self.wrong) - SHOWN} more")
        return "\n".join([*self.lines, *told])


def balance(
    *,
    desks: Mapping[str, Desk],
    events: Mapping[str, Event],
    replies: Mapping[str, Reply],
    seen: Mapping[str, Counter[str]],
    providers: Providers,
) -> Ledger:
    """Read everything and put it beside what was acknowledged. `seen`: what visitors of chats were shown."""
    ledger = Ledger()
    kept = {name: _read(desk, providers) for name, desk in desks.items()}
    _events(ledger, kept, events)
    _files(ledger, kept, events)
    _reports(ledger, kept, providers)
    _replies(ledger, kept, replies, seen, providers)
    for reason, count in sum((each.failed for each in kept.values()), Counter[str]()).most_common():
        ledger.lines.append(f"failed {count}×: {reason}")
    crossed = [line for each in kept.values() for line in each.foreign] + list(_crossed(providers))
    ledger.row("isolation", rows_across_workspaces=ledger.blame("in another workspace", crossed))
    drifted = [
        f"{name} {line}" for name, each in kept.items() for line in each.drifted.getvalue().splitlines()
    ]
    ledger.row("counters", other_than_rebuilt=ledger.blame("counter", drifted))
    return ledger


def _events(ledger: Ledger, kept: Mapping[str, Kept], events: Mapping[str, Event]) -> None:
    for name in WORKSPACES:
        for way in WAYS:
            sent = [id for id, event in events.items() if (event.workspace, event.way) == (name, way)]
            _events_of(ledger, f"{name} {way}", kept[name], sent)
    unknown = {id for each in kept.values() for id in each.entries} - events.keys()
    ledger.blame("an entry of an event that nobody acknowledged", unknown)


def _events_of(ledger: Ledger, name: str, kept: Kept, sent: list[str]) -> None:
    became = {id: _end_of(id, kept) for id in sent}
    ends = Counter(became.values())
    doubled = [id for id in sent if kept.entries[id] > 1]
    open_ends = {
        id: f"{id} {became[id]} {kept.ended.get(id)}"
        for id in sent
        if became[id] not in {"entry", "ignored", "failed"}
    }
    ledger.row(
        name,
        sent=len(sent),
        entries=ends["entry"],
        ignored=ends["ignored"],
        failed=ends["failed"],
        doubled=ledger.blame("doubled", doubled),
        lost=ledger.blame("lost", open_ends.values()),
    )


def _end_of(id: str, kept: Kept) -> str:
    """How an event ended: as an entry, ignored or failed with a reason; else what is the matter."""
    if kept.entries[id]:
        return "entry"
    ends = kept.ended.get(id, [])
    if not ends:
        return "nowhere"
    for end in (State.IGNORED, State.FAILED):
        if any(state == end and reason for state, reason in ends):
            return str(end.value)
    return ends[0][0]


def _files(ledger: Ledger, kept: Mapping[str, Kept], events: Mapping[str, Event]) -> None:
    sent = [event for event in events.values() if event.kind == "file"]
    found = {event.id: kept[event.workspace].files.get(event.id, []) for event in sent}
    wrong = [f"{id} {states}" for id, states in found.items() if states not in (["whole"], ["lost"])]
    ends = Counter(state for states in found.values() for state in states)
    ledger.row("files", sent=len(sent), **ends, wrong=ledger.blame("file", wrong))


def _reports(ledger: Ledger, kept: Mapping[str, Kept], providers: Providers) -> None:
    keys = {key: state for each in kept.values() for key, state in each.keys.items()}
    ends = {key: keys.get(key, "nowhere") for key in providers.reported()}
    found = Counter(ends.values())
    wrong = [f"{key} {end}" for key, end in ends.items() if end not in {"done", "ignored", "failed"}]
    ledger.row(
        "reports",
        acknowledged=len(ends),
        done=found["done"],
        ignored=found["ignored"],
        failed=found["failed"],
        lost=ledger.blame("report", wrong),
    )


def _replies(
    ledger: Ledger,
    kept: Mapping[str, Kept],
    replies: Mapping[str, Reply],
    seen: Mapping[str, Counter[str]],
    providers: Providers,
) -> None:
    accepted = providers.accepted()
    for name in seen.values():
        accepted.update(name)
    told = {id: kept[reply.workspace].replies.get(id, []) for id, reply in replies.items()}
    for way in CHANNELS:
        wanted = [id for id, reply in replies.items() if reply.way == way]
        ends = {id: _end_of_reply(told[id], accepted[id]) for id in wanted}
        found = Counter(ends.values())
        known = ("accepted", "failed", "uncertain")
        odd = [
            f"{id}: {end} {told[id]}, accepted {accepted[id]}×"
            for id, end in ends.items()
            if end not in known
        ]
        ledger.row(
            f"replies {way}",
            wanted=len(wanted),
            accepted=found["accepted"],
            failed=found["failed"],
            uncertain=found["uncertain"],
            accepted_twice=ledger.blame("accepted twice", [id for id in wanted if accepted[id] > 1]),
            open=ledger.blame("reply", odd),
        )
    ledger.blame("accepted, and wanted by nobody", accepted.keys() - replies.keys())


def _end_of_reply(statuses: list[str], accepted: int) -> str:
    if len(statuses) != 1:
        return "written twice" if statuses else "nowhere"
    [status] = statuses
    if status in ARRIVED:
        return "accepted" if accepted else "told as sent, and never accepted"
    if status == Status.FAILED:
        return "told as failed, and accepted" if accepted else "failed"
    return "uncertain" if status == Status.UNCERTAIN else status


def _crossed(providers: Providers) -> Iterator[str]:
    for name, text in providers.sent_from():
        if others := [id for id in REPLY.findall(text) if not id.startswith(name)]:
            yield f"sent from {name}: {others}"


def _read(desk: Desk, providers: Providers) -> Kept:
    kept = Kept()
    with scope(desk.id):
        _read_entries(desk, kept)
        _read_events(desk, kept, providers)
        _read_files(kept)
    try:
        call_command("fsck", desk.name, stdout=kept.drifted)
    except CommandError as error:
        kept.drifted.write(str(error))
    return kept


def _read_entries(desk: Desk, kept: Kept) -> None:
    statuses: dict[int, list[str]] = defaultdict(list)
    for entry, status in Delivery.objects.values_list("entry", "status"):
        statuses[entry].append(status)
    bodies = EntryBody.objects.filter(entry__kind=Entry.Kind.MESSAGE, version=1)
    for entry, direction, subject, text in bodies.values_list(
        "entry", "entry__direction", "entry__data__subject", "text"
    ):
        said = f"{subject or ''} {text}"
        _mind_strangers(desk, kept, f"entry {entry}", said)
        if direction == Entry.Direction.IN:
            found = set(EVENT.findall(said))
            kept.entries.update(found)
            kept.written |= dict.fromkeys([entry], next(iter(found), ""))
        else:
            for id in set(REPLY.findall(said)):
                kept.replies[id] += statuses[entry] or ["without a delivery"]


def _read_events(desk: Desk, kept: Kept, providers: Providers) -> None:
    states = dict(InboundEvent.objects.values_list("pk", "state"))
    for event, state, reason, body in RawBody.objects.values_list(
        "event", "event__state", "event__reason", "body"
    ).iterator():
        said = bytes(body).decode("latin-1")
        _mind_strangers(desk, kept, f"event {event}", said)
        for id in set(EVENT.findall(said)):
            kept.ended[id].append((state, reason))
    failed = list(InboundEvent.objects.filter(state=State.FAILED).values_list("summary", "reason"))
    kept.failed.update(re.sub(r"\d+", "…", reason) for _, reason in failed)
    places = dict(failed)
    for id, uids in providers.mailboxes[desk.name].refused.items():
        kept.ended[id] += [(State.FAILED, places[name]) for uid in uids if (name := f"INBOX {uid}") in places]
    kept.keys = {key: states[event] for key, event in SeenKey.objects.values_list("key", "event")}


def _read_files(kept: Kept) -> None:
    for attachment in Attachment.objects.filter(entry__direction=Entry.Direction.IN).select_related("entry"):
        id = kept.written.get(attachment.entry_id or 0, "")
        content = b""
        if attachment.state == Attachment.State.STORED:
            with attachment.file.open("rb") as file:
                content = file.read()
        is_whole = content == f"file of {id}\n".encode() * 40
        kept.files[id].append("whole" if is_whole else str(attachment.state))


def _mind_strangers(desk: Desk, kept: Kept, where: str, text: str) -> None:
    """Whatever carries another workspace's name has no business here."""
    if strangers := [name for name in WORKSPACES if name != desk.name and name in text]:
        kept.foreign.append(f"{where} of {desk.name} speaks of {strangers}")
