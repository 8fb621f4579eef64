"""Redis that is away or forgets, PostgreSQL that breaks off: what was acknowledged is there."""

from contextlib import closing
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from channels_ingest.models import InboundEvent
from conversations.models import Entry
from conversations.services.channels import create_channel
from tenancy import lanes
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.conftest import ADDRESS
from tests.people import new_workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspace() -> Workspace:
    cache.clear()
    return new_workspace("acme")


@pytest.fixture
def path(workspace: Workspace) -> str:
    """The address that mail is posted to."""
    with scope(workspace.pk):
        _, token = create_channel(kind="email", name="Support", config=ADDRESS, secrets={})
    return f"/hooks/mail/{token}/"


def post(path: str) -> int:
    return Client().post(path, mail(), content_type="message/rfc822").status_code


def done(workspace: Workspace) -> bool:
    with scope(workspace.pk):
        return InboundEvent.objects.get().state == "done" and Entry.objects.count() == 1


def test_mail_is_taken_while_redis_is_away(path: str, workspace: Workspace, settings: Any):
    redis = settings.CACHES
    settings.CACHES = {"default": redis["default"] | {"LOCATION": "unix:///nowhere/redis.sock"}}
    assert post(path) == 200
    lanes.drain("inbound")
    assert done(workspace)


def test_a_flushed_redis_forgets_doorbells_and_the_sweep_rings_again(path: str, workspace: Workspace):
    assert post(path) == 200
    cache.clear()
    assert lanes.sweep() == 1
    assert lanes.answer("inbound", workspace.pk) == 1
    assert done(workspace)


def test_nothing_is_acknowledged_when_postgresql_breaks_off(
    path: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    create = InboundEvent.objects.create

    def cut(**fields: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        with closing(connection.copy()) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        return create(**fields)

    with monkeypatch.context() as patched:
        patched.setattr(InboundEvent.objects, "create", cut)
        assert post(path) == 503
    assert post(path) == 200
    lanes.drain("inbound")
    assert done(workspace)
