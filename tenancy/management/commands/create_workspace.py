"""`manage.py create_workspace SLUG --name … --admin EMAIL [--password-stdin]`."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from tenancy.models import User
from tenancy.services.users import create_user, find_user
from tenancy.services.workspaces import create_workspace


class Command(BaseCommand):
    help = "Makes a workspace with its first admin, who owns it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="stands in the workspace's addresses: /w/SLUG/")
        parser.add_argument("--name", required=True)
        parser.add_argument("--admin", required=True, metavar="EMAIL")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read a new admin's password from standard input; without it they set one by mail",
        )

    @transaction.atomic
    def handle(self, *, slug: str, name: str, admin: str, password_stdin: bool, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
        try:
            workspace = create_workspace(slug=slug, name=name, owner=_owner(admin, password))
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(f"/w/{workspace.slug}/")


def _owner(email: str, password: str | None) -> User:
    """The user of that address, made if there is none. A password is for a new user only."""
    validate_email(email)
    user = find_user(email)
    if user is None:
        if password is not None:
            validate_password(password)
        return create_user(email=email, password=password)
    if password is not None:
        raise CommandError(f"{email} has a password already; say it without --password-stdin")
    return user
