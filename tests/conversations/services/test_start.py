import pytest

from contacts.services.people import create_contact
from contacts.types import AddressKind
from conversations import kinds
from conversations.models import Conversation, Participant
from conversations.services import counts
from conversations.services.reply import CannotReply, Draft
from conversations.services.start import start
from tests.senders import senders


@pytest.fixture(autouse=True)
def mail_can_be_sent(monkeypatch):
    monkeypatch.setattr(kinds, "_senders", senders("email"))


def test_a_first_message_opens_a_conversation_of_ones_own(mail, member):
    ana = create_contact(name="Ana", addresses=[(AddressKind.EMAIL, "ana@cust.example")])
    draft = Draft("It is here.", to=ana.identities.get())
    entry = start(contact=ana, channel=mail, subject="Your order", draft=draft, member=member)
    conversation = entry.conversation
    assert conversation is not None
    assert (conversation.subject, conversation.status, conversation.assignee) == (
        "Your order",
        "pending",
        member,
    )
    assert [(person.contact, person.role) for person in Participant.objects.all()] == [(ana, "requester")]
    assert counts.differences() == {}


def test_it_goes_to_the_contact_and_to_nobody_else(mail, member):
    ana = create_contact(name="Ana")
    ben = create_contact(name="Ben", addresses=[(AddressKind.EMAIL, "ben@cust.example")])
    for to in (None, ben.identities.get()):
        with pytest.raises(CannotReply):
            start(contact=ana, channel=mail, subject="S", draft=Draft("Hi", to=to), member=member)
    assert Conversation.objects.count() == 0
