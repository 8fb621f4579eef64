"""What people decide about sendings that went wrong."""

import pytest

from conversations.models import Delivery
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
