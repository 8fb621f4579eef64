"""What follows an entry, in this order: the lane "reactions".

Each reaction is a plain function of the entry, or of all entries of a batch. It runs in the lane's transaction,
may run twice, and so must find what it did before. What leaves the house by mail is only written here, and sent
when all has committed.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.core.mail import EmailMessage
from django.utils import timezone

from channels_ingest.services.chat import away
from conversations.models import Entry, Reaction
from conversations.services import notices, work
from omnidesk import letters
from tenancy.lanes import Lane, Retry, State

Step = Reaction.Step


def wake(entry: Entry) -> None:
    """Bring a snoozed conversation back."""
    assert entry.conversation is not None
    work.wake(conversation=entry.conversation)


# What follows all entries of a batch together, and then each by itself.
TOGETHER: dict[str, tuple[Callable[[Sequence[Entry]], None], ...]] = {
    Step.WRITTEN: (notices.tell,),
    Step.FAILED: (notices.tell_failed,),
}
REACTIONS: dict[str, tuple[Callable[[Entry], None], ...]] = {
    Step.WRITTEN: (),
    Step.WAKE: (wake,),
    Step.AWAY: (away.follow,),
    Step.FAILED: (),
}
LETTERS: dict[str, tuple[Callable[[Entry], list[EmailMessage]], ...]] = {
    Step.WRITTEN: (letters.for_mentions,),
    Step.WAKE: (),
    Step.AWAY: (),
    Step.FAILED: (),
}


def react(reactions: Sequence[Reaction]) -> list[list[EmailMessage] | None]:
    """Let all that follows entries happen; returns the mails that tell people of each."""
    entries = Entry.objects.in_bulk([reaction.entry_id for reaction in reactions])
    for step, follows in TOGETHER.items():
        if found := [entries[reaction.entry_id] for reaction in reactions if reaction.step == step]:
            for follow in follows:
                follow(found)
    return [_react(entries[reaction.entry_id], reaction.step) for reaction in reactions]


def _react(entry: Entry, step: str) -> list[EmailMessage] | None:
    for follow in REACTIONS[step]:
        follow(entry)
    return [letter for write in LETTERS[step] for letter in write(entry)] or None


def settle(reaction: Reaction, result: object) -> Retry | None:
    """Try again when not one of the mails could be sent."""
    return Retry(f"{type(result).__name__}: {result}") if isinstance(result, Exception) else None


def expire(reaction: Reaction) -> None:
    """The worker died while it sent mails: send them again, as twice told is better than never."""
    reaction.state, reaction.due_at = State.PENDING, timezone.now() + timedelta(seconds=1)


lane = Lane(
    "reactions",
    Reaction,
    work=react,
    act=letters.send,
    settle=settle,
    expire=expire,
    together=True,
    batch=100,
)
