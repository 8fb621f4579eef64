"""Files lent out: whoever has the address gets the file for a day, and nobody gets anything else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.signing import TimestampSigner
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from channels_ingest.services.lending import lent_url
from contacts.types import Address, AddressKind
from conversations.models import Attachment, Entry
from conversations.services import edits
from conversations.services.channels import create_channel
from conversations.services.files import store
from conversations.services.receive import receive
from conversations.types import InboundMessage, IncomingFile
from tenancy.models import Workspace

pytestmark = pytest.mark.usefixtures("in_scope")

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
AT = datetime(2026, 11, 19, 10, tzinfo=UTC)
Keep = Callable[..., Attachment]


@pytest.fixture
def keep(workspace: Workspace) -> Keep:
    """Keeps a file that came with a message."""
    channel, _ = create_channel(kind="chat", name="Shop chat", config={}, secrets={})

    def keep(content: bytes = PNG, name: str = "linen.png") -> Attachment:
        message = InboundMessage(
            external_id=name,
            sender=Address(AddressKind.SMS, "+12065550142"),
            at=AT,
            text="Like this",
            files=(IncomingFile(name, "", content),),
        )
        receive(channel=channel, message=message, received_at=AT)
        return Attachment.objects.latest("id")

    return keep


def path_of(file: Attachment) -> str:
    return lent_url(file).removeprefix(settings.PUBLIC_URL)


def fetch(path: str, method: str = "get") -> Any:
    """What is answered; its `body` is what has been read of it."""
    response = getattr(Client(), method)(path)
    response.body = response.getvalue()
    return response


def test_a_picture_is_shown_on_any_page_to_whoever_asks(keep: Keep):
    response = fetch(path_of(keep()))
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response.body == PNG
    assert response["Content-Disposition"] == 'inline; filename="linen.png"'
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Cache-Control"] == "private, max-age=86400"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("x.html", b"<script>alert(1)</script>", "text/plain; charset=utf-8"),
        ("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "text/plain; charset=utf-8"),
        ("bill.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("x.bin", b"\0\1\2", "application/octet-stream"),
    ],
)
def test_anything_else_is_only_ever_downloaded(keep: Keep, name: str, content: bytes, content_type: str):
    response = fetch(path_of(keep(content, name)))
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_it_can_be_asked_about_and_nothing_else(keep: Keep):
    path = path_of(keep())
    head = fetch(path, "head")
    assert (head.status_code, head["Content-Type"], head["Content-Length"]) == (200, "image/png", "48")
    assert {fetch(path, method).status_code for method in ("post", "put", "patch", "delete")} == {405}


def test_an_address_is_good_for_a_day(keep: Keep):
    with time_machine.travel(AT, tick=False) as clock:
        path = path_of(keep())
        clock.shift(timedelta(days=1))
        assert fetch(path).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert fetch(path).status_code == 404


def test_only_what_was_signed_for_this_is_an_address(keep: Keep, workspace: Workspace):
    file, other = keep(), keep(name="other.png")
    path = path_of(file)
    signed = path.removeprefix("/files/")
    elsewhere = TimestampSigner(salt="chat.session", sep=".").sign(f"{workspace.pk}-{file.pk}")
    for wrong in (
        path.replace(f"-{file.pk}.", f"-{other.pk}."),
        path.replace(f"{workspace.pk}-", f"{workspace.pk + 1}-", 1),
        path[:-2] + "/",
        f"/files/x{signed}",
        f"/files/{elsewhere}/",
    ):
        assert wrong != path
        response = fetch(wrong)
        assert (response.status_code, response.body) == (404, b"There is no such file\n")


@hypothesis_settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(signed=st.text(st.characters(exclude_characters="/\\.?#%", exclude_categories=["C"]), min_size=1))
def test_whatever_is_made_up_is_not_there(in_scope: None, signed: str):
    assert fetch(f"/files/{signed}.x.{signed}/").status_code == 404


def test_another_workspaces_scope_shows_it_to_nobody(keep: Keep, other_workspace: Workspace):
    file = keep()
    file.workspace_id = other_workspace.pk
    assert fetch(path_of(file)).status_code == 404


@pytest.mark.parametrize("take_back", [edits.delete, edits.erase])
def test_what_was_taken_back_is_not_lent_out_any_longer(keep: Keep, take_back: Callable[..., Entry]):
    file = keep()
    path = path_of(file)
    assert file.entry
    take_back(entry=file.entry)
    assert fetch(path).status_code == 404


def test_a_draft_is_not_lent_out(workspace: Workspace):
    assert fetch(path_of(store(IncomingFile("a.png", "", PNG)))).status_code == 404


def test_what_is_coming_or_lost_is_not_there(keep: Keep):
    file = keep()
    Attachment.objects.update(state=Attachment.State.COMING)
    assert fetch(path_of(file)).status_code == 404
    Attachment.objects.update(state=Attachment.State.STORED)
    file.file.storage.delete(str(file.file.name))
    assert fetch(path_of(file)).status_code == 404


@pytest.mark.parametrize("status", [Workspace.Status.SUSPENDED, Workspace.Status.DELETING])
def test_a_closed_workspace_lends_nothing(keep: Keep, workspace: Workspace, status: str):
    path = path_of(keep())
    Workspace.objects.filter(pk=workspace.pk).update(status=status)
    assert fetch(path).status_code == 404


def test_one_query_finds_it(keep: Keep):
    path = path_of(keep())
    with CaptureQueriesContext(connection) as captured:
        assert fetch(path).status_code == 200
    assert [query["sql"] for query in captured if 'SELECT "' in query["sql"]] == [captured[2]["sql"]]
    with CaptureQueriesContext(connection) as captured:
        fetch(path[:-2] + "/")
    assert len(captured) == 0
