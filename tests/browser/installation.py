"""A whole Omnidesk as people run it, `manage.py up`, for browsers to visit."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from signal import SIGTERM
from typing import Any

import psycopg
from django.conf import settings

from tests.providers.imap import ImapServer
from tests.providers.smtp import SmtpServer

PATIENCE = 90  # seconds, on a machine that runs many tests at once
PASSWORD = "correct horse battery"
_ADD_MEMBER = """
from tenancy.models import Workspace
from tenancy.scope import scope
from tenancy.services.members import add_member
from tenancy.services.users import create_user
workspace = Workspace.objects.get(slug={slug!r})
with scope(workspace.pk):
    add_member(user=create_user(email={email!r}, password={password!r}, name={name!r}), role={role!r})
"""


class Installation:
    """Web, worker and beat on a database and a data folder of their own, driven from outside only."""

    def __init__(
        self, folder: Path, *, number: int, demo: bool = False, providers: Mapping[str, str] | None = None
    ) -> None:
        database = f"browser_{number}"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "up.log"
        server, _, where = os.environ["DATABASE_URL"].partition("@/")
        name, _, query = where.partition("?")
        with psycopg.connect(f"{server}@/{name}?{query}", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database}")
            connection.execute(f"CREATE DATABASE {database}")
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"{server}@/{database}?{query}",
            "REDIS_URL": os.environ["REDIS_URL"].partition("?")[0] + f"?db={60 - number}",
            "OMNIDESK_DATA": str(folder / "data"),
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "PUBLIC_URL": self.url,
            "DEMO": "1" if demo else "0",
            "OMNIDESK_PROVIDER_URLS": json.dumps(providers or {}),
            "WORKERS": "1",
        }

    def start(self) -> None:
        """Start and wait for the ready line."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE
        while f"Omnidesk is ready at {self.url}\n" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop as Ctrl-C does."""
        self._commands.communicate(timeout=30)
        self.process.send_signal(SIGTERM)
        self.process.wait(timeout=30)

    def manage(self, *words: str, stdin: str = "") -> str:
        """Run a management command and return what it prints."""
        asked, answers = self._commands.stdin, self._commands.stdout
        assert asked is not None
        assert answers is not None
        asked.write(json.dumps([words, stdin]) + "\n")
        asked.flush()
        code, printed, complained = json.loads(answers.readline())
        assert code == 0, printed + complained
        return str(printed)

    @cached_property
    def _commands(self) -> subprocess.Popen[str]:
        """Who runs them (tests.browser.commands)."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.browser.commands"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def add_member(self, slug: str, *, email: str, name: str, role: str = "agent") -> None:
        """One more person who signs in with PASSWORD."""
        code = _ADD_MEMBER.format(slug=slug, email=email, name=name, role=role, password=PASSWORD)
        self.manage("shell", "--no-imports", "-c", code)

    def create_channel(self, slug: str, kind: str, name: str, **config: object) -> dict[str, Any]:
        """Connect a channel; what `create_channel` prints."""
        words = [word for key, value in config.items() for word in ("--set", f"{key}={value}")]
        made: dict[str, Any] = json.loads(
            self.manage("create_channel", slug, kind, "--name", name, *words).splitlines()[-1]
        )
        return made

    def connect_mail(
        self, slug: str, name: str, address: str, incoming: ImapServer, outgoing: SmtpServer
    ) -> None:
        """Connect a mail channel, whose server vouches for senders as `mx.shop.example`."""
        self.create_channel(
            slug,
            "email",
            name,
            address=address,
            imap_host=incoming.host,
            imap_port=incoming.port,
            imap_user=incoming.user,
            imap_password=incoming.password,
            imap_security="none",
            smtp_host=outgoing.host,
            smtp_port=outgoing.port,
            smtp_security="none",
            authserv_ids="mx.shop.example",
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
