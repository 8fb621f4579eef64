"""What time members have spent on a conversation."""

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from conversations.models import Conversation, Effort
from conversations.queries.parts import MEMBER, asked
from tenancy.reading import Found, Reading

SPENT = f"""
    SELECT total, {MEMBER} FROM (
        SELECT workspace_id, member_id, sum(seconds) AS total FROM conversations_effort
        WHERE workspace_id = %(workspace)s AND conversation_id = (SELECT id FROM asked)
        GROUP BY workspace_id, member_id
    ) row ORDER BY total DESC, member_id"""


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


def spent_on(number: int) -> Reading[Spent]:
    """The time spent on a conversation, by member."""

    def make(found: Found) -> Spent:
        return Spent(tuple(Share(row["member__name"], row["total"]) for row in found.rows("spent")))

    return Reading({"spent": SPENT}, make, **asked(number))


def with_effort(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Conversations with the seconds spent on each, as `effort_seconds`, in the same query."""
    spent = Effort.objects.filter(conversation=OuterRef("pk")).order_by().values("conversation")
    totals = spent.annotate(total=Sum("seconds")).values("total")
    return rows.annotate(effort_seconds=Coalesce(Subquery(totals), 0))
