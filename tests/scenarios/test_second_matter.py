"""A second matter by fresh e-mail: a conversation of its own, linked to the first."""

from conversations.services import work
from tests.scenarios.story import Story, counted, mailbox, thread

ANA = "Ana Lind <ana@cust.example>"


def test_a_fresh_mail_opens_a_linked_conversation(story: Story) -> None:
    printer = story.mail(ANA, "The printer smokes", subject="Printer")
    chair = story.mail(ANA, "My chair squeaks", subject="Chair")
    assert chair.rule == "new"
    assert chair.conversation is not None
    assert chair.conversation.linked_to == printer.conversation

    story.mail(ANA, "It burns", re=printer)
    story.mail(ANA, "It fell apart", re=chair)
    assert thread(printer) == ["The printer smokes", "It burns"]
    assert thread(chair) == ["My chair squeaks", "It fell apart"]
    assert counted() == (2, 1, 4)


def test_a_fresh_mail_to_another_mailbox_is_a_second_matter_too(story: Story) -> None:
    printer = story.mail(ANA, "The printer smokes")
    offer = story.mail(ANA, "How much is a new one?", on=story.channel("email", "sales"))
    assert offer.rule == "new"
    assert offer.conversation is not None
    assert offer.conversation.linked_to == printer.conversation


def test_the_window_ends_and_a_new_matter_begins(story: Story) -> None:
    first = story.sms("+4915550001", "The printer smokes")
    story.later(hours=71)
    second = story.sms("+4915550001", "It burns")
    story.later(hours=73)
    third = story.sms("+4915550001", "My chair squeaks")
    assert [first.rule, second.rule, third.rule] == ["new", "continuity", "new"]
    assert counted() == (2, 1, 3)


def test_a_resolved_matter_is_taken_up_again(story: Story) -> None:
    first = story.sms("+4915550001", "The printer smokes")
    assert first.conversation is not None
    work.resolve(conversation=first.conversation, member=story.agent)
    again = story.sms("+4915550001", "It smokes again")
    first.conversation.refresh_from_db()
    assert (again.rule, again.conversation) == ("continuity", first.conversation)
    assert first.conversation.status == "open"


def test_several_matters_name_each_other(story: Story) -> None:
    printer = story.mail(ANA, "The printer smokes")
    chair = story.mail(ANA, "My chair squeaks")
    assert printer.conversation is not None
    story.mail(ANA, "It burns", re=printer)
    text = story.chat("visitor-1", "Any news?", also=[mailbox(ANA)])
    assert (text.rule, text.conversation) == ("continuity", printer.conversation)
    assert chair.conversation is not None
    assert text.entry.data["others"] == [chair.conversation.number]
