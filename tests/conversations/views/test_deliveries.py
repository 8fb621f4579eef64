"""What people decide about sendings that went wrong."""

import pytest

from contacts.models import Identity
from conversations.models import Delivery, Entry
from conversations.services.reply import Draft, reply
from tests.conversations.views.conftest import HTMX, ROOT


@pytest.fixture
def delivery(write, mail, member):
    reply(conversation=write("m1").conversation, channel=mail, draft=Draft("On it"), member=member)
    return Delivery.objects.get()


def test_a_failed_one_is_handed_over_again(client, delivery):
    Delivery.objects.update(status="failed", state="failed")
    response = client.post(f"{ROOT}deliveries/{delivery.pk}/retry/", headers=HTMX)
    assert "Sending again to ana@cust.example" in response.text
    assert Delivery.objects.get().status == "queued"


def test_one_that_may_have_arrived_is_not_sent_again_blindly(client, delivery):
    Delivery.objects.update(status="uncertain", state="done")
    response = client.post(f"{ROOT}deliveries/{delivery.pk}/retry/", headers=HTMX)
    assert response.status_code == 422
    assert Delivery.objects.get().status == "uncertain"


@pytest.mark.parametrize(("arrived", "status"), [("yes", "sent"), ("no", "queued")])
def test_a_person_says_whether_it_arrived(client, delivery, arrived, status):
    Delivery.objects.update(status="uncertain", state="done")
    client.post(f"{ROOT}deliveries/{delivery.pk}/outcome/", {"arrived": arrived})
    assert Delivery.objects.get().status == status


def test_what_is_known_needs_no_word(client, delivery):
    response = client.post(f"{ROOT}deliveries/{delivery.pk}/outcome/", {"arrived": "yes"}, headers=HTMX)
    assert response.status_code == 422


def test_what_is_not_there_is_not_found(client, in_scope):
    assert client.post(f"{ROOT}deliveries/404/retry/").status_code == 404
    assert client.post(f"{ROOT}deliveries/404/outcome/").status_code == 404


@pytest.fixture
def other_way(delivery):
    """Another address of the person, by the same channel: its key."""
    contact = delivery.entry.contact
    identity = contact.identities.create(
        kind="email", value="ana@home.example", proof=Identity.Proof.CONFIRMED, holds=True
    )
    return f"{delivery.channel_id}:{identity.pk}"


def test_what_failed_offers_the_other_ways(client, delivery, other_way):
    fragment = client.get(f"{ROOT}deliveries/{delivery.pk}/ways/", headers=HTMX).text
    assert f'value="{other_way}"' in fragment
    assert f'value="{delivery.channel_id}:{delivery.identity_id}"' not in fragment
    assert "<html" not in fragment


def test_without_script_the_other_ways_are_a_page(client, delivery, other_way):
    page = client.get(f"{ROOT}deliveries/{delivery.pk}/ways/").text
    assert "<html" in page
    assert f'value="{other_way}"' in page


def test_what_failed_goes_another_way_once(client, delivery, other_way):
    Delivery.objects.update(status="failed", state="failed", reason="550 mailbox full")
    path, conversation = f"{ROOT}deliveries/{delivery.pk}/elsewhere/", delivery.entry.conversation
    page = client.get(f"{ROOT}inbox/{conversation.number}/").text
    assert "550 mailbox full" in page
    response = client.post(path, {"way": other_way}, headers=HTMX)
    assert "Sending by Support instead" in response.text
    sent = Entry.objects.latest("pk")
    assert (sent.preview, sent.data["to"]) == ("On it", ["ana@home.example"])
    page = client.get(f"{ROOT}inbox/{conversation.number}/").text
    assert "550 mailbox full" not in page
    assert f'<a href="#entry-{sent.pk}">Sent another way instead</a>' in page
    assert client.post(path, {"way": other_way}, headers=HTMX).status_code == 422
    assert Delivery.objects.count() == 2


def test_a_way_that_is_none_or_a_message_that_has_not_failed_is_refused(client, delivery, other_way):
    path = f"{ROOT}deliveries/{delivery.pk}/elsewhere/"
    assert client.post(path, {"way": other_way}, headers=HTMX).status_code == 422
    Delivery.objects.update(status="failed", state="failed")
    for way in ("", "1:99999", f"{delivery.channel_id}:{delivery.identity_id}"):
        assert client.post(path, {"way": way}, headers=HTMX).status_code == 422
    assert Delivery.objects.count() == 1


def test_a_copy_that_failed_goes_to_that_person_alone(client, write, mail, member):
    conversation = write("m1").conversation
    draft = Draft("On it", cc=["ben@cust.example"])
    reply(conversation=conversation, channel=mail, draft=draft, member=member)
    Delivery.objects.update(status="failed", state="failed")
    copy = Delivery.objects.get(identity__value="ben@cust.example")
    requester = f"{mail.pk}:{conversation.contact.identities.get().pk}"
    assert requester not in client.get(f"{ROOT}deliveries/{copy.pk}/ways/", headers=HTMX).text
    path = f"{ROOT}deliveries/{copy.pk}/elsewhere/"
    assert client.post(path, {"way": requester}, headers=HTMX).status_code == 422
