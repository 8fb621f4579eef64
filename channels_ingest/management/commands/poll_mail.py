"""`manage.py poll_mail`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels_ingest.services import poll


class Command(BaseCommand):
    help = "Reads what is new in every mailbox, once; exits 1 if one could not be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--reconcile", action="store_true", help="compare each with the ledger and fetch what is missing"
        )

    def handle(self, *, reconcile: bool, **options: Any) -> None:
        failures = 0
        for workspace_id, channel_id in poll.mailboxes():
            found = (
                poll.reconcile(workspace_id, channel_id)
                if reconcile
                else poll.poll(workspace_id, channel_id, patient=False)
            )
            if found is None:
                self.stdout.write(f"channel {channel_id}: is being read by somebody else")
                continue
            problem = f"; {found.error}" if found.error else ""
            self.stdout.write(
                f"channel {channel_id}: {found.stored} stored, {found.troubled} in trouble{problem}"
            )
            failures += bool(found.error)
        if failures:
            raise CommandError(f"{failures} mailboxes could not be read")
