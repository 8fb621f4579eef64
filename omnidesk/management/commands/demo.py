"""`manage.py demo [--workspace SLUG] [--days N] [--seed N]`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from omnidesk.demo.filling import DAYS, SEED, WORKSPACE, CannotFill, fill


class Command(BaseCommand):
    help = (
        "Fills a workspace with three stories and days of believable traffic. Without one named it makes "
        f"{WORKSPACE} with the demo's sign-ins, which takes DEMO=1. One that has been filled is left alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", default=WORKSPACE, metavar="SLUG")
        parser.add_argument(
            "--days", type=int, default=DAYS, metavar="N", help=f"of traffic (default {DAYS})"
        )
        parser.add_argument(
            "--seed", type=int, default=SEED, metavar="N", help="the same seed tells the same"
        )

    def handle(self, *, workspace: str, days: int, seed: int, **options: Any) -> None:
        if days < 1:
            raise CommandError("--days: at least 1")
        try:
            fill(slug=workspace, days=days, seed=seed, say=self.stdout.write)
        except CannotFill as reason:
            raise CommandError(str(reason)) from reason
