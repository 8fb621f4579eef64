"""Why a message is here, in words; those of older versions too."""

import pytest

from conversations.models import Entry
from conversations.queries.why import JOINED, KNOWN, Moved, who_words, why_of, why_words

MOVE = {"from": 3, "by": "Ana", "at": "2026-03-02T09:00:00+00:00", "record": 9, "rule": "thread"}


def entry(**data: object) -> Entry:
    return Entry(workspace_id=1, kind="message", data=data)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ({"key": "thread"}, "It answers a message of this conversation."),
        (
            {"key": "person", "hours": 72, "after": "2026-03-02T09:00:00+00:00"},
            "It comes from the same person within 72 hours of the message of Mon 2 Mar, 09:00.",
        ),
        ({"key": "person"}, "It comes from the same person within ? hours of the message of ?."),
        ("same person, within the window", "same person, within the window"),
        ({"key": "a rule to come"}, ""),
        (None, ""),
    ],
)
def test_the_rule_reads_as_a_sentence(why, words):
    assert why_words(entry(why=why)) == words


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ({"key": "known"}, "A known address of theirs."),
        ({"key": "same", "kind": "sms", "value": "+1"}, "The same as their SMS address +1."),
        ("known address", "known address"),
        ({}, ""),
    ],
)
def test_who_it_is_reads_as_a_sentence(who, words):
    assert who_words(entry(who=who)) == words


def test_every_sentence_can_be_said_without_its_facts():
    for key in JOINED:
        assert why_words(entry(why={"key": key}))
    for key in KNOWN:
        assert who_words(entry(who={"key": key}))


def test_moves_are_told_newest_first():
    why = why_of(entry(moves=[MOVE, MOVE | {"by": "Ben", "from": 4}], others=[5], linked_to=6))
    assert why is not None
    assert why.moves == [Moved("Ben", "Mon 2 Mar, 09:00", 4), Moved("Ana", "Mon 2 Mar, 09:00", 3)]
    assert (why.others, why.linked_to) == ([5], 6)


def test_what_was_written_here_needs_no_reason():
    assert why_of(entry()) is None
