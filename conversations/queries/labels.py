"""Which labels there are, and which of them a conversation carries."""

from collections.abc import Sequence

from conversations.models import Label
from conversations.queries.parts import LABELS, asked
from tenancy.reading import Found, Reading

LABELS_ON = """
    SELECT label_id FROM conversations_conversationlabel
    WHERE workspace_id = %(workspace)s AND conversation_id = (SELECT id FROM asked)"""


LABELLED = """
    SELECT label_id, count(*) AS total FROM conversations_conversationlabel
    WHERE workspace_id = %(workspace)s AND conversation_id = ANY(%(chosen)s::bigint[]) GROUP BY label_id"""


def labels_on(ids: Sequence[int]) -> Reading[list[tuple[Label, int]]]:
    """All labels, by name, each with how many of the conversations of these ids carry it."""

    def make(found: Found) -> list[tuple[Label, int]]:
        totals = {row["label_id"]: row["total"] for row in found.rows("labelled")}
        return [(label, totals.get(label.pk, 0)) for label in found.of(Label, "labels")]

    return Reading({"labels": LABELS, "labelled": LABELLED}, make, facts={"chosen": list(ids)})


def labels_of(number: int) -> Reading[list[tuple[Label, bool]]]:
    """All labels, by name, each with whether the conversation carries it."""

    def make(found: Found) -> list[tuple[Label, bool]]:
        on = {row["label_id"] for row in found.rows("labels_on")}
        return [(label, label.pk in on) for label in found.of(Label, "labels")]

    return Reading({"labels": LABELS, "labels_on": LABELS_ON}, make, **asked(number))
