"""`manage.py create_token SLUG EMAIL`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenancy.models import Member, Workspace
from tenancy.scope import scope
from tenancy.services import tokens


class Command(BaseCommand):
    help = "Prints a new API token of a member; it cannot be read again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the workspace")
        parser.add_argument("email", help="the member")
        parser.add_argument("--name", default="command line", help="what the token list calls it")

    def handle(self, *, slug: str, email: str, name: str, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=slug).first()
        if workspace is None:
            raise CommandError(f"there is no workspace {slug}")
        with scope(workspace.pk):
            member = Member.objects.filter(user__email=email.lower(), archived_at=None).first()
            if member is None:
                raise CommandError(f"{email} is no member of {slug}")
            _, text = tokens.create(member=member, name=name)
        self.stdout.write(text)
