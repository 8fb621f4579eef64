"""A server that hangs, and the workers of `manage.py up`: it holds up who sends to it, and nobody else."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from signal import SIGKILL
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from channels_ingest.models import InboundEvent
from channels_ingest.services.accept import MailIntake
from conversations.models import Channel, Conversation, Delivery
from conversations.services.channels import create_channel
from conversations.services.reply import Draft, reply
from omnidesk.embedded import programs
from omnidesk.embedded.supervisor import Child
from tenancy import lanes
from tenancy.models import Role, Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.conftest import ADDRESS
from tests.people import member_of, new_workspace
from tests.providers.smtp import SmtpServer, smtp_server

__all__ = ["smtp_server"]

HANGS = 300.0  # seconds; far longer than anything here waits
WITHIN = 30  # seconds


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    cache.clear()
    yield new_workspace("acme")
    cache.clear()


@contextmanager
def running(*children: Child) -> Iterator[None]:
    processes = [
        subprocess.Popen(child.command, cwd=child.folder, env=child.environment, start_new_session=True)
        for child in children
    ]
    try:
        yield
    finally:
        for process in processes:
            os.killpg(process.pid, SIGKILL)
            process.wait()


def on_this_database() -> dict[str, str]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return {"DATABASE_URL": url.geturl(), "REDIS_URL": settings.REDIS_URL}


def wait_until(come: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not come():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def arrive(channel: Channel, subject: str) -> int:
    raw = mail(subject, message_id=f"<{subject}@x.example>", **{"from": f"{subject}@x.example"})
    with scope(channel.workspace_id):
        return MailIntake(channel).take(raw)


def channel_of(workspace: Workspace, server: SmtpServer) -> Channel:
    port = {"smtp_host": server.host, "smtp_port": str(server.port), "smtp_security": "none"}
    with scope(workspace.pk):
        return create_channel(kind="email", name="Support", config=ADDRESS | port, secrets={})[0]


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_hangs_does_not_delay_what_comes_in(workspace: Workspace, smtp_server: SmtpServer):
    channel = channel_of(workspace, smtp_server)
    arrive(channel, "first")
    lanes.drain("inbound")
    smtp_server.answers["MAIL"] = HANGS
    with scope(workspace.pk):
        draft, member = Draft(text="We are coming."), member_of(workspace, Role.AGENT)
        reply(conversation=Conversation.objects.get(), channel=channel, member=member, draft=draft)
        Delivery.objects.update(due_at=timezone.now())
        lanes.ring("send")

    def state_of(row: Delivery | InboundEvent) -> str:
        with scope(workspace.pk):
            row.refresh_from_db()
        return row.state

    with scope(workspace.pk):
        delivery = Delivery.objects.get()
    slots = on_this_database()
    with running(programs.worker(slots, processes="1"), programs.outside(slots)):
        wait_until(lambda: state_of(delivery) == "taken")
        number = arrive(channel, "second")
        with scope(workspace.pk):
            event = InboundEvent.objects.get(pk=number)
        wait_until(lambda: state_of(event) == "done")
        assert state_of(delivery) == "taken"
