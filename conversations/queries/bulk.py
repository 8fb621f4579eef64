"""How far an act on many conversations has come: how many are done, which were left alone, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conversations.models import Bulk
from conversations.queries.bulk_words import done_words, reason_words
from tenancy.models import Member
from tenancy.reading import Found, Reading, refers

TROUBLES = 20  # conversations that are told of one by one
BULK = "id, noun, facts, undoes_id, total, absent, created_at, closed_at, member_id"
ASKED = f"SELECT {BULK} FROM conversations_bulk WHERE workspace_id = %(workspace)s AND id = %(bulk)s"
SHOWN = f"""
    SELECT {BULK} FROM conversations_bulk
    WHERE workspace_id = %(workspace)s AND member_id = %(member)s AND closed_at IS NULL
    ORDER BY id DESC LIMIT 1"""
OF_IT = "workspace_id = %(workspace)s AND bulk_id = (SELECT id FROM bulk)"
TALLY = f"""
    SELECT state, count(*) AS total, count(was) AS changed FROM conversations_bulkitem
    WHERE {OF_IT} GROUP BY state"""
TROUBLED = f"""
    SELECT state, reason, {refers("conversation", "conversations_conversation", "number", "subject")}
    FROM conversations_bulkitem row WHERE {OF_IT} AND state IN ('ignored', 'failed')
    ORDER BY id LIMIT {TROUBLES}"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A conversation that was left alone, or could not be done (`has_failed`)."""

    number: int
    subject: str
    reason: str
    has_failed: bool

    @property
    def words(self) -> str:
        return reason_words(self.reason)


@dataclass(frozen=True, slots=True)
class Progress:
    """An act on many conversations. Of its `total` some are `done`, of which `changed` were not so before; some
    were `skipped`, some `failed`."""

    pk: int
    noun: str
    facts: dict[str, Any]
    undoes: int | None
    member: int
    created_at: datetime
    total: int
    done: int
    changed: int
    skipped: int
    failed: int
    absent: Sequence[int]
    troubles: Sequence[Trouble]

    @property
    def worked_on(self) -> int:
        return self.done + self.skipped + self.failed

    @property
    def is_over(self) -> bool:
        return self.worked_on >= self.total

    @property
    def can_undo(self) -> bool:
        return self.undoes is None and self.changed > 0

    @property
    def words(self) -> str:
        """What has been done."""
        return done_words(self.noun, self.facts, self.done, is_undo=self.undoes is not None)


def progress(pk: int) -> Reading[Progress | None]:
    """How far the act of that id has come."""
    return _reading(ASKED, {"bulk": pk})


def shown(member: Member) -> Reading[Progress | None]:
    """The act of a member that their pages show: the last one that they have not put away."""
    return _reading(SHOWN, {"member": member.pk})


def _reading(bulk: str, facts: dict[str, Any]) -> Reading[Progress | None]:
    parts = {"bulk_row": "SELECT * FROM bulk", "bulk_tally": TALLY, "bulk_troubles": TROUBLED}
    return Reading(parts, _make, given={"bulk": bulk}, facts=facts)


def _make(found: Found) -> Progress | None:
    row = found.one(Bulk, "bulk_row")
    if row is None:
        return None
    tally = {each["state"]: each for each in found.rows("bulk_tally")}

    def count(state: str, what: str = "total") -> int:
        return int(tally.get(state, {}).get(what, 0))

    return Progress(
        pk=row.pk,
        noun=row.noun,
        facts=row.facts,
        undoes=row.undoes_id,
        member=row.member_id,
        created_at=row.created_at,
        total=row.total,
        done=count("done"),
        changed=count("done", "changed"),
        skipped=count("ignored"),
        failed=count("failed"),
        absent=row.absent,
        troubles=[_trouble(each) for each in found.rows("bulk_troubles")],
    )


def _trouble(found: dict[str, Any]) -> Trouble:
    number, subject = found["conversation__number"], found["conversation__subject"]
    return Trouble(number, subject, found["reason"], has_failed=found["state"] == "failed")
