"""Messages that are received together end as if they had come one after another."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Contact, Identity, Suggestion
from contacts.types import AddressKind, Proof
from conversations.models import Conversation, CountDelta, Entry, Participant, ThreadKey, TimelineRef
from conversations.services import counts
from conversations.services.arrivals import Arrival, NotOurs, Received
from conversations.services.receive import receive_all
from conversations.types import InboundMessage
from tests.scenarios.story import AGENT, START, Story, address, mailbox
from tests.scenarios.test_properties import Message, fresh, histories, varied

pytestmark = pytest.mark.django_db


def arriving(story: Story, history: Sequence[Message], copied: Sequence[int]) -> list[Arrival]:
    """A history as the adapters bring it; some mails copy in another person."""
    return [
        Arrival(story.channel(one.kind), _message(one, other), story.now)
        for one, other in zip(history, copied, strict=True)
    ]


def _message(one: Message, other: int) -> InboundMessage:
    is_mail = one.kind == "email"
    return InboundMessage(
        external_id=f"{one.id}.id",
        sender=one.sender(),
        text=f"message {one.id}",
        thread_keys=(f"{one.answers}.id",) if is_mail and one.answers < one.id else (),
        starts_thread=is_mail and one.answers >= one.id,
        cc=(mailbox(f"person-{other}@cust.example", proof=Proof.CLAIMED),) if is_mail and other else (),
    )


def outcome(results: Sequence[Any]) -> tuple[Any, ...]:
    """What a person could tell of it: rows named by the order in which messages came to them, not by ids."""
    conversations = list(dict.fromkeys(one.conversation.pk for one in results))
    people = list(dict.fromkeys(one.contact.pk for one in results))
    entries = [Entry.objects.get(pk=one.entry.pk) for one in results]
    return (
        [
            (conversations.index(one.conversation.pk), people.index(one.contact.pk), one.rule)
            for one in results
        ],
        [
            (entry.preview, entry.is_verified, entry.data["why"]["key"], entry.data["who"])
            for entry in entries
        ],
        sorted(
            (conversations.index(row.conversation_id), row.identity.value, row.role, row.added_by)
            for row in Participant.objects.select_related("identity")
        ),
        sorted((conversations.index(row.conversation_id), row.key) for row in ThreadKey.objects.all()),
        sorted(
            (conversations.index(row.pk), row.status, row.preview, row.trail, row.subject)
            for row in Conversation.objects.all()
        ),
        (Contact.objects.count(), Identity.objects.count(), Suggestion.objects.count()),
        (Entry.objects.count(), TimelineRef.objects.count()),
        sorted((bucket.partition(":")[0], count) for bucket, count in counts.totals().items()),
    )


@varied
@given(history=histories(), data=st.data())
def test_together_is_as_one_after_another(history: list[Message], data: st.DataObject) -> None:
    copied = data.draw(st.lists(st.integers(0, 4), min_size=len(history), max_size=len(history)))
    with fresh() as story:
        together = outcome(receive_all(arriving(story, history, copied)))
        assert counts.differences() == {}
    with fresh() as story:
        alone = [receive_all([one])[0] for one in arriving(story, history, copied)]
        assert outcome(alone) == together


def mails(story: Story, senders: Sequence[str], **facts: Any) -> list[Arrival]:
    return [
        Arrival(
            story.channel("email"),
            InboundMessage(external_id=f"{number}@cust.example", sender=mailbox(sender), **facts),
            story.now,
        )
        for number, sender in enumerate(senders)
    ]


def test_fifty_strangers_cost_as_many_queries_as_one(story: Story) -> None:
    costs = []
    for number in (1, 50):
        arrivals = mails(story, [f"p{one}@{number}.example" for one in range(number)], text="Hello")
        with CaptureQueriesContext(connection) as captured:
            receive_all(arrivals)
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_the_same_message_twice_in_one_batch_is_there_once(story: Story) -> None:
    twice = [one for _ in range(2) for one in mails(story, ["ana@cust.example"])]
    first, second = receive_all(twice)
    assert isinstance(first, Received)
    assert isinstance(second, Received)
    assert (first.is_duplicate, second.is_duplicate, second.entry.pk) == (False, True, first.entry.pk)
    assert Entry.objects.count() == 1


def test_a_members_own_mail_among_others_is_nobodys(story: Story) -> None:
    results = receive_all(mails(story, ["ana@cust.example", AGENT, "bo@cust.example"]))
    assert [type(one) for one in results] == [Received, NotOurs, Received]
    assert Conversation.objects.count() == 2


def test_two_addresses_of_one_person_meet_in_one_conversation(story: Story) -> None:
    """A text and a chat that names the same number: what joins them is only known once it has been looked up."""
    story.sms("+4915550001")
    also = [address(AddressKind.PHONE, "+4915550001")]
    both = [
        Arrival(story.channel("sms"), _text("+4915550001", "s"), story.now),
        Arrival(story.channel("chat"), _chat("visitor", also), story.now),
    ]
    first, second = receive_all(both)
    assert isinstance(first, Received)
    assert isinstance(second, Received)
    assert (first.contact, first.conversation) == (second.contact, second.conversation)
    assert Contact.objects.count() == 1


def _text(number: str, external_id: str) -> InboundMessage:
    return InboundMessage(external_id=external_id, sender=address(AddressKind.SMS, number), text="Hello")


def _chat(visitor: str, also: Any) -> InboundMessage:
    sender = address(AddressKind.CHAT, visitor, scope="1", also=also)
    return InboundMessage(external_id="c", sender=sender, text="Hello", at=START)


def test_counts_of_a_batch_are_kept_in_few_rows(story: Story) -> None:
    receive_all(mails(story, [f"p{one}@cust.example" for one in range(20)]))
    assert CountDelta.objects.count() == 4
    assert counts.totals()["open"] == 20
