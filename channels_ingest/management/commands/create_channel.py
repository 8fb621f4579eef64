"""`manage.py create_channel SLUG KIND --name … --set key=value …`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from channels_ingest.management.named import workspace_named
from channels_ingest.services import configure
from channels_ingest.services.facts import webhook_url
from conversations.services.channels import create_channel
from tenancy.models import Brand
from tenancy.scope import scope


class Command(BaseCommand):
    help = "Makes a channel and prints its id, token and webhook URL as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the workspace")
        parser.add_argument("kind", help="what kind of channel, such as email")
        parser.add_argument("--name", required=True, help="what people call it")
        parser.add_argument("--brand", help="whose channel it is; the workspace's first brand by default")
        parser.add_argument(
            "--set", action="append", default=[], dest="pairs", metavar="KEY=VALUE", help="a setting"
        )

    def handle(self, *, slug: str, kind: str, name: str, pairs: list[str], **options: Any) -> None:
        values = dict(_pair(text) for text in pairs)
        with scope(workspace_named(slug).pk):
            try:
                config, secrets = configure.split(kind, values)
            except ValidationError as error:
                raise CommandError("; ".join(_lines(error))) from error
            channel, token = create_channel(
                kind=kind, name=name, config=config, secrets=secrets, brand=_brand(options["brand"])
            )
        url = webhook_url(channel, token)
        made = {"id": channel.pk, "kind": kind, "token": token, "webhook_url": url}
        self.stdout.write(json.dumps(made))


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"--set wants key=value, not {text}")
    return key, value


def _lines(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [f"{key}: {' '.join(messages)}" for key, messages in error.message_dict.items()]


def _brand(name: str | None) -> Brand | None:
    if name is None:
        return None
    brand = Brand.objects.filter(name__iexact=name, archived_at=None).first()
    if brand is None:
        raise CommandError(f"there is no brand {name}")
    return brand
