"""Mails and texts to entries in a workspace of 1,000,000 entries beside one of 1,000, in the same database.

The two take turns, and do what follows as well. FEW and MANY are other sizes, for a quick look.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from bench.crowd import fill
from bench.harness import Figure, new_workspace, seconds, tidy
from bench.inbox import FEW, MANY
from bench.ingest import accept
from bench.mails import VOUCHER, mails
from bench.texts import ACCOUNT, NUMBER, TOKEN, calls
from channels_ingest.services.process import lane
from conversations.services.channels import create_channel
from omnidesk.flow import lane as reactions
from tenancy.lanes import run_batch
from tenancy.scope import scope

ROUNDS, WARM_UP, AT_ONCE = 6, 1, 200
Calls = Iterator[Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Desk:
    """A workspace with a mail and a text channel, and the secret of the latter's address."""

    workspace_id: int
    token: str

    def mails(self, run: str) -> Calls:
        """What brings so many mails."""
        return (partial(accept, self.workspace_id, raw) for raw in mails(AT_ONCE, run=run))

    def texts(self, run: str) -> Calls:
        """What brings so many texts."""
        return calls(f"/hooks/twilio-sms/{self.token}/", AT_ONCE, run=run)

    def work(self) -> None:
        """Process all that came, and do what follows."""
        while run_batch(lane, self.workspace_id) + run_batch(reactions, self.workspace_id):
            pass


def main() -> list[Figure]:
    """Messages a second that are accepted and that are processed in the full workspace, beside the small one."""
    few, many = _desk("small", FEW), _desk("full", MANY)
    tidy()
    return [*_figures("mails", few, many, Desk.mails), *_figures("texts", few, many, Desk.texts)]


def _desk(name: str, entries: int) -> Desk:
    workspace = new_workspace(name)
    fill(workspace, conversations=entries)
    config = {"address": "help@us.example", "authserv_ids": VOUCHER}
    with scope(workspace.pk):
        create_channel(kind="email", name="Help", config=config, secrets={})
        config = {"number": NUMBER, "account_sid": ACCOUNT}
        _, token = create_channel(kind="sms", name="Texts", config=config, secrets={"auth_token": TOKEN})
    return Desk(workspace.pk, token)


def _figures(what: str, few: Desk, many: Desk, bring: Callable[[Desk, str], Calls]) -> Iterator[Figure]:
    accepting, processing = {few: 0.0, many: 0.0}, {few: 0.0, many: 0.0}
    for number in range(WARM_UP + ROUNDS):
        for desk in (few, many):
            took = sum(seconds(call) for call in bring(desk, f"{what}{number:02}"))
            worked = seconds(desk.work)
            if number >= WARM_UP:
                accepting[desk] += took
                processing[desk] += worked
    note = f"{MANY:,} entries beside {FEW:,}"
    for name, times in (("accept", accepting), ("process and react", processing)):
        rates = {desk: ROUNDS * AT_ONCE / took for desk, took in times.items()}
        yield Figure(f"{name}, {what}", rates[many], f"{what}/s", rates[few], note)
