import pytest

from contacts.models import Affiliation, Contact, Identity, Suggestion
from contacts.services.people import confirm_identity, create_account, create_contact, share_identity
from contacts.services.resolve import resolve
from contacts.types import Address, AddressKind, Proof

pytestmark = pytest.mark.usefixtures("in_scope")

EMAIL, SMS, WHATSAPP, CHAT = AddressKind.EMAIL, AddressKind.SMS, AddressKind.WHATSAPP, AddressKind.CHAT


def address(kind, value, *, name="", proof=Proof.ATTESTED, also=()):
    return Address(kind=kind, value=value, name=name, proof=proof, also=also)


def test_a_new_address_makes_a_contact_named_by_it():
    found = resolve(address=address(EMAIL, "ana@cust.example", name="Ana Lopez"))
    assert (found.created, found.verified, found.contact.name) == (True, True, "Ana Lopez")
    assert found.identity.proof == "attested"


def test_the_same_address_reaches_the_same_contact_verified_or_not():
    first = resolve(address=address(EMAIL, "ana@cust.example"))
    again = resolve(address=address(EMAIL, "ana@cust.example", proof=Proof.CLAIMED))
    assert again.contact == first.contact
    assert again.verified is False


def test_verification_raises_the_proof_and_never_lowers_it():
    resolve(address=address(EMAIL, "ana@cust.example", proof=Proof.CLAIMED))
    resolve(address=address(EMAIL, "ana@cust.example"))
    found = resolve(address=address(EMAIL, "ana@cust.example", proof=Proof.CLAIMED))
    assert found.identity.proof == "attested"


def test_an_attested_phone_joins_the_whatsapp_of_the_same_number():
    sms = resolve(address=address(SMS, "+12065550142"))
    found = resolve(address=address(WHATSAPP, "+12065550142", name="Ana"))
    assert found.contact == sms.contact
    assert (found.reason, found.same_as) == ("same", sms.identity)


def test_differing_names_on_one_phone_suggest_instead_of_joining():
    juan = resolve(address=address(SMS, "+12065550142", name="Juan Lopez"))
    maria = resolve(address=address(WHATSAPP, "+12065550142", name="Maria Lopez"))
    assert maria.contact != juan.contact
    assert Suggestion.objects.get().score == 70


def test_a_claimed_phone_joins_nobody():
    known = resolve(address=address(SMS, "+12065550142"))
    found = resolve(address=address(WHATSAPP, "+12065550142", proof=Proof.CLAIMED))
    assert found.contact != known.contact


def test_a_shared_phone_joins_nobody():
    known = resolve(address=address(SMS, "+12065550142"))
    share_identity(identity=known.identity)
    assert resolve(address=address(WHATSAPP, "+12065550142")).contact != known.contact


def test_an_email_claimed_in_a_form_makes_a_suggestion_only():
    ana = resolve(address=address(EMAIL, "ana@cust.example", name="Ana"))
    claim = address(EMAIL, "ana@cust.example", proof=Proof.CLAIMED)
    visitor = resolve(address=address(CHAT, "visitor-1", name="Ana", also=(claim,)))
    assert visitor.contact != ana.contact
    assert Suggestion.objects.get().contact == visitor.contact


def test_a_claim_does_not_take_the_address_from_its_real_owner():
    claim = address(EMAIL, "ceo@cust.example", proof=Proof.CLAIMED)
    visitor = resolve(address=address(CHAT, "visitor-1", also=(claim,)))
    ceo = resolve(address=address(EMAIL, "ceo@cust.example"))
    assert ceo.contact != visitor.contact
    assert Identity.objects.filter(value="ceo@cust.example").count() == 2


def test_a_signed_chat_identity_joins_the_mailbox_it_is_signed_for():
    ana = resolve(address=address(EMAIL, "ana@cust.example"))
    signed = address(EMAIL, "ana@cust.example")
    assert resolve(address=address(CHAT, "visitor-1", also=(signed,))).contact == ana.contact


@pytest.mark.parametrize(
    ("sms", "whatsapp"), [("+5511987654321", "+551187654321"), ("+525512345678", "+5215512345678")]
)
def test_whatsapp_writes_some_numbers_differently(sms, whatsapp):
    known = resolve(address=address(SMS, sms))
    assert resolve(address=address(WHATSAPP, whatsapp)).contact == known.contact


def test_a_company_domain_proposes_the_account():
    account = create_account(name="Northwind", domains=["northwind.example"])
    found = resolve(address=address(EMAIL, "dana@northwind.example"))
    proposed = Affiliation.objects.get()
    assert (proposed.contact, proposed.account, proposed.is_proposed) == (found.contact, account, True)


def test_a_display_name_that_is_an_address_is_not_taken_for_a_name():
    found = resolve(address=address(EMAIL, "evil@x.example", name="boss@corp.example"))
    assert found.contact.name == "evil@x.example"


def test_a_confirmed_address_joins_like_an_attested_one():
    ana = create_contact(name="Ana", addresses=[(SMS, "+12065550142")])
    confirm_identity(identity=ana.identities.get())
    assert resolve(address=address(WHATSAPP, "+12065550142", name="Ana")).contact == ana
    assert Contact.objects.count() == 1
