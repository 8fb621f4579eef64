"""One filled demo for all tests of a module: making it takes seconds."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command
from django.test import override_settings

from omnidesk.demo import fill
from tenancy.models import Workspace
from tenancy.scope import scope

NOW = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)  # a Wednesday


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker) -> Iterator[list[str]]:
    """What `fill` said while it made the demo's workspaces."""
    said: list[str] = []
    with django_db_blocker.unblock():
        with override_settings(DEMO=True), time_machine.travel(NOW, tick=False):
            fill(days=10, say=said.append)
        yield said
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def acme(filled: list[str], db: None) -> Iterator[Workspace]:
    """The demo's workspace, with its scope open."""
    workspace = Workspace.objects.get(slug="acme")
    with scope(workspace.pk), time_machine.travel(NOW, tick=False):
        yield workspace
