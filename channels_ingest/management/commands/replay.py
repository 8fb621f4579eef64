"""`manage.py replay SLUG [--failed] [EVENT…]`."""

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels_ingest.management.named import workspace_named
from channels_ingest.models import InboundEvent
from channels_ingest.queries import outcome_of
from channels_ingest.services import replay
from tenancy.scope import scope


class Command(BaseCommand):
    help = "Processes inbound events again and prints what became of each as JSON; exits 1 if one failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the workspace")
        parser.add_argument("events", nargs="*", type=int, metavar="EVENT", help="ids of events")
        parser.add_argument("--failed", action="store_true", help="every event that failed")
        parser.add_argument(
            "--timeout", type=float, default=600, help="seconds to wait at most (default 600)"
        )

    def handle(self, *, slug: str, events: list[int], failed: bool, **options: Any) -> None:
        workspace = workspace_named(slug)
        if not events and not failed:
            raise CommandError("name events, or --failed")
        with scope(workspace.pk):
            ids = set(events) | set(replay.failed().values_list("pk", flat=True) if failed else ())
            found = InboundEvent.objects.filter(pk__in=ids)
            if missing := set(events) - set(found.values_list("pk", flat=True)):
                raise CommandError(f"there is no event {min(missing)}")
            replay.replay(found)
        replay.wait(workspace.pk, ids, timeout=timedelta(seconds=options["timeout"]))
        with scope(workspace.pk):
            outcomes = [outcome_of(event) for event in sorted(ids)]
        for outcome in outcomes:
            self.stdout.write(json.dumps(outcome))
        if any(outcome["state"] == "failed" for outcome in outcomes):
            raise CommandError("some failed again")
