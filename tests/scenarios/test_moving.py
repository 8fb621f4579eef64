"""What holds however people move things about: nothing is lost, and every row tells what is true."""

from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.models import Conversation, Entry, Mention, ThreadKey
from conversations.services import counts, moves
from conversations.services.moves import CannotMove
from conversations.services.notes import note
from conversations.services.retelling import retold
from tests.scenarios.story import Story
from tests.scenarios.test_properties import Message, fresh, histories, varied

pytestmark = pytest.mark.django_db

VERBS = ["answer", "note", "move", "split", "not same", "undo"]


@dataclass(frozen=True)
class Act:
    """What the agent does with the entry, and the conversation or move, that stands at a place among all."""

    verb: str
    at: int

    def do(self, story: Story) -> None:
        entries = list(Entry.objects.filter(kind__in=moves.MOVABLE).order_by("pk"))
        entry = entries[self.at % len(entries)]
        source = entry.conversation
        assert source is not None
        if self.verb == "answer" and entry.kind == Entry.Kind.MESSAGE:
            story.answer(entry)
        elif self.verb == "note":
            note(conversation=source, member=story.agent, text="Hm", mentions=[story.agent])
        elif self.verb == "split":
            moves.split(entry=entry, source=source, member=story.agent)
        elif self.verb == "not same":
            moves.not_same(entry=entry, source=source, member=story.agent)
        elif self.verb == "undo":
            records = list(Entry.objects.filter(event__in=["moved_out", "split_out"]).order_by("pk"))
            if records:
                moves.undo(record=records[self.at % len(records)], member=story.agent)
        elif self.verb == "move":
            others = list(Conversation.objects.order_by("pk"))
            to = others[self.at % len(others)]
            moves.move(wanted=[entry], source=source, to=to, member=story.agent)


ACTS = st.lists(st.builds(Act, verb=st.sampled_from(VERBS), at=st.integers(0, 40)), min_size=1, max_size=8)


@varied
@given(history=histories(), acts=ACTS, later=histories())
def test_nothing_is_lost_and_the_rows_tell_the_truth(
    history: list[Message], acts: list[Act], later: list[Message]
) -> None:
    with fresh() as story:
        for message in history:
            message.arrive(story)
        written = _movable()
        for act in acts:
            with suppress(CannotMove):
                act.do(story)
        assert _movable() >= written
        for message in later:
            message.arrive(story)
        _check_rows()
        _check_keys()


@varied
@given(history=histories(), verb=st.sampled_from(["move", "split", "not same"]), at=st.integers(0, 40))
def test_a_move_that_is_undone_has_changed_nothing(history: list[Message], verb: str, at: int) -> None:
    with fresh() as story:
        for message in history:
            message.arrive(story)
        before = _placed()
        with suppress(CannotMove):
            Act(verb, at).do(story)
            Act("undo", 0).do(story)
        after = {pk: place for pk, place in _placed().items() if pk in before}
        assert after == before
        _check_rows()


def _movable() -> set[int]:
    return set(Entry.objects.filter(kind__in=moves.MOVABLE).values_list("pk", flat=True))


def _placed() -> dict[int, tuple[object, ...]]:
    rows = Conversation.objects.values_list("pk", "status", "waiting_since", "trail", "last_at", "preview")
    keys = dict[int, list[str]]()
    for conversation, key in ThreadKey.objects.order_by("key").values_list("conversation_id", "key"):
        keys.setdefault(conversation, []).append(key)
    return {pk: (*rest, tuple(keys.get(pk, ()))) for pk, *rest in rows}


def _check_rows() -> None:
    assert counts.differences() == {}
    for conversation in Conversation.objects.all():
        true = retold(conversation)
        assert {name: getattr(conversation, name) for name in true} == true
        live = [entry for entry in conversation.entries.all() if entry.kind == Entry.Kind.MESSAGE]
        assert live or (conversation.status, conversation.waiting_since) == ("resolved", None)
    for mention in Mention.objects.select_related("entry"):
        assert mention.conversation_id == mention.entry.conversation_id


def _check_keys() -> None:
    """A message's own id leads to where the message is."""
    places = {
        (entry.channel_id, entry.external_id): entry.conversation_id
        for entry in Entry.objects.filter(kind=Entry.Kind.MESSAGE).exclude(external_id="")
    }
    for key in ThreadKey.objects.all():
        assert places.get((key.channel_id, key.key), key.conversation_id) == key.conversation_id
