"""`manage.py ingest_mail SLUG CHANNEL [--mbox FILE | --maildir DIR | FILE… | -] [--wait]`."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from os import EX_TEMPFAIL
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseFault

from channels_ingest.management.named import channel_named, workspace_named
from channels_ingest.queries import outcome_of
from channels_ingest.services import mailfiles, pressure
from channels_ingest.services.accept import MailIntake
from channels_ingest.services.pressure import Later
from channels_ingest.services.replay import wait
from tenancy.scope import scope

TOLD_EVERY = 500  # mails


class Command(BaseCommand):
    help = (
        "Takes raw mails, as an MTA's pipe does (one on standard input with -), and stores each. "
        "Exits 0 only when all are stored, 75 when one could not be, so that the MTA tries again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        # Files may stand after options, too.
        parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]
        parser.add_argument("slug", help="the workspace")
        parser.add_argument("channel", help="a mail channel: its id, name or address")
        parser.add_argument("files", nargs="*", metavar="FILE", help="a mail; - is standard input")
        parser.add_argument("--mbox", type=Path, help="an mbox file")
        parser.add_argument("--maildir", type=Path, help="a Maildir folder")
        parser.add_argument(
            "--wait", action="store_true", help="until processed; prints one JSON line for each mail"
        )
        parser.add_argument(
            "--timeout", type=float, default=600, help="seconds that --wait waits at most (default 600)"
        )

    def handle(self, *, slug: str, channel: str, **options: Any) -> None:
        try:
            workspace_id = workspace_named(slug, returncode=EX_TEMPFAIL).pk
            with scope(workspace_id):
                intake = MailIntake(channel_named(channel, returncode=EX_TEMPFAIL))
            events = list(self._stored(intake, workspace_id, options))
        except (DatabaseFault, OSError, ValidationError, Later) as error:
            raise CommandError(f"not stored: {error}", returncode=EX_TEMPFAIL) from error
        if options["wait"]:
            wait(workspace_id, events, timeout=timedelta(seconds=options["timeout"]))
            with scope(workspace_id):
                for event in events:
                    self.stdout.write(json.dumps(outcome_of(event)))

    def _stored(self, intake: MailIntake, workspace_id: int, options: dict[str, Any]) -> Iterator[int]:
        """Store each mail in a transaction of its own; give the ids of their events.

        What an MTA pipes is limited as webhooks are; files are imported on purpose.
        """
        for count, raw in enumerate(_mails(options), start=1):
            if not raw.strip():
                raise CommandError("not stored: an empty mail", returncode=EX_TEMPFAIL)
            with scope(workspace_id):
                if "-" in options["files"]:
                    pressure.check(intake.channel)
                event_id = intake.take(raw)
            yield event_id
            if count % TOLD_EVERY == 0:
                self.stderr.write(f"{count} mails stored")


def _mails(options: dict[str, Any]) -> Iterator[bytes]:
    files: list[str] = options["files"]
    if options["mbox"]:
        return mailfiles.from_mbox(options["mbox"])
    if options["maildir"]:
        return mailfiles.from_maildir(options["maildir"])
    if not files:
        raise CommandError("name --mbox, --maildir, files, or - for standard input")
    return chain.from_iterable(_one(name) for name in files)


def _one(name: str) -> Iterator[bytes]:
    yield mailfiles.from_pipe(sys.stdin.buffer) if name == "-" else Path(name).read_bytes()
