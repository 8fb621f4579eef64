"""What people take along from one conversation into another: words as quotations, and copies of files."""

from collections.abc import Iterable, Sequence

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from conversations.models import Attachment, Entry, EntryBody
from conversations.services.files import CannotStore, store
from conversations.types import IncomingFile
from tenancy.models import Member


def with_quotes(text: str, entries: Iterable[Entry]) -> str:
    """A text with entries quoted below it, in their order. Nobody is named: that is for the writer to say."""
    quoted = list(entries)
    newest = EntryBody.objects.filter(entry__in=quoted).order_by("entry", "-version").distinct("entry")
    bodies = {body.entry_id: body.text for body in newest}
    return "\n\n".join(
        filter(None, [text.rstrip(), *(_quote(entry, bodies.get(entry.pk, "")) for entry in quoted)])
    )


def _quote(entry: Entry, text: str) -> str:
    at = formats.date_format(timezone.localtime(entry.at), "j F Y, H:i")
    is_ours = entry.direction == Entry.Direction.OUT
    head = (_("On %(at)s we wrote:") if is_ours else _("On %(at)s the customer wrote:")) % {"at": at}
    return "\n".join([head, *(f"> {line}".rstrip() for line in text.strip().splitlines())])


def copies(files: Sequence[Attachment], *, member: Member) -> list[Attachment]:
    """Copies of files that are here, as uploads of the member: what becomes of the one is nothing to the other.

    Raises CannotStore.
    """
    return [_copy(file, member) for file in files]


def _copy(file: Attachment, member: Member) -> Attachment:
    try:
        with file.file.open("rb") as stored:
            content: bytes = stored.read()
        return store(IncomingFile(file.name, file.claimed_type, content), member=member)
    except OSError as error:
        raise CannotStore(
            _("%(name)s cannot be read at the moment. Try again later."), params={"name": file.name}
        ) from error
