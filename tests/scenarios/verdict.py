"""Judges what became of a case: false joins, misses, and what it should not have done besides."""

from dataclasses import dataclass

from django.db import transaction

from contacts.models import Suggestion
from conversations.services.arrivals import Received
from tests.scenarios.cases import Case
from tests.scenarios.play import Play
from tests.scenarios.story import told


@dataclass(frozen=True, slots=True)
class Verdict:
    """`false_joins` holds who and which, where different people or matters were joined; `misses` holds who,
    which, link and suggest, where what is true was not seen; `faults` says what else is wrong."""

    case: Case
    false_joins: frozenset[str]
    misses: frozenset[str]
    faults: tuple[str, ...]


def judge(case: Case) -> Verdict:
    """Play a case in a workspace of its own, say what is wrong, and leave nothing behind."""
    with transaction.atomic():
        with told() as story:
            play = Play(story)
            for number, event in enumerate(case.history, 1):
                play.act(number, event)
            verdict = _Judge(case, play, play.hear(case.last)).verdict()
        transaction.set_rollback(True)
    return verdict


class _Judge:
    """Compares what became of the last event with the label; events go by their number."""

    def __init__(self, case: Case, play: Play, got: Received | None) -> None:
        self.case = case
        self.got = got
        self.contact = got.contact.pk if got and got.contact else None
        self.conversation = got.conversation if got else None
        entries = {number: play.entry(number) for number in play.said}
        self.contacts = {number: entry.contact_id for number, entry in entries.items()}
        self.conversations = {number: entry.conversation_id for number, entry in entries.items()}

    def verdict(self) -> Verdict:
        who, which = self._who(), self._which()
        false_joins = {name for name, found in (("who", who), ("which", which)) if found == "false join"}
        misses = {name for name, found in (("who", who), ("which", which)) if found == "miss"}
        misses |= {
            name for name, missed in (("link", self._unlinked()), ("suggest", self._unsaid())) if missed
        }
        return Verdict(self.case, frozenset(false_joins), frozenset(misses), self._faults())

    def _who(self) -> str:
        if self.case.who in {"new", "member"}:
            others = set(self.contacts.values()) if self.case.who == "new" else {self.contact}
            return "false join" if self.contact is not None and self.contact in others else ""
        return self._compare(self.contact, self.contacts, int(self.case.who))

    def _which(self) -> str:
        wanted = self.case.which.partition("~")[0]
        got = self.conversation.pk if self.conversation else None
        if wanted == "any":
            return ""
        if wanted == "new":
            return "false join" if got is not None and got in self.conversations.values() else ""
        return self._compare(got, self.conversations, int(wanted))

    def _compare(self, got: int | None, known: dict[int, int | None], wanted: int) -> str:
        if got == known[wanted]:
            return ""
        return "false join" if got is not None and got in known.values() else "miss"

    def _unlinked(self) -> bool:
        """Whether a conversation of its own lacks the link that it should have; a missed one should be linked."""
        _, _, link = self.case.which.partition("~")
        if not link or self.conversation is None:
            return False
        return self.conversation.linked_to_id != self.conversations[int(link)]

    def _unsaid(self) -> bool:
        return not {self.contacts[number] for number in self.case.suggest} <= {
            *self._suggested(),
            self.contact,
        }

    def _suggested(self) -> set[int]:
        """Contacts that the last sender is suggested to be."""
        pairs = Suggestion.objects.values_list("contact_id", "other_id")
        return {other for pair in pairs if self.contact in pair for other in pair} - {self.contact}

    def _faults(self) -> tuple[str, ...]:
        faults = []
        wanted = {self.contacts[number] for number in self.case.suggest}
        noise = sorted(
            number for number, contact in self.contacts.items() if contact in self._suggested() - wanted
        )
        if noise:
            faults.append(f"suggests {noise}")
        last = self.case.last
        doubtful = last.has("unverified") or (last.verb == "call" and not last.has("attested"))
        if self.got is not None and doubtful and self.got.entry.is_verified:
            faults.append("is not marked as unverified")
        return tuple(faults)
