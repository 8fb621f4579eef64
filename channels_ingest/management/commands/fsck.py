"""`manage.py fsck SLUG`."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels_ingest.management.named import workspace_named
from conversations.models import Conversation
from conversations.services import counts, entries, reindexing
from tenancy.scope import scope


class Command(BaseCommand):
    help = "Tells all that is derived again, and prints where what is kept differs; exits 1 if it does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the workspace")
        parser.add_argument(
            "--mend-counts", action="store_true", help="put the counts of views right, if need be"
        )

    def handle(self, *, slug: str, mend_counts: bool, **options: Any) -> None:
        with scope(workspace_named(slug).pk):
            differences = [*_counts(mend=mend_counts), *_conversations(), *_search()]
        for line in differences:
            self.stdout.write(line)
        if differences:
            raise CommandError(f"{len(differences)} differences")


def _counts(*, mend: bool) -> Iterator[str]:
    found = counts.mend() if mend else counts.differences()
    for bucket, (kept, true) in found.items():
        yield f"{bucket}: kept {kept}, counted {true}{', mended' if mend else ''}"


def _search() -> Iterator[str]:
    """What is found, beside what there is to find; `reindex` puts it right."""
    for kind, of, trouble in reindexing.differences():
        yield f"search, {kind.name.lower()} {of}: {trouble}"


def _conversations() -> Iterator[str]:
    """What lists show of each conversation, beside what its entries say."""
    for conversation in Conversation.objects.order_by("id").iterator(chunk_size=500):
        for name, true in entries.derived(conversation).items():
            kept = getattr(conversation, name)
            if kept != true:
                yield f"conversation {conversation.number}, {name}: kept {kept}, derived {true}"
