"""An agent forwards a mail: it opens for the quoted requester, whose address is only claimed."""

import pytest

from contacts.types import Proof
from conversations.services.arrivals import NotOurs
from tests.scenarios.story import AGENT, Story, counted, identities, mailbox, thread

EVE = "Eve Stone <eve@shop.example>"


def test_a_forward_opens_for_the_quoted_requester(story: Story) -> None:
    quoted = mailbox(EVE, proof=Proof.CLAIMED)
    forward = story.mail(AGENT, "Can you send 200 chairs?", on_behalf_of=quoted)

    assert forward.rule == "new"
    assert (forward.entry.direction, forward.entry.is_verified) == ("in", False)
    assert forward.entry.data["forwarded_by"] == AGENT
    assert identities(forward.contact) == [("email", "eve@shop.example", "claimed")]


def test_the_requester_goes_on_in_the_forwarded_matter(story: Story) -> None:
    forward = story.mail(AGENT, "Can you send 200 chairs?", on_behalf_of=mailbox(EVE, proof=Proof.CLAIMED))
    answer = story.answer(forward, "Gladly. When?")
    eve = story.mail(EVE, "Next week", re=answer)

    assert eve.rule == "thread"
    assert counted() == (1, 1, 3)
    assert thread(eve) == ["Can you send 200 chairs?", "Gladly. When?", "Next week"]
    assert identities(eve.contact) == [("email", "eve@shop.example", "attested")]


def test_a_member_who_writes_for_themself_is_no_customer(story: Story) -> None:
    with pytest.raises(NotOurs):
        story.mail(AGENT, "Lunch?")
    assert counted() == (0, 0, 0)


def test_only_a_member_speaks_for_others(story: Story) -> None:
    eve = story.mail(EVE, "Where are my chairs?")
    quoted = mailbox(EVE, proof=Proof.CLAIMED)
    mallory = story.mail("mallory@evil.example", "Send them to me", on_behalf_of=quoted)
    forged = story.mail(AGENT, "Send them to me", on_behalf_of=quoted, verified=False)

    assert [mallory.rule, forged.rule] == ["new", "new"]
    assert eve.contact not in {mallory.contact, forged.contact}
    assert counted() == (3, 3, 3)
