"""What every webhook address answers, and what it must not store."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.utils import timezone

from channels_ingest.models import InboundEvent, RawBody, SeenKey
from channels_ingest.services import accept
from channels_ingest.views.hooks import hook
from conversations.services import channels
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.conftest import Door
from tests.channels_ingest.signed import call_of, signed

HELLO = {"type": "message", "external_id": "m1", "sender": "77", "text": "Hello"}


def stored(workspace: Workspace) -> tuple[int, int, int]:
    """How many events, raw bodies and seen keys there are."""
    with scope(workspace.pk):
        return InboundEvent.objects.count(), RawBody.objects.count(), SeenKey.objects.count()


def test_an_authentic_call_is_stored_byte_for_byte_and_answered(door: Door, workspace: Workspace):
    response = door.deliver(HELLO, authorization="Basic c2VjcmV0")
    assert (response.status_code, response.content) == (200, b"")
    with scope(workspace.pk):
        event = InboundEvent.objects.get()
        raw = RawBody.objects.get()
    assert (event.channel_id, event.via, event.state, event.size) == (
        door.channel.pk,
        "hook",
        "pending",
        len(call_of(HELLO)),
    )
    assert bytes(raw.body) == call_of(HELLO)
    assert raw.headers["x-signature"] == signed(call_of(HELLO))
    assert "authorization" not in raw.headers


def test_a_redelivery_is_answered_and_not_stored(door: Door, workspace: Workspace):
    assert [door.deliver(HELLO).status_code for _ in range(3)] == [200, 200, 200]
    assert stored(workspace) == (1, 1, 1)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-signature": "0" * 64},
        {"x-signature": ""},
        {"x-signature": "\u00e9\u00ff"},
        {"x-signature": signed(b"[]")},
        {},
    ],
)
def test_a_forged_call_is_refused_and_stored_nowhere(
    door: Door, workspace: Workspace, headers: dict[str, str]
):
    assert door.post(call_of(HELLO), **headers).status_code == 403
    assert stored(workspace) == (0, 0, 0)


@pytest.mark.parametrize(
    "path", ["/hooks/api/wrong/", "/hooks/nobody/{token}/", "/hooks/mail/{token}/", "/hooks/api/%00/"]
)
def test_an_unknown_address_is_not_found(door: Door, workspace: Workspace, path: str):
    response = Client().post(path.format(token=door.token), b"x", content_type="text/plain")
    assert response.status_code == 404
    assert stored(workspace) == (0, 0, 0)


def test_a_call_that_says_it_is_too_large_is_refused_unread(door: Door, workspace: Workspace):
    request = RequestFactory().generic("POST", door.path, b"", CONTENT_LENGTH=str(10_001))
    assert hook(request, "api", door.token).status_code == 413
    assert stored(workspace) == (0, 0, 0)


def chunked(body: bytes, **extra: Any) -> Any:
    request = RequestFactory().generic("POST", "/hooks/api/x/", b"")
    request.META.pop("CONTENT_LENGTH", None)
    request.META |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": BytesIO(body), **extra}
    return request


def test_a_call_in_chunks_is_read_and_stopped_at_the_limit(door: Door, workspace: Workspace):
    small = chunked(call_of(HELLO), **{"wsgi.input_terminated": True})
    small.META["HTTP_X_SIGNATURE"] = signed(call_of(HELLO))
    assert hook(small, "api", door.token).status_code == 200
    assert stored(workspace) == (1, 1, 1)
    large = chunked(b"x" * 10_001, **{"wsgi.input_terminated": True})
    assert hook(large, "api", door.token).status_code == 413
    assert hook(chunked(b"x"), "api", door.token).status_code == 411
    assert stored(workspace) == (1, 1, 1)


def test_a_call_in_chunks_is_read_under_asgi_too(door: Door, workspace: Workspace):
    def call(body: bytes) -> int:
        headers = [(b"transfer-encoding", b"chunked"), (b"x-signature", signed(body).encode())]
        about = {"method": "POST", "path": door.path, "headers": headers}
        return hook(ASGIRequest(about, BytesIO(body)), "api", door.token).status_code

    assert (call(call_of(HELLO)), call(b"x" * 10_001)) == (200, 413)
    assert stored(workspace) == (1, 1, 1)


def test_a_call_that_was_cut_off_is_not_stored(door: Door, workspace: Workspace):
    body = call_of(HELLO)
    request = RequestFactory().post(
        door.path, body[:-5], "application/json", headers={"x-signature": signed(body[:-5])}
    )
    request.META["CONTENT_LENGTH"] = str(len(body))
    assert hook(request, "api", door.token).status_code == 400
    assert stored(workspace) == (0, 0, 0)


def test_a_handshake_is_answered_and_stored_nowhere(door: Door, workspace: Workspace):
    response = Client().get(door.path, {"challenge": "42"}, headers={"x-signature": signed(b"")})
    assert (response.status_code, response.content) == (200, b"42")
    assert stored(workspace) == (0, 0, 0)


def test_a_visit_that_is_no_handshake_and_other_methods_are_refused(door: Door):
    visit = Client().get(door.path, headers={"x-signature": signed(b"")})
    assert (visit.status_code, visit.headers["Allow"]) == (405, "POST")
    assert Client().delete(door.path).status_code == 405


def test_an_archived_channel_is_gone(door: Door, workspace: Workspace):
    with scope(workspace.pk):
        channels.archive_channel(channel=door.channel, member=None)
    assert door.deliver(HELLO).status_code == 410
    assert stored(workspace) == (0, 0, 0)


def test_a_channel_that_is_switched_off_asks_to_try_later(door: Door, workspace: Workspace):
    with scope(workspace.pk):
        channels.update_channel(channel=door.channel, member=None, is_enabled=False)
    response = door.deliver(HELLO)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "300")
    assert stored(workspace) == (0, 0, 0)


def test_a_workspace_that_is_being_purged_takes_nothing(door: Door, workspace: Workspace):
    Workspace.objects.filter(pk=workspace.pk).update(status=Workspace.Status.DELETING)
    assert door.deliver(HELLO).status_code == 410


def test_a_rotated_token_is_not_found(door: Door, workspace: Workspace):
    with scope(workspace.pk):
        token = channels.rotate_token(channel=door.channel, member=None)
    assert door.deliver(HELLO).status_code == 404
    assert Door(door.channel, token, "api").deliver(HELLO).status_code == 200


def test_nothing_is_acknowledged_while_the_database_is_down(
    door: Door, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    def refuse(**_: Any) -> None:
        raise OperationalError("the database system is shutting down")

    monkeypatch.setattr(accept, "_store", refuse)
    response = door.deliver(HELLO)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "300")
    monkeypatch.undo()
    assert stored(workspace) == (0, 0, 0)


def test_what_nobody_can_parse_is_authentic_all_the_same(door: Door, workspace: Workspace):
    body = b"\x00\xff{not json"
    assert door.post(body, **{"x-signature": signed(body)}).status_code == 200
    assert stored(workspace) == (1, 1, 1)


def test_a_call_shows_in_the_health_of_its_channel(door: Door, workspace: Workspace):
    door.deliver(HELLO)
    with scope(workspace.pk):
        door.channel.refresh_from_db()
    assert door.channel.last_received_at is not None
    assert timezone.now() - door.channel.last_received_at < timedelta(minutes=1)
