"""The original of a mail is one click away, for every agent, and never runs in their browser."""

import pytest
from django.test import Client

from channels_ingest.models import RawBody
from conversations.models import Entry
from tenancy import lanes
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.conftest import Door

RAW = mail("<script>alert(1)</script> caf\xe9".encode("latin-1"))


@pytest.fixture
def path(post: Door, workspace: Workspace) -> str:
    post.post(RAW)
    lanes.drain("inbound")
    with scope(workspace.pk):
        return f"/w/acme/entries/{Entry.objects.get(kind='message').pk}/original/"


def test_it_downloads_as_it_came(client: Client, path: str):
    response = client.get(path)
    assert response.content == RAW
    assert response.headers["Content-Type"] == "message/rfc822"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="entry-')
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_its_source_is_shown_as_plain_text(client: Client, path: str):
    response = client.get(path, {"view": "1"})
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content.decode().endswith("<script>alert(1)</script> caf\ufffd")


def test_what_has_no_original_or_is_elsewhere_is_not_found(
    client: Client, path: str, workspace: Workspace, other_workspace: Workspace
):
    assert client.get(path.replace("/w/acme/", "/w/globex/")).status_code == 404
    with scope(workspace.pk):
        RawBody.objects.all().delete()
    assert client.get(path).status_code == 404
    assert client.get("/w/acme/entries/999999/original/").status_code == 404


def test_a_message_of_another_kind_has_no_mail_to_show(client: Client, door: Door, workspace: Workspace):
    door.deliver({"type": "message", "external_id": "m1", "sender": "77", "text": "Hi"})
    lanes.drain("inbound")
    with scope(workspace.pk):
        entry = Entry.objects.get(kind="message").pk
    assert client.get(f"/w/acme/entries/{entry}/original/").status_code == 404
