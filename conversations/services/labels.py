"""The workspace's labels."""

from zlib import crc32

from django.db import IntegrityError, transaction

from conversations.models import Label

HUES = 7


def label_named(*, name: str) -> Label:
    """The label of that name, whatever its case; made, or taken out of the archive, when there is none."""
    wanted = " ".join(name.split())[:60]
    try:
        with transaction.atomic():
            found = Label.objects.filter(name__iexact=wanted).first()
            if found is None:
                return Label.objects.create(name=wanted, hue=crc32(wanted.lower().encode()) % HUES + 1)
    except IntegrityError:  # somebody else made it at this moment
        found = Label.objects.get(name__iexact=wanted)
    if found.archived_at:
        found.archived_at = None
        found.save(update_fields=["archived_at"])
    return found
