"""The storm itself: fault after fault, while customers write and agents answer; then the calm, and the ledger."""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from typing import TypeVar

from django.core.management import CommandError, call_command
from django.db import connections

from omnidesk.embedded.supervisor import say
from tests.faults.storm.agents import Agents, replies
from tests.faults.storm.customers import Customers, Door
from tests.faults.storm.desks import open_desks
from tests.faults.storm.events import events
from tests.faults.storm.faults import FAULTS, Weather
from tests.faults.storm.installation import OUTSIDE, WORKERS, Installation
from tests.faults.storm.ledger import Ledger, balance
from tests.faults.storm.plan import Plan
from tests.faults.storm.providers import REPLY, Providers

Row = TypeVar("Row")


class Storm:
    """Runs in a thread of its own, beside the one that looks after the processes."""

    def __init__(self, plan: Plan, installation: Installation, providers: Providers) -> None:
        self.plan = plan
        self.installation = installation
        self.providers = providers
        self.error: BaseException | None = None
        self.ledger = Ledger()
        self.seconds: dict[str, float] = {}
        self._chance = random.Random(plan.seed)
        self._began = 0.0
        self._still = 0

    def run(self) -> None:
        """Blow, and balance."""
        try:
            self._run()
        except BaseException as error:  # noqa: BLE001 - for the main thread to raise
            self.error = error
        finally:
            connections.close_all()

    def told(self) -> str:
        """The ledger, and how the storm went."""
        took = ", ".join(f"{what} {seconds:.0f} s" for what, seconds in self.seconds.items())
        met = ", ".join(f"{what} {count}×" for what, count in self._met().most_common())
        store = self.installation.store.how
        faults = f"{len(FAULTS)} faults, {self.plan.rounds}× each; the full store is {store}"
        left = f"troubles that no message met: {self.providers.in_store}"
        return f"{faults}\n{left}\ntook: {took}\ncalls answered: {met}\n{self.ledger}"

    def _run(self) -> None:
        self.desks = open_desks(self.providers, self.installation.urls[0])
        connections.close_all()
        self.customers = Customers(self.desks, self.providers, Door(self.installation.urls))
        self.agents = Agents(self.desks, self.installation.urls)
        with self.customers, self.agents:
            self._blow()
            self.seconds["storm"] = time.monotonic() - self._began
            self._calm_down()
            self.seconds["calm"] = time.monotonic() - self._began - self.seconds["storm"]
        self.ledger = balance(
            desks=self.desks,
            events=self.customers.acknowledged,
            replies=self.agents.acknowledged,
            seen=self._seen(),
            providers=self.providers,
        )
        self._mind_the_unsent()

    def _blow(self) -> None:
        """In each round one fault strikes while a share of the events and replies is on its way."""
        self._began = time.monotonic()
        weather = Weather(self.installation, self.providers, self.customers, self._chance, self.plan.pause)
        strikes = [fault for fault in FAULTS for _ in range(self.plan.rounds)]
        self._chance.shuffle(strikes)
        self._events = events(self.plan.events, self.plan.seed)
        self._replies = replies(self.plan.replies, self.plan.seed)
        for number, name in enumerate(strikes):
            self.customers.write(_share(self._events, number, len(strikes)))
            self.agents.write(_share(self._replies, number, len(strikes) * 3 // 4))
            weather.wait(self._chance.random())
            self._say(name)
            FAULTS[name](weather)
            weather.wait(1)
            self._let_pass(weather)
        weather.clear()

    def _let_pass(self, weather: Weather) -> None:
        """Wait a while for the events on their way: strikes in too quick a row would let nothing through."""
        deadline = time.monotonic() + self.plan.slack
        while self.customers.are_behind and time.monotonic() < deadline:
            weather.wait(0.1)

    def _calm_down(self) -> None:
        """Everything behaves from now on, and every worker of before is gone: wait until nothing is under way."""
        deadline = time.monotonic() + self.plan.patience
        self.providers.calm()
        self.customers.trap = None
        self._wait(self._all_is_sent, deadline)
        self._say("all is sent; the last workers are killed")
        self.installation.kill(*WORKERS, *OUTSIDE)
        self.installation.flush_redis()
        self._wait(self.installation.is_ready, deadline)
        self._say("ready")
        self._wait(self._is_quiet, deadline)

    def _all_is_sent(self) -> bool:
        unsent = self._unsent()
        self._say(f"not acknowledged yet: {unsent[:5]}")
        return not unsent

    def _is_quiet(self) -> bool:
        if self.plan.hurries:
            self._poll()
            self.installation.hurry()
        rows = self.installation.open_rows()
        self._say(f"still open: {rows}")
        is_still = rows is not None and not any(rows.values()) and not self._unread()
        self._still = self._still + 1 if is_still else 0
        return self._still > 1  # what has just been sent may be reported in a moment

    def _poll(self) -> None:
        """Read the mailboxes now; one that somebody else reads is theirs."""
        with suppress(CommandError):
            call_command("poll_mail", stdout=StringIO())

    def _unread(self) -> bool:
        """Whether a mailbox holds what has not been read from it yet."""
        read = dict(self.installation.ask("SELECT channel_id, last_uid FROM channels_ingest_mailboxposition"))
        return any(
            read.get(self.desks[name].channels["imap"], 0) < mailbox.last_uid()
            for name, mailbox in self.providers.mailboxes.items()
        )

    def _say(self, line: str) -> None:
        say("storm", f"{time.monotonic() - self._began:.1f} s: {line}")

    def _wait(self, is_so: Callable[[], bool], deadline: float) -> None:
        while not is_so() and time.monotonic() < deadline:
            time.sleep(0.5 if self.plan.hurries else 3)

    def _unsent(self) -> list[str]:
        sent = self.customers.acknowledged.keys()
        written = self.agents.acknowledged.keys() | self.agents.refused.keys()
        return [event.id for event in self._events if event.id not in sent] + [
            reply.id for reply in self._replies if reply.id not in written
        ]

    def _mind_the_unsent(self) -> None:
        """Everything came up again, so in the end everything is acknowledged."""
        self.ledger.blame("never acknowledged", self._unsent())
        self.ledger.blame("refused", [f"{id} {why}" for id, why in self.agents.refused.items()])

    def _seen(self) -> dict[str, Counter[str]]:
        """What every visitor of a chat is shown in the end, by workspace."""
        seen: dict[str, Counter[str]] = {name: Counter() for name in self.desks}
        for (name, _), visitor in self.customers.visitors.items():
            texts = visitor.texts(self.customers.door, self.desks[name].hooks["chat"])
            seen[name].update(id for text in texts for id in REPLY.findall(text))
        return seen

    def _met(self) -> Counter[str]:
        return self.customers.door.answers + self.agents.answers


def _share(rows: list[Row], number: int, of: int) -> list[Row]:
    """The share of a list that one round gets."""
    return rows[len(rows) * number // of : len(rows) * (number + 1) // of]
