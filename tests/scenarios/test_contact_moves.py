"""A contact moves to another account: what was said stays where they worked then."""

from contacts.models import Affiliation
from contacts.services.people import add_identity, affiliate, create_account
from contacts.types import AddressKind
from tests.scenarios.story import Story, counted, thread, timeline


def test_the_timelines_of_both_accounts_keep_their_own(story: Story) -> None:
    northwind = create_account(name="Northwind", domains=["northwind.example"])
    globex = create_account(name="Globex", domains=["globex.example"])
    first = story.mail("dana@northwind.example", "Our robot stands still")
    assert first.contact is not None
    proposed = Affiliation.objects.get()
    assert (proposed.account, proposed.is_proposed) == (northwind, True)
    assert timeline(northwind) == []

    affiliate(contact=first.contact, account=northwind)
    story.mail("dana@northwind.example", "It moves again", re=first)
    story.later(days=30)
    affiliate(contact=first.contact, account=globex)
    add_identity(contact=first.contact, kind=AddressKind.EMAIL, value="dana@globex.example")
    second = story.mail("dana@globex.example", "We want such a robot too")

    assert second.contact == first.contact
    assert second.rule == "new"
    assert timeline(northwind) == ["Our robot stands still", "It moves again"]
    assert timeline(globex) == ["We want such a robot too"]
    assert timeline(first.contact) == [
        "Our robot stands still",
        "It moves again",
        "We want such a robot too",
    ]
    assert second.conversation is not None
    assert second.conversation.account == globex


def test_a_new_address_alone_does_not_move_anybody(story: Story) -> None:
    first = story.mail("Dana Cole <dana@northwind.example>", "Our robot stands still")
    second = story.mail("Dana Cole <dana@globex.example>", "I have moved", re=first)
    assert second.contact != first.contact
    assert thread(first) == ["Our robot stands still"]
    assert counted() == (2, 2, 2)
