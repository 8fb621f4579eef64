"""Doing one thing to many conversations, and taking it back: a few at once, more by the lane "bulk"."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.models import Bulk, BulkItem
from conversations.services.bulk.deeds import DEEDS, LEFT, STOPPED
from tenancy import lanes
from tenancy.bulk import together, update_rows
from tenancy.lanes import Fail, Ignore, Lane, State
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id

AT_ONCE = 50  # conversations that a request works on itself
MOST = 5_000  # and that one act may have
Outcome = Exception | None


class CannotUndo(Exception):
    """It has been taken back already, or is itself an undoing."""


@transaction.atomic
def begin(
    *,
    noun: str,
    conversations: Collection[int],
    member: Member,
    facts: dict[str, Any] | None = None,
    absent: Collection[int] = (),
) -> Bulk:
    """Do one thing to the conversations of these ids, MOST at most. Up to AT_ONCE are done when this returns, each
    by itself: one that fails takes no other along."""
    ids = sorted(set(conversations))[:MOST]
    bulk = Bulk.objects.create(
        noun=noun,
        member=member,
        facts={**(facts or {}), "by": member.pk},
        total=len(ids),
        absent=sorted(absent),
    )
    return _start(bulk, [BulkItem(bulk=bulk, conversation_id=pk) for pk in ids])


@transaction.atomic
def undo(*, bulk: Bulk, member: Member) -> Bulk:
    """Make all that a bulk act changed what it was, but where somebody has changed it since. One that is not done
    goes no further. Raises CannotUndo."""
    if bulk.undoes_id:
        raise CannotUndo
    BulkItem.objects.filter(lanes.OPEN, bulk=bulk).update(state=State.IGNORED, reason=STOPPED)
    changed = list(BulkItem.objects.filter(bulk=bulk, was__isnull=False).order_by("conversation_id"))
    try:
        with transaction.atomic():
            undoing = Bulk.objects.create(
                noun=bulk.noun, member=member, facts=bulk.facts, undoes=bulk, total=len(changed)
            )
    except IntegrityError as error:
        raise CannotUndo from error
    Bulk.objects.filter(pk=bulk.pk).update(closed_at=timezone.now())
    items = [
        BulkItem(bulk=undoing, conversation_id=item.conversation_id, was=item.now, now=item.was)
        for item in changed
    ]
    return _start(undoing, items)


def close(*, bulk: Bulk) -> None:
    """Show it no longer."""
    Bulk.objects.filter(pk=bulk.pk, closed_at=None).update(closed_at=timezone.now())


def _start(bulk: Bulk, items: list[BulkItem]) -> Bulk:
    BulkItem.objects.bulk_create(items)
    if len(items) > AT_ONCE:
        lanes.ring(lane.name)
        return bulk
    for item, outcome in zip(items, together(items, work_on, failed=lambda _, error: error), strict=True):
        item.state, item.reason = _end_of(outcome)
    update_rows(items, ["state", "reason", "was", "now"])
    if not bulk.absent and all(item.state == State.DONE for item in items):
        close(bulk=bulk)
    return bulk


def _end_of(outcome: Outcome) -> tuple[str, str]:
    """How an item ended that is not tried again."""
    if outcome is None:
        return State.DONE, ""
    is_expected = isinstance(outcome, Ignore | Fail)
    reason = str(outcome) if is_expected else f"{type(outcome).__name__}: {outcome}"[:2000]
    return State.IGNORED if isinstance(outcome, Ignore) else State.FAILED, reason


def work_on(items: Sequence[BulkItem]) -> list[Outcome]:
    """Do what is to be done to each; returns why one was left alone, or could not be done."""
    bulks = Bulk.objects.select_related("member").in_bulk({item.bulk_id for item in items})
    outcomes = [_work(item, bulks[item.bulk_id]) for item in items]
    for pk in bulks:
        push(current_workspace_id(), f"bulk:{pk}", [pk])
    return outcomes


def _work(item: BulkItem, bulk: Bulk) -> Outcome:
    if not bulk.member.is_active:
        return Fail(LEFT)
    try:
        (_put_back if bulk.undoes_id else _act)(item, bulk)
    except (Ignore, Fail) as outcome:
        return outcome
    return None


def _act(item: BulkItem, bulk: Bulk) -> None:
    was, now = DEEDS[bulk.noun].do(item.conversation, bulk.facts, bulk.member)
    if was != now:
        item.was, item.now = was, now


def _put_back(item: BulkItem, bulk: Bulk) -> None:
    # What an undoing is to find is what the act left.
    assert item.was is not None
    assert item.now is not None
    deed = DEEDS[bulk.noun]
    deed.take_back(item.conversation, bulk.facts, bulk.member, was=item.now, now=item.was)


lane = Lane("bulk", BulkItem, work=work_on, together=True, batch=AT_ONCE, max_attempts=3, also=("was", "now"))
