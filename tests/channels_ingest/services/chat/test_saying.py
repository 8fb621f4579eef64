"""What visitors say: into the ledger, onto the timeline, once, and in one conversation."""

import uuid
from base64 import b64encode
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from channels_ingest.models import ChatSession, InboundEvent
from contacts.models import Contact, Identity, Suggestion
from conversations.models import Attachment, Conversation, Entry, EntryBody
from tenancy import lanes
from tests.channels_ingest.chat import Chat, Visitor, rosa, said, signed, signed_email

pytestmark = pytest.mark.usefixtures("in_scope")

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def test_a_message_is_stored_before_it_is_called_so_and_then_stands_in_the_timeline(chat: Chat):
    visitor = Visitor(chat)
    assert visitor.say("Is the throw washable?", ID) == {"type": "stored", "id": ID}
    event = InboundEvent.objects.get()
    assert (event.state, event.via) == ("pending", "chat")
    lanes.drain("inbound")
    event.refresh_from_db()
    assert (event.state, event.reason) == ("done", "")
    entry = Entry.objects.get(kind="message")
    assert (entry.direction, entry.external_id, entry.rule, entry.is_verified) == ("in", ID, "new", True)
    assert entry.data["mail"] == {"url": "https://shop.example/linen", "title": "Linen throw"}
    assert EntryBody.objects.get(entry=entry).text == "Is the throw washable?"
    identity = Identity.objects.get()
    assert (identity.kind, identity.scope, identity.proof) == ("chat", str(chat.channel.pk), "attested")
    assert identity.contact.name == f"Visitor {identity.value[8:12].upper()}"


def test_the_visitor_sees_it_with_the_id_that_their_browser_gave_it(chat: Chat):
    visitor = Visitor(chat)
    visitor.say("Hello", ID)
    assert visitor.poll()["messages"] == []
    lanes.drain("inbound")
    entry = Entry.objects.get(kind="message")
    assert visitor.poll()["messages"] == [
        {
            "id": entry.pk,
            "mine": True,
            "client_id": ID,
            "text": "Hello",
            "at": entry.at.isoformat(),
            "files": [],
        }
    ]


def test_the_same_message_again_is_stored_once_and_answered_the_same(chat: Chat):
    visitor = Visitor(chat)
    told = [visitor.say("Hello", ID) for _ in range(3)]
    assert told == [{"type": "stored", "id": ID}] * 3
    lanes.drain("inbound")
    assert visitor.say("Hello", ID)["type"] == "stored"
    lanes.drain("inbound")
    assert (InboundEvent.objects.count(), Entry.objects.filter(kind="message").count()) == (1, 1)


def test_a_chat_is_one_conversation_also_with_continuity_switched_off(chat: Chat):
    chat.channel.continuity = None
    chat.channel.save()
    visitor = Visitor(chat)
    for text in ("One", "Two", "Three"):
        visitor.say(text)
    lanes.drain("inbound")
    assert list(Entry.objects.filter(kind="message").order_by("pk").values_list("rule", flat=True)) == [
        "new",
        "thread",
        "thread",
    ]
    assert Conversation.objects.count() == 1


def test_after_a_day_of_silence_it_is_another_chat(chat: Chat):
    chat.channel.continuity = None
    chat.channel.save()
    visitor = Visitor(chat)
    visitor.say("One")
    lanes.drain("inbound")
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        visitor.say("Two")
        lanes.drain("inbound")
    assert Conversation.objects.count() == 2
    assert visitor.texts() == ["One", "Two"]


def test_a_secret_costs_no_row_before_the_first_message(chat: Chat):
    visitor = Visitor(chat)
    first = visitor.poll()["session"]
    assert visitor.poll()["session"] == first
    assert ChatSession.objects.count() == 0
    visitor.say("Hello")
    assert visitor.poll()["session"] == first
    assert ChatSession.objects.count() == 1


@pytest.mark.parametrize("secret", ["", "guessed", "x.y", "é", "a" * 500])
def test_a_secret_that_is_not_ours_is_answered_with_a_new_one(chat: Chat, secret: str):
    assert Visitor(chat, secret=secret).poll()["session"] not in {"", secret}


def test_a_secret_of_one_chat_is_none_of_another(chat: Chat, in_scope):
    other = Chat(in_scope)
    secret = Visitor(chat).poll()["session"]
    assert Visitor(other, secret=secret).poll()["session"] != secret


def test_what_visitors_say_of_themselves_is_a_claim_and_joins_nobody(chat: Chat):
    jane = Contact.objects.create(name="Jane Doe")
    Identity.objects.create(contact=jane, kind="email", value="jane@x.example", proof="attested", holds=True)
    Visitor(chat).say("Hello", name="Jane Doe", email="Jane@X.example")
    lanes.drain("inbound")
    writer = Entry.objects.get(kind="message").contact
    assert writer is not None
    assert (writer.name, writer.pk == jane.pk) == ("Jane Doe", False)
    claim = Identity.objects.get(contact=writer, kind="email")
    assert (claim.value, claim.proof, claim.holds) == ("jane@x.example", "claimed", False)
    assert Suggestion.objects.get().evidence[1] == "only claimed"


def test_who_introduces_themselves_after_their_first_message_is_known_at_once(chat: Chat):
    visitor = Visitor(chat)
    visitor.say("Hello")
    lanes.drain("inbound")
    visitor.send({"type": "introduce", "name": "Jane", "email": "jane@x.example"})
    assert Contact.objects.get().name == "Jane"
    assert set(Identity.objects.values_list("kind", flat=True)) == {"chat", "email"}
    assert visitor.poll()["visitor"] == {"name": "Jane", "email": "jane@x.example", "is_signed": False}


def test_who_introduces_themselves_before_makes_no_contact_yet(chat: Chat):
    visitor = Visitor(chat)
    visitor.send({"type": "introduce", "name": "Jane", "email": ""})
    assert (ChatSession.objects.get().name, Contact.objects.count()) == ("Jane", 0)
    visitor.say("Hello")
    lanes.drain("inbound")
    assert Contact.objects.get().name == "Jane"


def test_files_come_with_a_message(chat: Chat):
    content = b"\x89PNG\r\n\x1a\n" + b"0" * 40
    file = {"name": "../x.png", "type": "text/html", "data": b64encode(content).decode()}
    assert Visitor(chat).say("", files=[file])["type"] == "stored"
    lanes.drain("inbound")
    stored = Attachment.objects.get()
    assert (stored.name, stored.content_type, stored.size) == ("x.png", "image/png", 48)


def test_what_was_accepted_outlives_a_worker_that_never_came(chat: Chat):
    visitor = Visitor(chat)
    visitor.say("Hello", ID)
    InboundEvent.objects.update(due_at=timezone.now() - timedelta(hours=1), attempts=1)
    assert lanes.sweep() >= 1
    lanes.drain("inbound")
    assert visitor.texts() == ["Hello"]


def test_rosa_sees_one_history_in_two_browsers(chat: Chat):
    chat.channel.continuity = None
    chat.channel.save()
    phone, laptop = Visitor(chat, rosa()), Visitor(chat, rosa())
    phone.say("From the phone")
    laptop.say("From the laptop")
    lanes.drain("inbound")
    assert phone.secret != laptop.secret
    assert phone.texts() == laptop.texts() == ["From the phone", "From the laptop"]
    assert (Contact.objects.get().name, Conversation.objects.count()) == ("Rosa Diaz", 1)
    assert Identity.objects.get().value == "user:8812"


def test_a_signed_mail_address_is_hers(chat: Chat):
    jane = Contact.objects.create(name="Rosa Diaz")
    Identity.objects.create(contact=jane, kind="email", value="rosa@x.example", proof="attested", holds=True)
    visitor = Visitor(chat, rosa(email="Rosa@x.example", email_hash=signed_email("rosa@x.example")))
    visitor.say("Hello")
    lanes.drain("inbound")
    assert Entry.objects.get(kind="message").contact == jane


@pytest.mark.parametrize(
    "forged", [{"hash": signed("8812", "guess")}, {"hash": ""}, {"hash": "é"}, {"id": "1"}]
)
def test_a_forged_user_goes_on_as_a_stranger(chat: Chat, forged: dict[str, str]):
    visitor = Visitor(chat, rosa() | forged)
    error, ready = visitor.send()
    assert (error["type"], error["code"]) == ("error", "unsigned")
    assert ready["visitor"] == {"name": "", "email": "", "is_signed": False}
    visitor.say("Hello")
    assert ChatSession.objects.get().visitor.startswith("visitor:")


def test_a_forged_mail_address_is_a_claim(chat: Chat):
    visitor = Visitor(chat, rosa(email="ceo@x.example", email_hash=signed_email("other@x.example")))
    error, ready = visitor.send()
    assert error["code"] == "unsigned"
    assert ready["visitor"] == {"name": "Rosa Diaz", "email": "ceo@x.example", "is_signed": True}
    visitor.say("Hello")
    lanes.drain("inbound")
    assert Identity.objects.get(kind="email").proof == "claimed"


def test_what_is_typed_takes_the_place_of_nothing_that_is_signed(chat: Chat):
    visitor = Visitor(chat, rosa(email="rosa@x.example", email_hash=signed_email("rosa@x.example")))
    visitor.say("Hello")
    visitor.say("I am the boss", email="ceo@x.example", name="The boss")
    lanes.drain("inbound")
    assert Identity.objects.get(kind="email").value == "rosa@x.example"
    assert {(entry.contact and entry.contact.name) for entry in Entry.objects.filter(kind="message")} == {
        "Rosa Diaz"
    }


def test_a_mail_address_that_was_a_claim_is_hers_once_the_site_signs_it(chat: Chat):
    Visitor(chat, rosa(email="rosa@x.example")).say("Hello")
    lanes.drain("inbound")
    Visitor(chat, rosa(email="rosa@x.example", email_hash=signed_email("rosa@x.example"))).say("Me again")
    lanes.drain("inbound")
    identity = Identity.objects.get(kind="email")
    assert (identity.proof, identity.holds) == ("attested", True)


@pytest.mark.parametrize(
    ("user_id", "email_hash"),
    [
        ("rosa@x.example", signed("rosa@x.example")),  # a user may have chosen such a name
        ("8812", signed_email("rosa@x.example", "1")),
    ],
)
def test_a_signature_of_something_else_vouches_for_no_mail_address(chat: Chat, user_id: str, email_hash: str):
    user = {"id": user_id, "hash": signed(user_id), "email": "rosa@x.example", "email_hash": email_hash}
    error, ready = Visitor(chat, user).send()
    assert (error["code"], ready["visitor"]["is_signed"]) == ("unsigned", True)
    Visitor(chat, user).say("Hello")
    lanes.drain("inbound")
    assert Identity.objects.get(kind="email").proof == "claimed"


def test_the_signature_of_a_mail_address_is_that_of_no_user(chat: Chat):
    user = {"id": "8812\nrosa@x.example", "hash": signed_email("rosa@x.example")}
    error, ready = Visitor(chat, user).send()
    assert (error["code"], ready["visitor"]["is_signed"]) == ("unsigned", False)


def test_who_signs_in_goes_on_and_is_suggested_to_be_who_they_were(chat: Chat):
    visitor = Visitor(chat)
    visitor.say("As a stranger")
    lanes.drain("inbound")
    secret, visitor.user = visitor.secret, rosa()
    assert visitor.texts() == ["As a stranger"]
    visitor.say("As Rosa")
    lanes.drain("inbound")
    assert visitor.secret == secret
    assert visitor.texts() == ["As a stranger", "As Rosa"]
    assert Visitor(chat, rosa()).texts() == ["As Rosa"]
    suggestion = Suggestion.objects.get()
    assert (suggestion.contact.name, suggestion.other.name[:8]) == ("Rosa Diaz", "Visitor ")


def test_who_signs_out_gets_a_new_session_and_sees_nothing_of_before(chat: Chat):
    visitor = Visitor(chat, rosa())
    visitor.say("As Rosa")
    lanes.drain("inbound")
    secret, visitor.user = visitor.secret, None
    assert visitor.texts() == []
    assert visitor.secret != secret
    assert Visitor(chat, {"id": "1", "hash": signed("1")}, secret=secret).texts() == []


def test_a_tab_that_has_not_noticed_a_sign_in_speaks_for_nobody(chat: Chat):
    visitor = Visitor(chat)
    visitor.say("As a stranger")
    Visitor(chat, rosa(), secret=visitor.secret).poll()
    told = visitor.send(said("Still here"))
    assert told[0]["session"] != ""
    assert told[-1]["type"] == "stored"
    assert visitor.session().visitor.startswith("visitor:")


def test_another_visitor_sees_nothing(chat: Chat):
    Visitor(chat).say("Secret")
    lanes.drain("inbound")
    assert Visitor(chat).texts() == []


def test_a_message_needs_a_hello(chat: Chat):
    id = str(uuid.uuid4())
    told = chat.post(said("Hello", id)).json()["frames"]
    assert told == [{"type": "error", "code": "no_session", "detail": "Say hello first.", "id": id}]
