"""Forged References by a stranger: a known id is no key, and a guessed one opens nothing."""

from conversations.tokens import make_token
from tests.scenarios.story import Story, counted, participants, thread

ANA, MALLORY = "Ana Lind <ana@cust.example>", "Ana Lind <ana@evil.example>"


def test_a_stranger_with_our_own_id_gets_a_linked_conversation(story: Story) -> None:
    asked = story.mail(ANA, "Please reset my password")
    answer = story.answer(asked, "To which address?")
    forged = story.mail(MALLORY, "To this one", re=answer)

    assert forged.rule == "new"
    assert forged.conversation is not None
    assert forged.conversation.linked_to == asked.conversation
    assert forged.entry.data["why"] == {"key": "stranger"}
    assert counted() == (2, 2, 3)
    assert thread(asked) == ["Please reset my password", "To which address?"]
    assert participants(asked) == [("ana@cust.example", "requester", "message")]


def test_in_her_name_without_a_verdict_only_our_own_id_joins(story: Story) -> None:
    asked = story.mail(ANA, "Please reset my password")
    answer = story.answer(asked, "To which address?")
    by_her_id = story.mail(ANA, "To another one", verified=False, re=asked)
    by_our_id = story.mail(ANA, "To this one", verified=False, re=answer)

    assert [by_her_id.rule, by_our_id.rule] == ["new", "thread"]
    assert by_her_id.contact == by_our_id.contact == asked.contact
    assert [by_her_id.entry.is_verified, by_our_id.entry.is_verified] == [False, False]
    assert thread(asked) == ["Please reset my password", "To which address?", "To this one"]


def test_a_token_is_sealed_and_names_a_participant(story: Story) -> None:
    asked = story.mail(ANA, "Please reset my password")
    assert asked.conversation is not None
    token = make_token(story.workspace.pk, asked.conversation.pk)
    foreign = make_token(story.workspace.pk + 1, asked.conversation.pk)

    assert story.mail(ANA, tokens=[token]).rule == "token"
    assert story.mail(ANA, tokens=[foreign]).rule == "new"
    assert story.mail(ANA, tokens=[token.replace(token[0], "b" if token[0] == "a" else "a")]).rule == "new"
    assert story.mail(MALLORY, tokens=[token]).rule == "new"
