"""One matter of the traffic: its topic's turns, in time, by its people, to the end it has come to."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from contacts.types import AddressKind
from conversations.kinds import KINDS
from conversations.models import Conversation, Delivery
from conversations.types import IncomingFile
from omnidesk.demo import mails, papers
from omnidesk.demo.casting import Scene
from omnidesk.demo.matters import Matter, Words
from omnidesk.demo.office import Office
from omnidesk.demo.scribe import Scribe
from omnidesk.demo.texts import AGENT, CUSTOMER, NOTE
from tenancy.models import Member

# Minutes until the agent goes on, until the customer does, until a colleague notes something.
PATIENCE = {
    AddressKind.EMAIL: {AGENT: (12, 230), CUSTOMER: (25, 900), NOTE: (4, 40)},
    AddressKind.CHAT: {AGENT: (1, 6), CUSTOMER: (1, 4), NOTE: (1, 2)},
}
OTHERWISE = {AGENT: (3, 45), CUSTOMER: (2, 110), NOTE: (1, 9)}
LATEST = timedelta(minutes=2)  # before now; nothing has happened since
OUTCOMES = {
    AddressKind.EMAIL: Delivery.Status.DELIVERED,
    AddressKind.SMS: Delivery.Status.DELIVERED,
    AddressKind.SLACK: Delivery.Status.SENT,
}
# Of those that could, so many do: mails as HTML, go on by another channel, write again when all seemed done,
# are given to somebody by rule, have an answer suggested, are unread, are named by their agent.
RICH, MOVES, COMES_BACK, GIVEN, SUGGESTED, UNREAD, NAMED = 0.35, 0.25, 0.2, 0.5, 0.6, 0.6, 0.6
# How often the two agents, the manager and the admin work for a brand.
HELPS = {"acme": (9, 3, 1, 1), "shop": (5, 7, 1, 1), "studio": (2, 9, 2, 1)}

Status = Conversation.Status


class Play:
    """Plays a scene to the scribe. `troubles` says what goes wrong with sendings not looked after yet."""

    def __init__(
        self,
        office: Office,
        scribe: Scribe,
        scene: Scene,
        fate: str,
        troubles: Iterator[Delivery.Status | None],
    ) -> None:
        self.office = office
        self.rng = scribe.rng
        self.scene = scene
        self.fate = fate
        self.troubles = troubles
        self.matter = Matter(scribe, scene.party)
        self.channel = scene.channel
        self.agent = self._somebody()
        self.said_last = ""
        self.is_tidy = False

    def perform(self) -> None:
        """From the first message to where fate has brought it."""
        turns = self._turns()
        times = self._times(turns)
        self._begins(turns[0][1], times[0])
        for (mark, text), at in zip(turns[1:-1], times[1:-1], strict=True):
            self._goes_on(mark, text, at)
        if len(turns) > 1:
            self._last_turn(*turns[-1], times[-1])
        self._ends(times[-1], turns)

    def _turns(self) -> list[tuple[str, str]]:
        """What is said up to now; a call says the first question and its answer at once."""
        turns = [(mark, self.scene.fill(text)) for mark, text in self.scene.topic.turns]
        if self._is_call():
            (_, question), *rest = turns
            answer = next((text for mark, text in rest if mark == AGENT), "")
            said = f"{self.scene.party.contact}: {question}\n{self.agent}: {answer}"
            return [(CUSTOMER, said), *(turn for turn in rest if turn[0] == NOTE)]
        if self.fate == Status.OPEN and len(turns) > 1:
            return turns[: self.rng.randrange(1, len(turns))]
        return turns

    def _times(self, turns: Sequence[tuple[str, str]]) -> list[datetime]:
        """When each is said, pressed together where it would go beyond now."""
        patience = PATIENCE.get(self.scene.kind, OTHERWISE)
        waits = [timedelta(0)]
        waits += [timedelta(minutes=self.rng.uniform(*patience[mark])) for mark, _ in turns[1:]]
        total = sum(waits, timedelta(0))
        room = self.office.now - LATEST - self.scene.at
        share = min(1.0, room / total) if total else 1.0
        return [self.scene.at + sum(waits[: count + 1], timedelta(0)) * share for count in range(len(waits))]

    def _begins(self, text: str, at: datetime) -> None:
        """The customer writes or calls; some matters are given to somebody at once."""
        if self._is_call():
            self.matter.calls(self.channel, at, text, self.agent, seconds=self.rng.randrange(90, 900))
            return
        self._customer_says(text, at, files=self._evidence(text))
        if not self.scene.is_spam and self.rng.random() < GIVEN:
            self.matter.assigns(self.agent, at + timedelta(seconds=4), by=None)

    def _last_turn(self, mark: str, text: str, at: datetime) -> None:
        """Where a matter seemed done, its customer's last words open it again."""
        if mark == CUSTOMER and self.fate == Status.RESOLVED and self.rng.random() < COMES_BACK:
            self.matter.resolves(at - (at - self.matter.conversation.last_at) / 2, by=self.agent)
        self._goes_on(mark, text, at, is_last=True)

    def _goes_on(self, mark: str, text: str, at: datetime, *, is_last: bool = False) -> None:
        if mark == NOTE:
            self._agent_notes(text, at)
        elif mark == AGENT:
            self._agent_answers(text, at, is_last=is_last)
        else:
            self._move(at)
            self._customer_says(text, at)

    def _agent_notes(self, text: str, at: datetime) -> None:
        colleague = self.office.second if self.agent == self.office.first else self.office.first
        named = {"@lead": self.office.lead, "@colleague": colleague}
        mentions = [member for word, member in named.items() if word in text]
        for word, member in named.items():
            text = text.replace(word, f"@{member}")
        self.matter.notes(at, text, self.agent, mentions)

    def _customer_says(self, text: str, at: datetime, files: tuple[IncomingFile, ...] = ()) -> None:
        words = Words(text, files=files)
        if KINDS[self.channel.kind].mails:
            words = self._mail(text, files)
        self.matter.says(self.channel, at, words, is_spam=self.scene.is_spam)

    def _mail(self, text: str, files: tuple[IncomingFile, ...]) -> Words:
        contact, account = self.scene.party.contact, self.scene.party.account
        signature = "\n".join(str(part) for part in (contact, contact.title, account) if part)
        subject = self.scene.fill(self.scene.topic.subject)
        words = Words(
            mails.letter(text, language=contact.language, signature=signature), subject, files=files
        )
        if self.said_last:
            words = Words(f"{text}\n\n{contact}", f"Re: {subject}", quoted=self.said_last)
        domain = self.scene.party.identities[AddressKind.EMAIL].value.rpartition("@")[2]
        return mails.as_html(words, logo=domain if account else "") if self.rng.random() < RICH else words

    def _agent_answers(self, text: str, at: datetime, *, is_last: bool) -> None:
        kind, words = KINDS[self.channel.kind], Words(text, files=self._papers(text))
        if kind.mails:
            words = Words(f"{text}\n\n{self.agent}\n{self.channel.brand}", files=words.files)
            sender = f"{self.channel.brand} <{self.channel.address}>"
            self.said_last = mails.history(words.text, at=at, sender=sender)
        trouble = next(self.troubles) if is_last and self.fate == Status.OPEN else None
        outcome = trouble or OUTCOMES.get(kind.address, Delivery.Status.READ)
        self.matter.answers(self.channel, at, words, self.agent, outcome=outcome)
        if not self.is_tidy:
            self._tidy(at)

    def _tidy(self, at: datetime) -> None:
        """What agents do beside the first answer: a label, a name for what came without one, a priority."""
        self.is_tidy = True
        label = self.office.labels.get(self.scene.topic.label)
        if label:
            self.matter.labels(label, at, by=self.agent)
        if not self.matter.conversation.subject and self.rng.random() < NAMED:
            self.matter.renames(self.scene.fill(self.scene.topic.subject), at, by=self.agent)
        if self.scene.topic.label == "outage":
            self.matter.prioritises(Conversation.Priority.URGENT, at, by=self.agent)

    def _move(self, at: datetime) -> None:
        """Go on by another channel on which the provider vouches for the customer."""
        others = [
            (kind, channel)
            for kind, identity in self.scene.party.identities.items()
            if kind != AddressKind.PHONE and identity.is_verified
            if (channel := self.office.channel(self.scene.party.brand, kind)) and channel != self.channel
        ]
        if others and self.rng.random() < MOVES:
            _, self.channel = self.rng.choice(others)

    def _ends(self, at: datetime, turns: Sequence[tuple[str, str]]) -> None:
        after = at + min(timedelta(hours=1), (self.office.now - at) / 2)
        if self.fate == Status.RESOLVED and not self.scene.is_spam:
            self.matter.resolves(after, by=self.agent)
        elif self.fate == Status.SNOOZED:
            until = self.office.now.replace(hour=9, minute=0) + timedelta(days=self.rng.randrange(1, 6))
            self.matter.snoozes(until, after, by=self.agent)
        elif self.fate == Status.OPEN and turns[-1][0] == CUSTOMER and not self._is_call():
            self._waits(at, len(turns))
        self._is_read()

    def _waits(self, at: datetime, said: int) -> None:
        """The customer waits: an answer may be suggested."""
        rest = self.scene.topic.turns[said:]
        answer = next((text for mark, text in rest if mark == AGENT), "")
        if answer and self.rng.random() < SUGGESTED:
            sources = [{"title": f"Answers: {self.scene.topic.label}"}, {"title": "Similar conversations, 4"}]
            facts = {"match": self.rng.randrange(71, 97), "sources": sources}
            self.matter.suggests(at + timedelta(seconds=6), self.scene.fill(answer), self.office.ai, facts)

    def _is_read(self) -> None:
        matter = self.matter.conversation
        is_waiting = matter.waiting_since is not None and self.fate == Status.OPEN
        for member in self.office.agents:
            if not (is_waiting and self.rng.random() < UNREAD):
                self.matter.is_seen(self.office.now, member)

    def _is_call(self) -> bool:
        return self.scene.kind == AddressKind.PHONE

    def _somebody(self) -> Member:
        agents = self.office.agents[: len(HELPS["shop"])]
        weights = HELPS.get(self.scene.party.brand, HELPS["shop"])
        return self.rng.choices(agents, weights[: len(agents)])[0]

    def _evidence(self, text: str) -> tuple[IncomingFile, ...]:
        if self.scene.topic.label == "damaged":
            return (papers.photo(self.rng.randrange(5)),)
        return (papers.sync_log(self.scene.at - timedelta(minutes=20)),) if "Log attached" in text else ()

    def _papers(self, text: str) -> tuple[IncomingFile, ...]:
        if "attached" not in text and "hängt an" not in text:
            return ()
        facts = self.scene.facts
        lines = (
            f"{self.channel.brand}: {facts['invoice']}",
            f"To {self.scene.party.contact}",
            facts["amount"],
        )
        return (papers.pdf(f"{facts['invoice']}.pdf", *lines),)
