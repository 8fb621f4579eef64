"""`manage.py up`: the whole installation in one command."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from omnidesk.embedded.installation import run
from omnidesk.embedded.processes import CannotRunError


class Command(BaseCommand):
    help = (
        "Runs PostgreSQL, Redis, web, worker and beat on one data folder until Ctrl-C or SIGTERM. "
        "Environment: HOST, PORT, OMNIDESK_DATA, WORKERS, DEMO=1 for the demo workspace, "
        "DEMO_PROVIDERS=1 for made-up providers beside it; "
        "DATABASE_URL and REDIS_URL name servers to use instead of the embedded ones."
    )
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            run()
        except CannotRunError as error:
            raise CommandError(str(error)) from error
