"""`manage.py fsck SLUG`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels_ingest.management.named import workspace_named
from conversations.services import counts
from tenancy.scope import scope


class Command(BaseCommand):
    help = "Counts again beside the kept counts and prints what differs; exits 1 if anything does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the workspace")

    def handle(self, *, slug: str, **options: Any) -> None:
        with scope(workspace_named(slug).pk):
            differences = counts.differences()
        for bucket, (kept, true) in differences.items():
            self.stdout.write(f"{bucket}: kept {kept}, counted {true}")
        if differences:
            raise CommandError(f"{len(differences)} counts differ")
