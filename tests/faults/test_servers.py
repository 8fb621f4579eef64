"""Redis that is away or forgets, PostgreSQL that breaks off: what was acknowledged is there."""

from contextlib import closing
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils.module_loading import import_string

from channels_ingest.models import InboundEvent
from channels_ingest.services import accept
from conversations.models import Delivery, Entry
from conversations.services.channels import create_channel
from conversations.services.reply import Draft, reply
from tenancy import lanes
from tenancy.models import Role, Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.conftest import ADDRESS
from tests.faults.calls import chat_message, texts_of
from tests.people import member_of, new_workspace
from tests.programs import Program, problem

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


def test_texts_and_chats_come_and_answers_wait_while_redis_is_away(workspace: Workspace, settings: Any):
    redis = settings.CACHES
    text, chat = texts_of(workspace).message(), chat_message(workspace)
    settings.CACHES = {"default": redis["default"] | {"LOCATION": "unix:///nowhere/redis.sock"}}
    assert (text.post(), chat.post()) == (200, 200)
    assert lanes.answer("inbound", workspace.pk) == 2
    with scope(workspace.pk):
        written = Entry.objects.get(channel__kind="chat")
        assert written.conversation is not None
        assert written.channel is not None
        reply(conversation=written.conversation, channel=written.channel, draft=Draft("Hi"), member=None)
    settings.CACHES = redis
    assert lanes.sweep() == 2
    lanes.answer("send", workspace.pk)
    with scope(workspace.pk):
        assert Delivery.objects.get().status == "sent"
        assert Entry.objects.filter(kind="message").count() == 3


def terminate() -> None:
    """What PostgreSQL does to all connections when it is stopped."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])


@pytest.mark.parametrize(
    "moment",
    [
        "tenancy.services.tokens.use",
        "contacts.services.people.create_account",
        "tenancy.services.idempotency.keep",
    ],
)
def test_a_program_is_told_to_ask_again_when_postgresql_breaks_off(
    workspace: Workspace, moment: str, monkeypatch: pytest.MonkeyPatch
):
    """Before the view, in it, and as its answer is kept."""
    program = Program(member_of(workspace, Role.AGENT))
    act = import_string(moment)

    def cut(*args: Any, **fields: Any) -> Any:
        terminate()
        return act(*args, **fields)

    with monkeypatch.context() as patched:
        patched.setattr(moment, cut)
        broken = program.post("accounts/", {"name": "Northwind"}, key="k1")
    assert (problem(broken)["status"], broken.headers["Retry-After"]) == (503, "5")
    assert program.post("accounts/", {"name": "Northwind"}, key="k1").status_code == 201
    assert len(program.get("accounts/").json()["results"]) == 1


def test_nothing_is_acknowledged_when_postgresql_breaks_off(
    path: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    store = accept._store

    def cut(**fields: Any) -> Any:
        terminate()
        return store(**fields)

    with monkeypatch.context() as patched:
        patched.setattr(accept, "_store", cut)
        assert post(path) == 503
    assert post(path) == 200
    lanes.drain("inbound")
    assert done(workspace)
