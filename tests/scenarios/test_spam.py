"""Spam marked and taken back: kept, uncounted, and as it was when it comes back."""

from conversations.models import Conversation
from conversations.services import counts, work
from tests.scenarios.story import Story, counted, events, thread, timeline

ANA = "Ana Lind <ana@cust.example>"


def test_spam_is_kept_uncounted_and_taken_back(story: Story) -> None:
    got = story.mail(ANA, "You have won")
    assert got.conversation is not None
    channel = f"channel:{story.channel('email').pk}"
    brand = f"brand:{story.channel('email').brand_id}"
    assert counts.totals() == {"open": 1, "unassigned": 1, channel: 1, brand: 1}

    work.mark_spam(conversation=got.conversation, member=story.agent)
    assert counts.totals() == {"spam": 1}
    assert timeline(got.contact) == ["You have won"]

    work.unmark_spam(conversation=got.conversation, member=story.agent)
    assert counts.totals() == {"open": 1, "unassigned": 1, channel: 1, brand: 1}
    assert events(got) == ["spam", "not_spam"]
    conversation = Conversation.objects.get()
    assert (conversation.status, conversation.is_spam) == ("open", False)


def test_a_true_message_does_not_vanish_in_spam(story: Story) -> None:
    spam = story.sms("+4915550001", "You have won")
    assert spam.conversation is not None
    work.mark_spam(conversation=spam.conversation, member=story.agent)
    true = story.sms("+4915550001", "Where is my parcel?")
    assert true.rule == "new"
    assert true.conversation is not None
    assert true.conversation.is_spam is False

    work.unmark_spam(conversation=spam.conversation, member=story.agent)
    story.sms("+4915550001", "It was due yesterday")
    assert thread(true) == ["Where is my parcel?", "It was due yesterday"]
    assert counted() == (2, 1, 3)


def test_what_a_provider_calls_spam_stands_apart(story: Story) -> None:
    got = story.mail("mallory@evil.example", "You have won", spam=True)
    assert got.conversation is not None
    assert got.conversation.is_spam is True
    assert counts.totals() == {"spam": 1}
