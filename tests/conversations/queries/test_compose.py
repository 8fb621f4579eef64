import pytest

from contacts.services.people import add_identity
from contacts.types import AddressKind
from conversations import kinds
from conversations.models import Channel
from conversations.queries import compose
from tenancy.models import Brand, Member
from tests.conversations.queries.conftest import person


@pytest.fixture(autouse=True)
def both_can_send(monkeypatch):
    monkeypatch.setattr(kinds, "_senders", {"email", "sms"})


def test_the_ways_are_channels_that_reach_an_address_the_last_one_first(write, mail, sms):
    contact = write("m1").contact
    add_identity(contact=contact, kind=AddressKind.SMS, value="+1 206 555 0142")
    assert [way.channel for way in compose.ways_to(contact, first=sms)] == [sms, mail]
    assert [way.mails for way in compose.ways_to(contact, first=mail)] == [True, False]
    assert [str(way.identity) for way in compose.ways_to(contact, first=mail)] == [
        "ana@cust.example",
        "+1 206 555 0142",
    ]


def test_what_is_switched_off_is_no_way(write, mail):
    contact = write("m1").contact
    mail.is_enabled = False
    mail.save()
    assert compose.ways_to(contact) == []
    assert compose.ways_to(None) == []


def test_those_who_are_copied_leave_out_the_contact(write, mail):
    conversation = write("m1", cc=(person("ben@cust.example"),)).conversation
    assert compose.copied(conversation) == ["ben@cust.example"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Ana look", ["Ana"]),
        ("@ana maria, please", ["Ana Maria"]),
        ("@Ana Maria and @Ana", ["Ana Maria", "Ana"]),
        ("mail ana@acme.example", []),
        ("nobody", []),
    ],
)
def test_names_after_an_at_are_mentions(text, found):
    members = [Member(workspace_id=1, name=name) for name in ("Ana", "Ana Maria", "Ben")]
    assert [member.name for member in compose.mentioned(text, members)] == found


def test_another_channel_of_the_same_brand_comes_before_the_rest(write, mail, sms):
    contact = write("m1").contact
    other = Channel.objects.create(kind="email", name="A first", brand=Brand.objects.create(name="Other"))
    assert [way.channel for way in compose.ways_to(contact)] == [other, mail]
    assert [way.channel for way in compose.ways_to(contact, first=sms)] == [mail, other]
