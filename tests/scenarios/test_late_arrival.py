"""Late and out of order: an entry stands where its time says, and is there once."""

from datetime import timedelta

from conversations.models import Conversation
from tests.scenarios.story import START, Story, counted, thread, timeline

ANA = "Ana Lind <ana@cust.example>"


def test_late_mail_lands_where_it_belongs(story: Story) -> None:
    first = story.mail(ANA, "one")
    third = story.mail(ANA, "three", re=first)
    at = third.entry.at - timedelta(seconds=30)
    story.later(hours=5)
    second = story.mail(ANA, "two", re=first, at=at)

    assert second.entry.at == at
    assert thread(first) == timeline(first.contact) == ["one", "two", "three"]
    conversation = Conversation.objects.get()
    assert (conversation.preview, conversation.last_at) == ("three", third.entry.at)


def test_an_answer_overtakes_what_it_answers(story: Story) -> None:
    answer = story.mail(ANA, "It is the blue one", ids=["root@cust.example"])
    at = answer.entry.at - timedelta(minutes=10)
    root = story.mail(ANA, "My chair squeaks", external_id="root@cust.example", at=at)

    assert (root.rule, root.conversation) == ("thread", answer.conversation)
    assert thread(root) == ["My chair squeaks", "It is the blue one"]


def test_a_clock_that_is_wrong_is_clamped(story: Story) -> None:
    future = story.mail(ANA, "from the future", at=START + timedelta(days=900))
    past = story.mail(ANA, "from the past", at=START - timedelta(days=9000))
    assert future.entry.at == START + timedelta(minutes=1)
    assert past.entry.at == story.channel("email").started_at


def test_delivered_again_days_later_it_is_there_once(story: Story) -> None:
    first = story.sms("+4915550001", "one", external_id="SM1")
    story.later(days=9)
    again = story.sms("+4915550001", "one", external_id="SM1")
    assert again.is_duplicate
    assert (again.entry, again.conversation, again.contact) == (
        first.entry,
        first.conversation,
        first.contact,
    )
    assert counted() == (1, 1, 1)


def test_a_message_from_last_week_joins_the_matter_of_last_week(story: Story) -> None:
    old = story.sms("+4915550001", "The printer smokes")
    story.later(days=8)
    new = story.sms("+4915550001", "My chair squeaks")
    late = story.sms("+4915550001", "It burns", at=old.entry.at + timedelta(hours=1))
    assert late.conversation == old.conversation
    assert thread(old) == ["The printer smokes", "It burns"]
    assert thread(new) == ["My chair squeaks"]
