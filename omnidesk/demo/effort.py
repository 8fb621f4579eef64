"""The time that the demo's members have spent on what they answered."""

import random
from collections import Counter
from datetime import datetime, timedelta

from conversations.models import Effort, Entry
from conversations.services.effort import QUARTER, quarters

READING = (40, 240)  # seconds, before anything is written
WRITING = 0.3  # seconds for each letter
LONGEST = int(QUARTER.total_seconds())


def record(rng: random.Random) -> None:
    """Effort for every answer, note and call of a person, in the open scope."""
    spent: Counter[tuple[int, int, datetime]] = Counter()
    kinds = (Entry.Kind.MESSAGE, Entry.Kind.NOTE, Entry.Kind.CALL)
    written = Entry.objects.filter(conversation__isnull=False, member__is_bot=False, kind__in=kinds)
    for entry in written.select_related("conversation", "member").order_by("at", "id"):
        assert entry.conversation
        assert entry.member
        talked = entry.data.get("seconds", 0)
        seconds = talked or rng.randint(*READING) + round(len(entry.preview) * WRITING)
        for at, part in quarters(entry.at + timedelta(seconds=talked), min(seconds, LONGEST)).items():
            spent[entry.conversation.pk, entry.member.pk, at] += part
    Effort.objects.bulk_create(
        Effort(conversation_id=conversation, member_id=member, at=at, seconds=min(seconds, LONGEST))
        for (conversation, member, at), seconds in spent.items()
    )
