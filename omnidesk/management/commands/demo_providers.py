"""`manage.py demo_providers --http PORT --smtp PORT --to FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from omnidesk.demo.filling import WORKSPACE
from omnidesk.demo.providers import Ports, connect
from omnidesk.embedded.folder import write_private
from tenancy.models import Workspace
from tenancy.scope import scope


class Command(BaseCommand):
    help = (
        "Connects the demo's channels to made-up providers on this machine, and writes what those need to know "
        "to a file. Part of `DEMO_PROVIDERS=1 make run`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--http", type=int, required=True, metavar="PORT", help="where they take HTTP")
        parser.add_argument("--smtp", type=int, required=True, metavar="PORT", help="where they take mail")
        parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="what they read")

    def handle(self, *, http: int, smtp: int, to: Path, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=WORKSPACE).first()
        if workspace is None or not (settings.DEMO and settings.IS_LOOPBACK):
            raise CommandError("there is no demo here: DEMO=1 on a loopback address makes one")
        with scope(workspace.pk):
            told = connect(Ports(http=http, smtp=smtp))
        write_private(to, told | {"desk": settings.PUBLIC_URL})
