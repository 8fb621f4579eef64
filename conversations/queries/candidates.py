"""Which conversations a person's next message may continue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations.models import Conversation
from tenancy.scope import current_workspace_id

MOST = 5

# A lateral join, so that each person's newest are read from the index and no more of them.
_SQL = """
SELECT found.*, asked.turn
FROM unnest(%(contacts)s::bigint[], %(brands)s::bigint[], %(after)s::timestamptz[], %(before)s::timestamptz[])
    WITH ORDINALITY AS asked(contact, brand, after, before, turn)
CROSS JOIN LATERAL (
    SELECT c.* FROM conversations_conversation AS c
    WHERE c.workspace_id = %(workspace)s AND c.contact_id = asked.contact AND c.brand_id = asked.brand
        AND c.kind = 'customer' AND NOT c.is_spam AND c.created_at <= asked.before AND c.last_at >= asked.after
        AND EXISTS (
            SELECT FROM conversations_entry AS e
            WHERE e.workspace_id = %(workspace)s AND e.conversation_id = c.id
                AND e.kind IN ('message', 'call') AND e.is_verified)
    ORDER BY c.last_at DESC, c.id DESC LIMIT %(most)s) AS found
ORDER BY asked.turn, found.last_at DESC, found.id DESC
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A contact's conversations of a brand that were alive between two times."""

    contact_id: int
    brand_id: int
    after: datetime
    before: datetime


def candidates(wanted: Sequence[Wanted]) -> dict[Wanted, list[Conversation]]:
    """The conversations of each, newest first, five at most. Those with nothing in them that anybody vouches for
    may be an impostor's, and are left out."""
    found: dict[Wanted, list[Conversation]] = {one: [] for one in wanted}
    if not found:
        return found
    asked = list(found)
    rows = Conversation.objects.raw(
        _SQL,
        {
            "contacts": [one.contact_id for one in asked],
            "brands": [one.brand_id for one in asked],
            "after": [one.after for one in asked],
            "before": [one.before for one in asked],
            "workspace": current_workspace_id(),
            "most": MOST,
        },
    )
    for row in rows:
        turn: int = row.turn
        found[asked[turn - 1]].append(row)
    return found
