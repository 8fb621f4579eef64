"""Channels to receive on: one of a made-up signed provider, one of mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels_ingest import base
from conversations.models import Channel
from conversations.services.channels import create_channel, update_channel
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.chat import Chat
from tests.channels_ingest.shelf import Shelf, open_shelf
from tests.channels_ingest.signed import SECRET, SignedAdapter, call_of, signed
from tests.providers.imap import ImapServer, imap_server
from tests.providers.smtp import SmtpServer, smtp_server

__all__ = ["imap_server", "smtp_server"]


WHERE = {"hook_url": "http://shop.example/answers"}
ADDRESS = {"address": "support@acme.example", "authserv_ids": "mx.acme.example"}


@dataclass(frozen=True)
class Door:
    """A channel, with its webhook's token."""

    channel: Channel
    token: str
    provider: str

    @property
    def path(self) -> str:
        return f"/hooks/{self.provider}/{self.token}/"

    def post(self, body: bytes, **headers: str) -> Any:
        return Client().post(self.path, body, content_type="application/octet-stream", headers=headers)

    def deliver(self, *events: dict[str, Any], **headers: str) -> Any:
        body = call_of(*events)
        return self.post(body, **{"x-signature": signed(body)} | headers)


@pytest.fixture
def clock() -> Iterator[Any]:
    """A time that tests may move, and nothing counted before it."""
    cache.clear()
    with time_machine.travel("2026-11-19 10:00:00Z", tick=True) as clock:
        yield clock


def queries_of(page: Client, path: str) -> int:
    """How many queries a visit takes, counted at once: the next request forgets them."""
    with CaptureQueriesContext(connection) as captured:
        page.get(path)
    return len(captured)


@pytest.fixture
def signed_provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The provider `api`, served by the made-up adapter."""
    monkeypatch.setitem(base.ADAPTERS, "api", f"{SignedAdapter.__module__}.{SignedAdapter.__name__}")
    monkeypatch.setitem(base.HOOKS, "api", "api")
    base.adapter_for.cache_clear()
    base.inlet_for.cache_clear()
    yield
    base.adapter_for.cache_clear()
    base.inlet_for.cache_clear()


@pytest.fixture
def door(workspace: Workspace, signed_provider: None) -> Door:
    """A channel of the made-up provider."""
    with scope(workspace.pk):
        channel, token = create_channel(kind="api", name="Shop", config=WHERE, secrets={"secret": SECRET})
    return Door(channel, token, "api")


@pytest.fixture
def shelf(door: Door) -> Iterator[Shelf]:
    """The made-up provider's server, which the channel asks."""
    with open_shelf() as shelf:
        with scope(door.channel.workspace_id):
            update_channel(channel=door.channel, member=None, config=WHERE | {"base": shelf.url})
        yield shelf


@pytest.fixture
def post(workspace: Workspace) -> Door:
    """A mail channel without servers: mail comes by webhook or pipe."""
    with scope(workspace.pk):
        return Door(*create_channel(kind="email", name="Support", config=ADDRESS, secrets={}), "mail")


@pytest.fixture
def mailbox(workspace: Workspace, imap_server: ImapServer) -> Channel:
    """A mail channel that reads the IMAP server's mailbox."""
    cache.clear()
    with scope(workspace.pk):
        config = ADDRESS | {
            "imap_host": imap_server.host,
            "imap_port": str(imap_server.port),
            "imap_user": imap_server.user,
            "imap_security": "none",
        }
        secrets = {"imap_password": imap_server.password}
        return create_channel(kind="email", name="Support", config=config, secrets=secrets)[0]


@pytest.fixture
def outbox(workspace: Workspace, smtp_server: SmtpServer) -> Channel:
    """A mail channel that sends through the SMTP server."""
    with scope(workspace.pk):
        config = ADDRESS | {
            "smtp_host": smtp_server.host,
            "smtp_port": str(smtp_server.port),
            "smtp_security": "none",
        }
        return create_channel(kind="email", name="Support", config=config, secrets={})[0]


@pytest.fixture
def chat(workspace: Workspace) -> Chat:
    """A chat that any site may show."""
    cache.clear()
    return Chat(workspace)
