"""How entries read as a thread: days, the channel that it went on by, messages, and quiet lines of events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from conversations.kinds import KINDS
from conversations.models import Entry, EntryBody
from conversations.queries.threads import Shown, ThreadPage

FOLD = 4  # events in a row from which on they fold into one line


@dataclass(frozen=True, slots=True)
class Day:
    """A new day begins."""

    on: date
    entry: Entry
    template = "conversations/_day.html"

    @property
    def channel(self) -> str:
        """The kind of channel that the day begins on; empty for none."""
        return _kind(self.entry)


@dataclass(frozen=True, slots=True)
class Switch:
    """The conversation went on by another channel; `gap` in seconds."""

    before: str
    entry: Entry
    gap: float
    template = "conversations/_switch.html"


@dataclass(frozen=True, slots=True)
class New:
    """What the reader has not read begins."""

    entry: Entry
    template = "conversations/_new.html"


@dataclass(frozen=True, slots=True)
class Said:
    """A message, note, call or suggestion."""

    shown: Shown
    is_new: bool

    @property
    def template(self) -> str:
        is_suggestion = self.entry.kind == Entry.Kind.SUGGESTION
        return f"conversations/_{'suggestion' if is_suggestion else 'entry'}.html"

    @property
    def entry(self) -> Entry:
        return self.shown.entry

    @property
    def body(self) -> EntryBody | None:
        return self.shown.body

    @property
    def channel(self) -> str:
        """The kind of channel; empty for what went by none."""
        return _kind(self.entry)

    @property
    def is_note(self) -> bool:
        return self.entry.kind == Entry.Kind.NOTE

    @property
    def is_ours(self) -> bool:
        """Whether a member speaks in it, rather than the customer."""
        return is_ours(self.entry)

    @property
    def mails(self) -> bool:
        """Whether it went by mail, so that it has recipients, a subject and an original."""
        kind = KINDS.get(self.channel)
        return kind is not None and kind.mails

    @property
    def is_remarkable(self) -> bool:
        """Whether there is more to say of it than who, how and when."""
        entry = self.entry
        is_doubtful = entry.direction == Entry.Direction.IN and not entry.is_verified
        return bool(
            is_doubtful or entry.automatic or "edited_at" in entry.data or entry.kind == Entry.Kind.CALL
        )

    @property
    def can_split(self) -> bool:
        """Whether it joined by a rule what it may have nothing to do with."""
        entry = self.entry
        is_message = entry.kind == Entry.Kind.MESSAGE and entry.direction == Entry.Direction.IN
        return is_message and entry.rule != "new"


@dataclass(frozen=True, slots=True)
class Events:
    """What happened; several fold into one line."""

    happened: Sequence[Entry]
    template = "conversations/_events.html"

    @property
    def entry(self) -> Entry:
        return self.happened[-1]

    @property
    def folds(self) -> bool:
        return len(self.happened) >= FOLD


Line = Day | Switch | New | Said | Events


def lines(page: ThreadPage) -> list[Line]:
    """A page of a thread as it is read, oldest first."""
    found: list[Line] = []
    events: list[Entry] = []
    spoken, last = _spoken(page.previous), page.previous
    first_new = _first_new(page)
    for shown in page.shown:
        entry = shown.entry
        marks = list(_marks(entry, last, spoken))
        if entry.pk == first_new:
            marks.append(New(entry))
        last, spoken = entry, _spoken(entry) or spoken
        if events and (marks or entry.kind != Entry.Kind.EVENT):
            found.append(Events(tuple(events)))
            events = []
        found += marks
        if entry.kind == Entry.Kind.EVENT:
            events.append(entry)
        elif not shown.is_undone:
            found.append(Said(shown, is_new=_is_new(entry, page)))
    return [*found, Events(tuple(events))] if events else found


def _marks(entry: Entry, last: Entry | None, spoken: Entry | None) -> Iterator[Line]:
    """The day and the channel switch above an entry."""
    day = timezone.localtime(entry.at).date()
    if last is None or timezone.localtime(last.at).date() != day:
        yield Day(day, entry)
    before, now = _kind(spoken), _kind(_spoken(entry))
    if spoken and before and now and before != now:
        yield Switch(before, entry, (entry.at - spoken.at).total_seconds())


def _spoken(entry: Entry | None) -> Entry | None:
    return (
        entry if entry and entry.channel_id and entry.kind in {Entry.Kind.MESSAGE, Entry.Kind.CALL} else None
    )


def _kind(entry: Entry | None) -> str:
    return entry.channel.kind if entry and entry.channel else ""


def is_ours(entry: Entry) -> bool:
    """Whether a member speaks in an entry, rather than the customer."""
    return entry.kind in {Entry.Kind.NOTE, Entry.Kind.SUGGESTION} or entry.direction == Entry.Direction.OUT


def _first_new(page: ThreadPage) -> int | None:
    """The first entry that the reader has not read, of those who have read some."""
    if page.seen_at is None or (page.previous and _is_new(page.previous, page)):
        return None
    said = (shown for shown in page.shown if not shown.is_undone)
    return next((shown.entry.pk for shown in said if _is_new(shown.entry, page)), None)


def _is_new(entry: Entry, page: ThreadPage) -> bool:
    """Whether the reader had not read this when the page was made."""
    return entry.direction == Entry.Direction.IN and (page.seen_at is None or entry.created_at > page.seen_at)
