"""The pages of a contact and of an account."""

import pytest

from contacts.services.people import add_identity, affiliate, create_account
from contacts.services.suggestions import suggest
from contacts.types import AddressKind
from conversations.queries import timelines
from tests.conversations.views.conftest import HTMX, ROOT, person


@pytest.fixture
def contact(write):
    return write("m1", sender=person(name="Ana Lind"), subject="It broke", text="by mail").contact


@pytest.fixture
def account(contact):
    account = create_account(name="Northwind", domains=["cust.example"])
    affiliate(contact=contact, account=account)
    return account


def test_a_contacts_page_has_all_channels_and_the_card(client, write, contact, account, sms):
    add_identity(contact=contact, kind=AddressKind.SMS, value="+1 206 555 0142")
    write("s1", channel=sms, sender=person("+12065550142"), text="by text", subject="")
    page = client.get(f"{ROOT}contacts/{contact.pk}/").text
    for words in ("by mail", "by text", "Northwind", "ana@cust.example", "+1 206 555 0142", "It broke"):
        assert words in page
    assert f'data-live="contact:{contact.pk}"' in page


def test_the_card_asks_what_people_must_decide(client, write, contact, account):
    other = write("m2", sender=person("ben@cust.example", name="Ben")).contact
    suggest(contact=contact, other=other, score=60, evidence=["same signature"])
    page = client.get(f"{ROOT}contacts/{other.pk}/").text
    assert "writes from a domain of <b>Northwind</b>" in page
    assert "same signature" in page
    assert "Not the same" in page


def test_the_card_beside_a_thread_leaves_that_conversation_out(client, write, contact):
    conversation = contact.conversations.get()
    card = f"{ROOT}contacts/{contact.pk}/card/"
    assert "It broke" in client.get(card, headers=HTMX).text
    beside = client.get(f"{card}?beside={conversation.number}", headers=HTMX)
    assert beside.context["others"] == []
    assert client.get(f"{card}?beside=nonsense", headers=HTMX).status_code == 200


def test_an_accounts_page_has_its_people_and_what_they_said(client, write, clock, contact, account):
    clock.shift(60)
    write("m2", text="since then")
    page = client.get(f"{ROOT}accounts/{account.pk}/").text
    assert "since then" in page
    assert "Ana Lind" in page
    assert "cust.example" in page


def test_earlier_moments_are_a_link_and_a_fragment(client, write, clock, contact):
    for number in range(timelines.PAGE):
        clock.shift(60)
        write(f"m-{number}", text=f"text {number}")
    page = client.get(f"{ROOT}contacts/{contact.pk}/")
    older = page.context["timeline"].older
    assert f'href="?before={older}"' in page.text
    assert "by mail" in client.get(f"{ROOT}contacts/{contact.pk}/?before={older}").text
    path = f"{ROOT}contacts/{contact.pk}/timeline/?before={older}&size=30"
    earlier = client.get(path, headers=HTMX)
    assert "by mail" in earlier.text
    assert "timeline-day" not in earlier.text
    assert 'value="31" hx-swap-oob="true"' in earlier.text


@pytest.mark.parametrize(
    "path", ["contacts/{}/", "contacts/{}/timeline/", "contacts/{}/card/", "accounts/{}/"]
)
@pytest.mark.parametrize("pk", [404, 10**30])
def test_who_is_not_there_is_not_found(client, in_scope, path, pk):
    assert client.get(ROOT + path.format(pk)).status_code == 404


def test_pages_take_as_many_queries_however_much_was_said(write, queries, contact, account):
    paths = [f"{ROOT}contacts/{contact.pk}/", f"{ROOT}accounts/{account.pk}/"]
    write("m2")
    few = [queries(path) for path in paths]
    for number in (3, 4, 5):
        write(f"m{number}")
    assert [queries(path) for path in paths] == few
