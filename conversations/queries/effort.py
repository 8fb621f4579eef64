"""What time members have spent on a conversation."""

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from conversations.models import Conversation, Effort


@dataclass(frozen=True, slots=True)
class Share:
    """One member's part of it."""

    member: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Spent:
    """All of it, with the shares, largest first."""

    shares: tuple[Share, ...]

    @property
    def seconds(self) -> int:
        return sum(share.seconds for share in self.shares)


def spent_on(conversation: Conversation) -> Spent:
    """The time spent on a conversation, by member, in one query."""
    rows = Effort.objects.filter(conversation=conversation).values_list("member", "member__name")
    totals = rows.annotate(total=Sum("seconds")).order_by("-total", "member")
    return Spent(tuple(Share(name, total) for _, name, total in totals))


def with_effort(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Conversations with the seconds spent on each, as `effort_seconds`, in the same query."""
    spent = Effort.objects.filter(conversation=OuterRef("pk")).order_by().values("conversation")
    totals = spent.annotate(total=Sum("seconds")).values("total")
    return rows.annotate(effort_seconds=Coalesce(Subquery(totals), 0))
