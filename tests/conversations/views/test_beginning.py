"""Writing first, to whoever can be reached."""

import pytest

from contacts.models import Contact
from contacts.services.people import add_identity, create_contact
from contacts.types import AddressKind
from conversations.models import Conversation, Delivery, Entry

from .conftest import HTMX, ROOT

PICK = f"{ROOT}inbox/new/"


@pytest.fixture
def ana(mail, sms):
    contact = create_contact(name="Ana Lind", addresses=[(AddressKind.EMAIL, "ana@cust.example")])
    add_identity(contact=contact, kind=AddressKind.PHONE, value="+1 206 555 0142")
    return contact


@pytest.fixture
def begin(client, ana, mail):
    def begun(by=mail, **data):
        kind = "email" if by == mail else "phone"
        usual = {"way": f"{by.pk}:{ana.identities.get(kind=kind).pk}", "subject": "Recall", "text": "Hello"}
        return client.post(f"{ROOT}contacts/{ana.pk}/conversations/new/", usual | data)

    return begun


@pytest.mark.parametrize("typed", ["ana", "Lind, no", "+1 (206) 555"])
def test_a_contact_is_found_by_name_address_or_number(client, ana, typed):
    found = client.get(PICK, {"q": typed}, headers=HTMX).text
    assert ("Ana Lind" in found) == (typed != "Lind, no")
    assert "<html" not in found


@pytest.mark.parametrize(("typed", "kind"), [("Bo@New.example", "email"), ("+49 30 901820", "phone")])
def test_a_typed_address_becomes_a_contact(client, ana, typed, kind):
    assert f"Write to {typed}" in client.get(PICK, {"q": typed}).text
    response = client.post(PICK, {"q": typed})
    made = Contact.objects.latest("pk")
    assert response["Location"] == f"{ROOT}contacts/{made.pk}/conversations/new/"
    assert (made.name, made.identities.get().kind, made.identities.get().proof) == (typed, kind, "confirmed")


def test_one_that_is_somebodys_leads_to_them(client, ana):
    response = client.post(PICK, {"q": "ANA@cust.example"})
    assert response["Location"] == f"{ROOT}contacts/{ana.pk}/conversations/new/"
    assert Contact.objects.count() == 1


def test_what_is_no_address_makes_nobody(client, in_scope):
    assert client.post(PICK, {"q": "nobody"}).status_code == 422
    assert not Contact.objects.exists()


def test_a_mail_goes_with_its_copies(begin):
    begin(cc="bo@cust.example", bcc="eva@acme.example")
    recipients = {row.identity.value: row.is_hidden for row in Delivery.objects.all()}
    assert recipients == {"ana@cust.example": False, "bo@cust.example": False, "eva@acme.example": True}
    assert Conversation.objects.get().subject == "Recall"


def test_what_a_browser_sends_again_begins_one_conversation(begin):
    first, again = (begin(writer="a1b2")["Location"] for _ in range(2))
    assert first == again
    begin(writer="a1b2", subject="Recall, again")
    begin(writer="c3d4")
    assert Conversation.objects.count() == 3


def test_a_text_message_has_no_subject(begin, sms):
    assert begin(by=sms, cc="bo@cust.example").status_code == 302
    assert Conversation.objects.get().subject == ""
    assert [row.identity.value for row in Delivery.objects.all()] == ["+12065550142"]


@pytest.mark.parametrize("wrong", [{"subject": ""}, {"way": "0:0"}, {"cc": "nobody"}])
def test_what_is_wrong_is_said_and_what_was_typed_stays(begin, wrong):
    response = begin(text="kept words", bcc="eva@acme.example", **wrong)
    assert response.status_code == 422
    assert "kept words" in response.text
    assert "eva@acme.example" in response.text
    assert not Entry.objects.exists()


def test_a_file_that_is_missing_is_asked_about_once(begin):
    response = begin(text="See the attachment", subject="Kept subject")
    assert response.status_code == 409
    assert "Is a file missing?" in response.text
    assert "Kept subject" in response.text
    assert not Entry.objects.exists()
    assert begin(text="See the attachment", asked="file").status_code == 302


def test_the_page_offers_each_way_with_its_limits(client, ana):
    page = client.get(f"{ROOT}contacts/{ana.pk}/conversations/new/").text
    assert page.count('name="way"') == 2 + 1  # the two ways, and the picker itself
    assert "data-counter" in page


def test_finding_costs_the_same_for_one_and_three(queries, ana):
    once = queries(f"{PICK}?q=a")
    for number in range(2):
        create_contact(name=f"Arno {number}")
    assert queries(f"{PICK}?q=a") == once
