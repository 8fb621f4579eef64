"""Channels to receive on: one of a made-up signed provider, one of mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels_ingest import base
from conversations.models import Channel
from conversations.services.channels import create_channel
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.signed import SECRET, SignedAdapter, call_of, signed


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
    yield
    base.adapter_for.cache_clear()


@pytest.fixture
def door(workspace: Workspace, signed_provider: None) -> Door:
    """A channel of the made-up provider."""
    with scope(workspace.pk):
        channel, token = create_channel(kind="api", name="Shop", config={}, secrets={"secret": SECRET})
    return Door(channel, token, "api")
