"""A CC'd colleague answers: in the same conversation, as a person of their own. Nobody uninvited gets in."""

from tests.scenarios.story import Story, counted, participants, thread, timeline

ANA, BEN, CEM = "Ana Lind <ana@cust.example>", "Ben Roth <ben@cust.example>", "cem@cust.example"


def test_a_copied_colleague_answers(story: Story) -> None:
    asked = story.mail(ANA, "The printer smokes", cc=[BEN])
    story.answer(asked, "Which floor?")
    told = story.mail(BEN, "Third floor", re=asked)

    assert (told.rule, told.conversation) == ("thread", asked.conversation)
    assert counted() == (1, 2, 3)
    assert participants(asked) == [
        ("ana@cust.example", "requester", "message"),
        ("ben@cust.example", "cc", "requester"),
    ]
    assert thread(asked) == ["The printer smokes", "Which floor?", "Third floor"]
    assert timeline(told.contact) == ["The printer smokes", "Which floor?", "Third floor"]
    assert timeline(asked.contact) == ["The printer smokes", "Which floor?"]


def test_an_uninvited_colleague_gets_a_linked_conversation(story: Story) -> None:
    asked = story.mail(ANA, "The printer smokes")
    told = story.mail(CEM, "It is on the third floor", re=asked)
    again = story.mail(CEM, "And it still smokes", re=asked)

    assert told.rule == "new"
    assert told.conversation is not None
    assert told.conversation.linked_to == asked.conversation
    assert (again.rule, again.conversation) == ("thread", told.conversation)
    assert counted() == (2, 2, 3)
    assert participants(asked) == [("ana@cust.example", "requester", "message")]


def test_nobody_vouches_for_the_copies_of_an_unverified_mail(story: Story) -> None:
    asked = story.mail(ANA, "The printer smokes", verified=False, cc=[BEN])
    assert participants(asked) == [("ana@cust.example", "requester", "message")]
    assert counted() == (1, 1, 1)


def test_our_own_addresses_are_not_copied_in(story: Story) -> None:
    support = story.channel("email")
    ours = [support.address, "support+token@acme.example", "agent@acme.example"]
    asked = story.mail(ANA, "The printer smokes", to=ours, cc=[BEN])
    assert [value for value, _, _ in participants(asked)] == ["ana@cust.example", "ben@cust.example"]
