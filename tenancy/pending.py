"""What work for later is made of: the rows of a lane, how they may end, and what a lane does with them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.pace import Pace
from tenancy.tables import TenantModel


class State(models.TextChoices):
    """How far a row has come. `taken` is only used by lanes that act on the outside world."""

    PENDING = "pending", _("Waiting")
    TAKEN = "taken", _("In hand")
    DONE = "done", _("Done")
    IGNORED = "ignored", _("Ignored")
    FAILED = "failed", _("Failed")


OPEN = models.Q(state__in=[State.PENDING, State.TAKEN])


class Pending(TenantModel):
    """A row of a lane. `due_at` is when it may be claimed; for a taken row, when its lease runs out."""

    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    reason = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    held_since = models.DateTimeField(null=True)
    order_key = models.CharField(max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        abstract = True
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "due_at"], name="%(class)s_due", condition=OPEN),
            models.Index(
                fields=["workspace", "order_key", "id"],
                name="%(class)s_order",
                condition=OPEN & ~models.Q(order_key=""),
            ),
        ]


class Ignore(Exception):
    """The row means nothing to us; the text says why, for people to read."""


class Retry(Exception):
    """Not now. `after` overrides the backoff, in seconds."""

    def __init__(self, reason: str, *, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Fail(Exception):
    """Never, as things are: end in `failed` at once, where people see and replay it."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A kind of work.

    `work(row)` runs inside the claiming transaction, in a savepoint of its own: it and its row's new state commit
    together. Raising undoes what it wrote; an Ignore, Retry or Fail that it *returns* keeps it. A lane that acts
    on the outside world has `act` as well: then `work(row)` only prepares what is to be done, the row is committed
    as taken, `act(prepared)` runs outside any transaction, and `settle(row, result)` records what came of it, and
    may end in Retry or Fail likewise; `expire(row)` is told of a row whose worker died between the two. Where
    `work` prepares nothing (None), the row is done. `give_up(row)` is told of a row that has just failed because
    workers died while they prepared it. `act` ends well within the lease, by time-outs of its own.

    In a lane of `together`, `work(rows)` is given many at once, never two of one order key, and returns how each
    of them ended. Where it raises, it is given fewer, until the row that fails is alone.

    `also` names further columns of the row that `work` sets: they are written with the row's state, whatever it
    is, and for a whole batch in one statement.

    `batch` is how many rows are claimed at most; `pace` has fewer claimed where so many would keep others waiting.
    """

    name: str
    table: type[Pending]
    work: Callable[[Any], Any]
    act: Callable[[Any], Any] | None = None
    settle: Callable[[Any, Any], Any] | None = None
    expire: Callable[[Any], None] | None = None
    give_up: Callable[[Any], None] | None = None
    batch: int = 25
    max_attempts: int = 10
    together: bool = False
    also: tuple[str, ...] = ()
    pace: Pace = field(default_factory=Pace, compare=False)

    @property
    def queue(self) -> str:
        """Where its doorbells wait for a worker: a server that hangs must not hold up what asks no server."""
        return "lanes" if self.act is None else "outside"
