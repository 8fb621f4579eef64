"""How large a storm is, and the seed that decides all that chance decides in it."""

import os
import secrets
from dataclasses import dataclass

# Every text of a workspace carries its name, so that nothing of one can be in another unseen.
WORKSPACES = ("acme", "globex")
# Mail from the mailbox, mail posted or piped, text messages, chat.
CHANNELS = ("imap", "hook", "sms", "chat")


@dataclass(frozen=True)
class Plan:
    """`rounds` are how often each fault strikes, `pause` the seconds that each strike is given at least; `slack`
    the seconds that the events of its round are waited for besides.

    `hurries`: once no worker of before lives, leases and pauses between tries are ended by hand at the end,
    instead of waiting for minutes. `patience`: seconds that the end may take.
    """

    events: int
    replies: int
    rounds: int
    pause: float
    slack: float
    seed: int
    hurries: bool
    patience: float

    @classmethod
    def from_environment(cls) -> "Plan":
        """A light storm, or with STORM=heavy a heavy one; STORM_EVENTS, STORM_ROUNDS and STORM_SEED replace;
        STORM_KEEP keeps the folder of a good one, too."""
        heavy = os.environ.get("STORM") == "heavy"
        events = int(os.environ.get("STORM_EVENTS") or (10_000 if heavy else 500))
        return cls(
            events=events,
            replies=min(events // 4, 1_500),
            rounds=int(os.environ.get("STORM_ROUNDS") or (5 if heavy else 1)),
            pause=1.5 if heavy else 0.5,
            slack=10 if heavy else 1,
            seed=int(os.environ.get("STORM_SEED") or secrets.randbelow(1_000_000)),
            hurries=not heavy,
            patience=1_200 if heavy else 300,
        )

    def __str__(self) -> str:
        return (
            f"{self.events} events, {self.replies} replies, each fault {self.rounds}×, STORM_SEED={self.seed}"
        )
