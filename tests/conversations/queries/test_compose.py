from datetime import timedelta

import pytest

from contacts.models import Contact
from contacts.services.people import add_identity, confirm_identity
from contacts.types import Address, AddressKind, Proof
from conversations import kinds
from conversations.models import Channel
from conversations.queries import compose
from conversations.services.optouts import opt_in, opt_out
from tenancy.models import Brand, Member
from tests.conversations.queries.conftest import NOW, person
from tests.senders import senders


@pytest.fixture(autouse=True)
def both_can_send(monkeypatch):
    monkeypatch.setattr(kinds, "_senders", senders("email", "sms"))


def test_the_ways_are_channels_that_reach_an_address_the_last_one_first(write, mail, sms):
    contact = write("m1").contact
    add_identity(contact=contact, kind=AddressKind.SMS, value="+1 206 555 0142")
    assert [way.channel for way in compose.ways_to(contact, first=sms)] == [sms, mail]
    assert [way.mails for way in compose.ways_to(contact, first=mail)] == [True, False]
    assert [str(way.identity) for way in compose.ways_to(contact, first=mail)] == [
        "ana@cust.example",
        "+1 206 555 0142",
    ]


def test_nobody_can_be_reached_nowhere(mail):
    assert compose.offer(None) == compose.Offer()


def test_what_is_switched_off_is_no_way_and_says_so(write, mail):
    contact = write("m1").contact
    mail.is_enabled = False
    mail.save()
    assert compose.ways_to(contact) == []
    assert closed(contact) == [("Support", "This channel is switched off in the settings.", "")]


def test_a_channel_in_trouble_is_offered_with_a_warning(write, mail):
    contact = write("m1").contact
    mail.last_error = "Sending: connection refused"
    mail.save()
    assert [way.warning for way in compose.ways_to(contact)] == ["Sending: connection refused"]


def test_what_anybody_could_have_typed_is_no_way(write, mail):
    chat = Address(AddressKind.CHAT, "v1", proof=Proof.ATTESTED, also=(person(verified=False),))
    contact = write("c1", sender=chat).contact
    assert closed(contact) == [
        ("Support", "Anybody could have typed this address.", "Confirm it on the contact card first")
    ]
    confirm_identity(identity=contact.identities.get(kind="email"))
    assert [way.identity.value for way in compose.ways_to(contact)] == ["ana@cust.example"]


def test_what_is_wrong_with_an_address_is_said_once_for_all_channels(write, mail):
    Channel.objects.create(kind="email", name="Orders", address="orders@acme.example", brand=mail.brand)
    chat = Address(AddressKind.CHAT, "v1", proof=Proof.ATTESTED, also=(person(verified=False),))
    (one,) = compose.offer(write("c1", sender=chat).contact).closed
    assert one.identity
    assert (one.channel.kind, one.identity.value, one.is_of_address) == ("email", "ana@cust.example", True)


def test_who_asked_for_no_more_is_left_alone_until_they_ask_again(write, sms):
    contact = write("s1", channel=sms, sender=person("+12065550142")).contact
    add_identity(contact=contact, kind=AddressKind.PHONE, value="+1 206 555 0142")
    assert [way.channel for way in compose.ways_to(contact)] == [sms]
    identity = contact.identities.get(kind="sms")
    opt_out(channel=sms, identity=identity, at=NOW)
    assert "STOP" in closed(contact)[0][1]
    assert compose.ways_to(contact) == []
    opt_in(channel=sms, identity=identity, at=NOW + timedelta(minutes=1))
    assert [way.channel for way in compose.ways_to(contact)] == [sms]


def test_a_text_reaches_a_phone_number_and_what_is_missing_can_be_added(write, mail, sms):
    contact = write("m1").contact
    assert closed(contact) == [("Text", "No phone number is known.", "Add one")]
    phone = add_identity(contact=contact, kind=AddressKind.PHONE, value="+1 206 555 0142")
    way, _ = compose.ways_to(contact, first=sms)
    assert (way.channel, way.identity) == (sms, phone)
    assert closed(contact) == []


def test_nothing_is_written_on_what_cannot_carry_it(write, mail, monkeypatch):
    monkeypatch.setattr(kinds, "_senders", {})
    assert closed(write("m1").contact) == [("Support", "Nothing can be written on this channel.", "")]


def test_a_visitor_is_reached_on_the_site_that_they_chat_on(write, mail, monkeypatch):
    monkeypatch.setattr(kinds, "_senders", senders("chat"))
    shop, blog = (
        Channel.objects.create(kind="chat", name=name, brand=mail.brand) for name in ("Shop", "Blog")
    )
    visitor = Address(AddressKind.CHAT, "v1", scope=str(shop.pk), proof=Proof.ATTESTED)
    contact = write("c1", channel=shop, sender=visitor).contact
    assert [way.channel for way in compose.ways_to(contact, first=blog)] == [shop]
    other = write("m1").contact
    assert ("Blog", "They have not written here yet, so there is nowhere to answer.", "") in closed(other)


def test_the_address_last_written_from_comes_first(write, mail):
    contact = write("m1").contact
    add_identity(contact=contact, kind=AddressKind.EMAIL, value="ana@home.example")
    assert values(contact) == ["ana@cust.example", "ana@home.example"]
    write("m2", sender=person("ana@home.example"))
    assert values(contact) == ["ana@home.example", "ana@cust.example"]
    write("m3")
    assert values(contact) == ["ana@cust.example", "ana@home.example"]


def test_a_hint_stands_with_the_ways_of_its_kind(write, mail, monkeypatch):
    monkeypatch.setattr(compose, "_hints", {})
    contact = write("m1").contact
    assert [way.hint for way in compose.ways_to(contact)] == [""]
    compose.register_hint("email", lambda channel, identity: f"{channel} reads {identity}")
    assert [way.hint for way in compose.ways_to(contact)] == ["Support reads ana@cust.example"]


def test_an_offer_costs_the_same_for_one_way_and_for_three(write, mail, sms, queries):
    contact = write("m1").contact
    assert queries(lambda: compose.offer(contact, first=mail)) == 1
    for number in range(3):
        Channel.objects.create(kind="email", name=f"More {number}", brand=mail.brand)
        add_identity(contact=contact, kind=AddressKind.EMAIL, value=f"ana@home{number}.example")
    assert len(compose.ways_to(contact)) == 16
    assert queries(lambda: compose.offer(contact, first=mail)) == 1


def closed(contact: Contact) -> list[tuple[str, str, str]]:
    return [(each.channel.name, each.why, each.fix) for each in compose.offer(contact).closed]


def values(contact: Contact) -> list[str]:
    return [way.identity.value for way in compose.ways_to(contact)]


def test_those_who_are_copied_leave_out_the_contact(write, mail):
    conversation = write("m1", cc=(person("ben@cust.example"),)).conversation
    (one,) = compose.copied(conversation.number).read()
    assert (one.address, one.is_on) == ("ben@cust.example", True)


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
