"""Counting effort: what browsers say of their member's time, as far as it can be true."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from conversations.models import Conversation, EffortClock
from tenancy.models import Member
from tenancy.scope import current_workspace_id

QUARTER = timedelta(minutes=15)
REACH = timedelta(minutes=5)  # how far back a report can speak of: as long may a browser's line be away
REMEMBERED = 20  # reports; one that is sent again comes soon, or never


def spend(*, conversation: Conversation, member: Member, seconds: int, report: UUID) -> int:
    """Add seconds of the member's time, which end now, to the conversation; returns how many were counted.

    None for a report that came before. What all windows of a member report never adds up to more than the time
    that went by since REACH before the first of them.
    """
    now = timezone.now()
    clock = _clock(member, now)
    if report in clock.reports:
        return 0
    free = max(min(clock.spent, now), now - REACH)
    counted = min(max(seconds, 0), int((now - free).total_seconds()))
    clock.spent = free + timedelta(seconds=counted)
    clock.reports = [*clock.reports, report][-REMEMBERED:]
    clock.save(update_fields=["spent", "reports"])
    _add(conversation, member, quarters(now, counted))
    return counted


def quarters(end: datetime, seconds: int) -> dict[datetime, int]:
    """How many of the at most 900 seconds up to `end` fall in which quarter of an hour, by its beginning."""
    begin = end.replace(minute=end.minute - end.minute % 15, second=0, microsecond=0)
    within = min(seconds, int((end - begin).total_seconds()))
    parts = {begin - QUARTER: seconds - within, begin: within}
    return {at: part for at, part in parts.items() if part}


def _clock(member: Member, now: datetime) -> EffortClock:
    """The member's clock, locked until the transaction ends."""
    clocks = EffortClock.objects.select_for_update()
    return clocks.get_or_create(member=member, defaults={"spent": now - REACH})[0]


def _add(conversation: Conversation, member: Member, parts: dict[datetime, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO conversations_effort AS kept (workspace_id, conversation_id, member_id, at, seconds)
            SELECT %s, %s, %s, part.at, part.seconds
            FROM unnest(%s::timestamptz[], %s::smallint[]) AS part (at, seconds)
            ON CONFLICT (workspace_id, conversation_id, member_id, at)
            DO UPDATE SET seconds = least(900, kept.seconds + excluded.seconds)
            """,
            [current_workspace_id(), conversation.pk, member.pk, [*parts], [*parts.values()]],
        )
