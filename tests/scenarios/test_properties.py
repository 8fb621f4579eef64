"""What holds for every history: any order, any repetition, any claims."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.types import Address, AddressKind, Proof
from conversations.models import Conversation, Entry, TimelineRef
from conversations.services import counts, work
from conversations.services.arrivals import Received
from tests.scenarios.story import START, Story, address, told

PEOPLE = 4
EXAMPLES = 25

pytestmark = pytest.mark.django_db
varied = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Message:
    """A message of one of a few people; `answers` names an earlier one by its id, if there is such a one."""

    id: int
    person: int
    kind: str
    minute: int
    answers: int
    claims: int
    verified: bool

    def sender(self) -> Address:
        """Who writes; `claims` is a person whose mail address they say is theirs."""
        claimed = address(AddressKind.EMAIL, _mail(self.claims), proof=Proof.CLAIMED)
        proof = Proof.ATTESTED if self.verified or self.kind != "email" else Proof.CLAIMED
        value = {
            "email": _mail(self.person),
            "sms": f"+491555000{self.person}",
            "chat": f"visitor-{self.person}",
        }
        kind = AddressKind(self.kind)
        return address(kind, value[self.kind], proof=proof, also=[claimed] if self.kind == "chat" else [])

    def arrive(self, story: Story) -> Received:
        """Be received, with the id, time and thread that this message always has."""
        keys = (f"{self.answers}.id",) if self.kind == "email" and self.answers < self.id else ()
        at = START + timedelta(minutes=self.minute)
        return story.say(
            self.kind, self.sender(), f"message {self.id}", external_id=f"{self.id}.id", ids=keys, at=at
        )


def _mail(person: int) -> str:
    return f"person-{person}@cust.example"


def histories() -> st.SearchStrategy[list[Message]]:
    """Up to twelve messages, each with an id of its own."""
    one = st.builds(
        Message,
        id=st.just(0),
        person=st.integers(1, PEOPLE),
        kind=st.sampled_from(["email", "sms", "chat"]),
        minute=st.integers(0, 6000),
        answers=st.integers(0, 12),
        claims=st.integers(1, PEOPLE),
        verified=st.booleans(),
    )
    return st.lists(one, min_size=1, max_size=12).map(
        lambda found: [Message(**(vars(message) | {"id": number})) for number, message in enumerate(found)]
    )


@contextmanager
def fresh() -> Iterator[Story]:
    """A story of its own for each example, of which nothing stays."""
    with transaction.atomic():
        with told() as story:
            story.later(days=10)
            yield story
        transaction.set_rollback(True)


@varied
@given(history=histories(), data=st.data())
def test_any_order_and_repetition_gives_the_same_entries_each_once(
    history: list[Message], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(history))
    again = data.draw(st.lists(st.sampled_from(history), max_size=6))
    with fresh() as story:
        first = [message.arrive(story) for message in order]
        second = [message.arrive(story) for message in again]

        assert not any(got.is_duplicate for got in first)
        assert all(got.is_duplicate for got in second)
        stored = Entry.objects.filter(kind=Entry.Kind.MESSAGE).order_by("at", "external_id")
        expected = sorted((START + timedelta(minutes=one.minute), f"{one.id}.id") for one in history)
        assert [(entry.at, entry.external_id) for entry in stored] == expected


@varied
@given(history=histories())
def test_the_timelines_hold_what_the_threads_hold(history: list[Message]) -> None:
    with fresh() as story:
        for message in history:
            message.arrive(story)

        refs = TimelineRef.objects.filter(entry__kind=Entry.Kind.MESSAGE).select_related("entry")
        on_timelines = {(ref.entry_id, ref.contact_id, ref.at) for ref in refs}
        in_threads = {
            (entry.pk, entry.contact_id, entry.at)
            for conversation in Conversation.objects.all()
            for entry in conversation.entries.filter(kind=Entry.Kind.MESSAGE)
        }
        assert on_timelines == in_threads
        assert len(in_threads) == len(history)


@varied
@given(history=histories())
def test_claims_never_join_two_people(history: list[Message]) -> None:
    """Nobody here owns two addresses that anything attests, so every address keeps a contact of its own."""
    with fresh() as story:
        owners: dict[int | None, set[tuple[str, int]]] = {}
        for message in history:
            got = message.arrive(story)
            owners.setdefault(got.entry.contact_id, set()).add((message.kind, message.person))
        assert all(len(sources) == 1 for sources in owners.values())


@varied
@given(history=histories())
def test_a_conversation_holds_only_the_messages_of_its_own_person(history: list[Message]) -> None:
    """Nobody here is copied in, so nobody gets into another's conversation by naming its ids."""
    with fresh() as story:
        for message in history:
            message.arrive(story)
        for conversation in Conversation.objects.all():
            authors = conversation.entries.filter(kind=Entry.Kind.MESSAGE).values_list(
                "contact_id", flat=True
            )
            assert set(authors) == {conversation.contact_id}


@varied
@given(
    history=histories(),
    acts=st.lists(st.sampled_from(["resolve", "reopen", "spam", "not spam", "take", "answer"]), max_size=12),
)
def test_the_counts_and_rows_equal_a_rebuild(history: list[Message], acts: list[str]) -> None:
    with fresh() as story:
        for number, message in enumerate(history):
            got = message.arrive(story)
            if number < len(acts):
                do(story, acts[number], got)
        counts.squash()
        assert counts.differences() == {}
        for conversation in Conversation.objects.all():
            messages = conversation.entries.filter(kind=Entry.Kind.MESSAGE).order_by("-at", "-id")
            newest = messages[0]
            assert (conversation.last_at, conversation.preview) == (newest.at, newest.preview)


def do(story: Story, act: str, got: Received) -> None:
    """What the agent does with the conversation of a message that has just come."""
    assert got.conversation is not None
    match act:
        case "resolve":
            work.resolve(conversation=got.conversation, member=story.agent)
        case "reopen":
            work.reopen(conversation=got.conversation, member=story.agent)
        case "spam":
            work.mark_spam(conversation=got.conversation, member=story.agent)
        case "not spam":
            work.unmark_spam(conversation=got.conversation, member=story.agent)
        case "take":
            work.take(conversation=got.conversation, member=story.agent)
        case "answer":
            story.answer(got)
