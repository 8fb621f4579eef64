"""The workspace's labels."""

from zlib import crc32

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models import ConversationLabel, Label

HUES = 7
TAKEN = _("There is a label of this name.")


def label_named(*, name: str) -> Label:
    """The label of that name, whatever its case; made, or taken out of the archive, when there is none."""
    return label_made(name=name)[0]


def label_made(*, name: str) -> tuple[Label, bool]:
    """The same, with whether there was none."""
    wanted = " ".join(name.split())[:60]
    try:
        with transaction.atomic():
            found = Label.objects.filter(name__iexact=wanted).first()
            if found is None:
                hue = crc32(wanted.lower().encode()) % HUES + 1
                return Label.objects.create(name=wanted, hue=hue), True
    except IntegrityError:  # somebody else made it at this moment
        found = Label.objects.get(name__iexact=wanted)
    if found.archived_at is None:
        return found, False
    found.archived_at = None
    found.save(update_fields=["archived_at"])
    return found, True


def rename(*, label: Label, name: str) -> Label:
    """Call a label something else. Raises ValidationError for a name that another has."""
    label.name = " ".join(name.split())[:60]
    try:
        with transaction.atomic():
            label.save(update_fields=["name"])
    except IntegrityError as error:
        raise ValidationError({"name": TAKEN}) from error
    return label


def archive_unused(*, pk: int) -> None:
    """Put the label of that id away, unless a conversation carries it."""
    Label.objects.filter(pk=pk, archived_at=None).exclude(
        Exists(ConversationLabel.objects.filter(label=OuterRef("pk")))
    ).update(archived_at=timezone.now())
