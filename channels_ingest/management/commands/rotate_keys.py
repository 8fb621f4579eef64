"""`manage.py rotate_keys`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations.models import Channel
from conversations.services.channels import reseal_channel
from tenancy.models import Workspace
from tenancy.scope import scope
from tenancy.seal import Unsealable


class Command(BaseCommand):
    help = "Seals all provider secrets under the first of OMNIDESK_ENCRYPTION_KEYS; then the others may go."

    def handle(self, **options: Any) -> None:
        count, lost = 0, []
        for workspace in Workspace.objects.order_by("slug"):
            with scope(workspace.pk):
                for channel in Channel.objects.order_by("id"):
                    try:
                        reseal_channel(channel)
                        count += 1
                    except Unsealable:
                        lost.append(f"{workspace.slug}/{channel.pk}")
        self.stdout.write(f"{count} channels sealed anew")
        if lost:
            raise CommandError(f"no key opens the secrets of {', '.join(lost)}")
