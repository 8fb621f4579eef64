"""`manage.py reindex SLUG`."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations.services import reindexing
from tenancy.models import Workspace
from tenancy.search import Kind

REPORT = 10_000  # rows


class Command(BaseCommand):
    help = "Makes a workspace's index of words again, while it is used. `fsck` says whether that is needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the workspace")

    def handle(self, *, slug: str, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=slug).first()
        if workspace is None:
            raise CommandError(f"There is no workspace {slug}.")
        done = Counter[Kind]()
        for kind, count in reindexing.rebuild(workspace.pk):
            done[kind] += count
            if done[kind] % REPORT < count:
                self.stdout.write(f"{kind.name.lower()}: {done[kind]}")
        self.stdout.write(f"{done.total()} rows are in the index.")
