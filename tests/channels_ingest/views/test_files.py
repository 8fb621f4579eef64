"""Files that are coming or lost, in the thread, and trying again."""

import pytest
from django.test import Client

from channels_ingest.models import FileFetch
from channels_ingest.services import fetching
from conversations.models import Attachment, Conversation
from conversations.services import files
from tenancy import lanes
from tests.channels_ingest.conftest import Door

pytestmark = pytest.mark.usefixtures("in_scope")

ROOT = "/w/acme/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def file(door: Door) -> Attachment:
    """A file that a message has named."""
    named = {"name": "Map.png", "content_type": "image/png", "source": "f1"}
    door.deliver({"type": "message", "external_id": "m1", "sender": "77", "text": "Look", "files": [named]})
    lanes.drain("inbound")
    return Attachment.objects.get()


def page(client: Client) -> str:
    return client.get(f"{ROOT}inbox/{Conversation.objects.get().number}/").text


def test_a_file_that_is_coming_is_named_without_a_link(client: Client, file: Attachment):
    shown = page(client)
    assert "Map.png" in shown
    assert "Being fetched…" in shown
    assert f"attachments/{file.pk}/" not in shown


def test_the_address_of_a_file_that_is_not_here_says_why(client: Client, file: Attachment):
    coming = client.get(f"{ROOT}attachments/{file.pk}/")
    assert coming.status_code == 404
    assert "Map.png is being fetched" in coming.text
    files.lose(file, "The server answers 404.")
    lost = client.get(f"{ROOT}attachments/{file.pk}/")
    assert lost.status_code == 404
    assert "Map.png could not be fetched. The server answers 404." in lost.text


def test_a_lost_file_says_why_and_can_be_tried_again(client: Client, file: Attachment):
    files.lose(file, "The server answers 404.")
    again = f"{ROOT}files/{file.pk}/again/"
    assert "Could not be fetched. The server answers 404." in page(client)
    assert f'action="{again}"' in page(client)
    answer = client.post(again, headers=HTMX)
    assert (answer.status_code, "Fetching Map.png again" in answer.text) == (200, True)
    file.refresh_from_db()
    assert (file.state, FileFetch.objects.get().state) == ("coming", "pending")


def test_what_is_on_its_way_is_not_fetched_twice(client: Client, file: Attachment):
    answer = client.post(f"{ROOT}files/{file.pk}/again/", headers=HTMX)
    assert answer.status_code == 422
    assert "Map.png is here, or on its way." in answer.text
    assert client.post(f"{ROOT}files/{file.pk}/again/").status_code == 302
    assert client.get(f"{ROOT}files/{file.pk}/again/").status_code == 405
    assert client.post(f"{ROOT}files/0/again/").status_code == 404


def test_a_file_whose_fetch_is_not_known_any_more_can_be_tried_again(file: Attachment):
    FileFetch.objects.all().delete()
    files.lose(file, "gone")
    assert fetching.fetch_again(attachment=file)
    assert FileFetch.objects.get().channel == file.entry.channel  # type: ignore[union-attr]


def test_a_keyword_is_marked_as_one(client: Client, door: Door):
    stop = {"type": "message", "external_id": "m1", "sender": "77", "text": "STOP", "automatic": "keyword"}
    door.deliver(stop, {"type": "consent", "sender": "77", "is_given": False})
    lanes.drain("inbound")
    shown = page(client)
    assert '<span class="badge">Keyword</span>' in shown
    assert "<b>77</b> wants no more messages from <b>Shop</b>" in shown
