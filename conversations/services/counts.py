"""Counts of the views, kept by deltas in the transaction that changes a conversation."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.db.models import Count, Sum

from conversations.models import Conversation, ConversationLabel, CountDelta
from conversations.models.conversation import ACTIVE, KEPT, SNOOZED, SPAM
from tenancy.live import push
from tenancy.scope import current_workspace_id

PLACED = {"channel": "last_channel_id", "team": "team_id", "brand": "brand_id"}


def buckets(conversation: Conversation, labels: Iterable[int]) -> set[str]:
    """Names of the counted views that a conversation is in; `rebuild` counts the same by query."""
    if conversation.kind != Conversation.Kind.CUSTOMER:
        return set()
    if conversation.is_spam:
        return {"spam"}
    if conversation.status in {Conversation.Status.SNOOZED, Conversation.Status.RESOLVED}:
        return {str(conversation.status)}
    owner = f"mine:{conversation.assignee_id}" if conversation.assignee_id else "unassigned"
    found = {"open", owner, *(f"label:{label}" for label in labels)}
    placed = {name: getattr(conversation, column) for name, column in PLACED.items()}
    return found | {f"{name}:{place}" for name, place in placed.items() if place}


def lists(conversation: Conversation) -> set[str]:
    """Topics of the lists that show a conversation; `View.topics` names those that a list hears of."""
    return {name for name in buckets(conversation, ()) if name.partition(":")[0] not in PLACED}


def labels_of(conversation: Conversation) -> set[int]:
    """Ids of a conversation's labels."""
    return labels_of_all([conversation.pk])[conversation.pk]


def labels_of_all(ids: Sequence[int]) -> dict[int, set[int]]:
    """Ids of the labels of each conversation, by its id."""
    labels: dict[int, set[int]] = {pk: set() for pk in ids}
    if not ids:
        return labels
    rows = ConversationLabel.objects.filter(conversation__in=ids)
    for conversation, label in rows.values_list("conversation_id", "label_id"):
        labels[conversation].add(label)
    return labels


def apply(before: set[str], after: set[str]) -> None:
    """Add the difference between the views that a conversation was in and is in."""
    apply_all([(before, after)])


def apply_all(changes: Iterable[tuple[set[str], set[str]]]) -> None:
    """Add the differences between the views that conversations were in and are in."""
    deltas: Counter[str] = Counter()
    for before, after in changes:
        deltas.update(after - before)
        deltas.subtract(before - after)
    rows = [CountDelta(bucket=bucket, delta=delta) for bucket, delta in deltas.items() if delta]
    CountDelta.objects.bulk_create(rows)
    if rows:
        push(current_workspace_id(), "counts")


def totals(names: Iterable[str] | None = None) -> dict[str, int]:
    """The kept counts, of the named buckets or of all."""
    rows = CountDelta.objects.all() if names is None else CountDelta.objects.filter(bucket__in=list(names))
    sums = rows.order_by().values_list("bucket").annotate(total=Sum("delta"))
    return {bucket: total for bucket, total in sums if total}


def squash() -> int:
    """Fold the deltas of each bucket into one row. Returns the number of rows folded away.

    Only rows that are visible and unlocked are folded, so it never waits for a transaction and never misses one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH taken AS (
                SELECT id FROM conversations_countdelta WHERE workspace_id = %(ws)s FOR UPDATE SKIP LOCKED
            ), gone AS (
                DELETE FROM conversations_countdelta d USING taken
                WHERE d.workspace_id = %(ws)s AND d.id = taken.id RETURNING d.bucket, d.delta
            ), folded AS (
                INSERT INTO conversations_countdelta (workspace_id, bucket, delta)
                SELECT %(ws)s, bucket, sum(delta) FROM gone GROUP BY bucket HAVING sum(delta) <> 0 RETURNING 1
            )
            SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM folded)
            """,
            {"ws": current_workspace_id()},
        )
        return int(cursor.fetchone()[0])


def recount() -> dict[str, int]:
    """The counts as the conversations themselves say; slow, for `fsck` only."""
    active = Conversation.objects.filter(ACTIVE)
    found: Counter[str] = Counter()
    found["open"] = active.count()
    found["spam"] = Conversation.objects.filter(SPAM).count()
    found["snoozed"] = Conversation.objects.filter(SNOOZED).count()
    found["resolved"] = Conversation.objects.filter(KEPT, status=Conversation.Status.RESOLVED).count()
    for owner, count in active.order_by().values_list("assignee_id").annotate(Count("id")):
        found[f"mine:{owner}" if owner else "unassigned"] = count
    for name, column in PLACED.items():
        for place, count in active.order_by().values_list(column).annotate(Count("id")):
            if place:
                found[f"{name}:{place}"] = count
    labelled = ConversationLabel.objects.filter(conversation__in=active)
    for label, count in labelled.order_by().values_list("label_id").annotate(Count("id")):
        found[f"label:{label}"] = count
    return {bucket: count for bucket, count in found.items() if count}


def differences() -> dict[str, tuple[int, int]]:
    """Where kept and recounted differ: bucket → (kept, true). Empty when all is well."""
    kept, true = totals(), recount()
    return {
        bucket: (kept.get(bucket, 0), true.get(bucket, 0))
        for bucket in sorted(kept.keys() | true.keys())
        if kept.get(bucket, 0) != true.get(bucket, 0)
    }


@transaction.atomic
def mend() -> dict[str, tuple[int, int]]:
    """Make the kept counts the true ones. Returns what differed, as `differences` does.

    It waits for the changes that are under way, and holds up those that come until it is done: a change commits
    with its delta or not at all, so that none is counted twice.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE conversations_countdelta IN SHARE ROW EXCLUSIVE MODE")
    found = differences()
    CountDelta.objects.bulk_create(
        CountDelta(bucket=bucket, delta=true - kept) for bucket, (kept, true) in found.items()
    )
    if found:
        push(current_workspace_id(), "counts")
    return found
