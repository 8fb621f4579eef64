"""Files of entries: capped, their type sniffed, their names made harmless."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO

import puremagic
import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from conversations.models import Attachment, Entry
from conversations.services import searching
from conversations.types import FILMS, PICTURES, SOUNDS, IncomingFile
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id
from tenancy.storable import shortened

log = structlog.get_logger(__name__)

UNKNOWN_TYPE = "application/octet-stream"
# Types that a browser may show in place; everything else is only ever downloaded.
SHOWN_INLINE = PICTURES | SOUNDS | FILMS | {"application/pdf", "text/plain"}


class CannotStore(ValidationError):
    """The store takes no file now: it is full, or away. It may take the same file later."""


def store(file: IncomingFile, *, entry: Entry | None = None, member: Member | None = None) -> Attachment:
    """Keep a file that arrived with an entry, or that a member uploads for one (then `entry` comes later).

    One that the provider only named is coming: `fill` brings its content, or `lose` says that it cannot be had.
    Raises OSError, as `fill` does, when the store does not take it.
    """
    attachment = Attachment(
        entry=entry,
        member=member,
        name=harmless_name(file.name),
        content_type=UNKNOWN_TYPE,
        claimed_type=_printable(file.content_type)[:120],
        size=0,
        content_id=_printable(file.content_id)[:320],
        is_inline=file.inline,
    )
    if file.source and not file.content:
        attachment.state, attachment.source = Attachment.State.COMING, file.source
    else:
        _put(attachment, file.content)
    attachment.save()
    return attachment


def attach(attachments: Sequence[Attachment], entry: Entry) -> None:
    """Give files that were uploaded before to the entry that they were uploaded for."""
    Attachment.objects.filter(pk__in=[file.pk for file in attachments], entry=None).update(entry=entry)
    searching.put_files(
        list(Attachment.objects.filter(pk__in=[file.pk for file in attachments], entry=entry))
    )


def detach(entry: Entry, member: Member) -> list[int]:
    """Take an entry's files from it: they are a member's uploads again. Returns their ids, in order."""
    ids = list(Attachment.objects.filter(entry=entry).order_by("pk").values_list("pk", flat=True))
    Attachment.objects.filter(pk__in=ids).update(entry=None, member=member)
    searching.drop_files(ids)
    return ids


def fill(attachment: Attachment, file: IncomingFile) -> None:
    """Keep the content of a *locked* file that was coming, under the name it comes with, and tell the screens."""
    if file.name:
        attachment.name = harmless_name(file.name)
    if file.content_type:
        attachment.claimed_type = _printable(file.content_type)[:120]
    attachment.state, attachment.reason = Attachment.State.STORED, ""
    _put(attachment, file.content)
    attachment.save()
    searching.put_files([attachment])
    _tell(attachment)


def lose(attachment: Attachment, reason: str) -> None:
    """Say of a *locked* file why it cannot be had."""
    attachment.state, attachment.reason = Attachment.State.LOST, shortened(reason, 300)
    attachment.save(update_fields=["state", "reason"])
    _tell(attachment)


def await_again(attachment: Attachment) -> None:
    """Say of a *locked* file that could not be had that it is coming again."""
    attachment.state, attachment.reason = Attachment.State.COMING, ""
    attachment.save(update_fields=["state", "reason"])
    _tell(attachment)


def _put(attachment: Attachment, content: bytes) -> None:
    """Put the content into the storage. Its path says nothing of the name: it is random, and apart for each
    workspace."""
    attachment.content_type, attachment.size = sniff(content, attachment.name), len(content)
    path = f"{current_workspace_id()}/{timezone.now():%Y/%m}/{secrets.token_hex(16)}"
    try:
        attachment.file.save(path, ContentFile(content), save=False)
    except OSError:
        with suppress(OSError):
            attachment.file.storage.delete(path)  # nobody knows of the half that may be there
        raise


def _tell(attachment: Attachment) -> None:
    entry = attachment.entry
    if entry is not None and entry.conversation_id:
        push(current_workspace_id(), f"conversation:{entry.conversation_id}", [entry.pk])


def upload(file: "UploadedFile[bytes]", *, member: Member) -> Attachment:
    """Keep a file that a member puts into the composer. Raises ValidationError when it is too large or empty, and
    CannotStore."""
    limit = settings.OMNIDESK_ATTACHMENT_LIMIT
    if not file.size:
        raise ValidationError(_("%(name)s is empty."), params={"name": file.name})
    if file.size > limit:
        raise ValidationError(
            _("%(name)s is larger than %(limit)s."),
            params={"name": file.name, "limit": filesizeformat(limit)},
        )
    incoming = IncomingFile(name=file.name or "", content_type=file.content_type or "", content=file.read())
    try:
        return store(incoming, member=member)
    except OSError as error:
        log.error("file not stored", error=str(error))
        raise CannotStore(
            _("%(name)s cannot be stored at the moment. Try again later."), params={"name": file.name}
        ) from error


def waiting(ids: Sequence[int], *, member: Member) -> list[Attachment]:
    """A member's uploads in the order of `ids`, locked for this transaction. Raises ValidationError for one that
    is not theirs, is gone, or has its entry."""
    free = Attachment.objects.select_for_update().filter(entry=None, member=member)
    found = free.in_bulk(ids) if ids else {}
    if missing := [pk for pk in ids if pk not in found]:
        words = _("There is no upload %d of yours that waits for its entry.")
        raise ValidationError([words % pk for pk in missing])
    return [found[pk] for pk in dict.fromkeys(ids)]


def harmless_name(name: str) -> str:
    """A file name without folders, control characters or leading dots, of at most 255 characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = _printable(last).strip(" .")
    try:
        get_valid_filename(shown)
    except ValueError:
        shown = ""
    if len(shown) > 255:
        stem, dot, ending = shown.rpartition(".")
        shown = f"{stem[: 250 - len(ending)]}{dot}{ending}" if dot and len(ending) < 20 else shown[:255]
    return shown or "file"


def sniff(content: bytes, name: str) -> str:
    """The media type that the bytes themselves speak for; text that decodes is `text/plain`, never HTML."""
    head = content[:4096]
    if head[4:11] == b"ftypM4A":  # a voice message of Apple's, which the library does not know
        return "audio/mp4"
    try:
        found: str = puremagic.from_stream(BytesIO(head), mime=True, filename=name) if head else ""
    except (puremagic.PureError, ValueError):
        found = ""
    if found.startswith(("image/", "audio/", "video/", "application/")) and not _is_markup(found):
        return found
    return "text/plain" if _is_text(head) else UNKNOWN_TYPE


def _printable(text: str) -> str:
    """A text without control characters and halves of characters, which the database would not take either."""
    return "".join(character for character in text if character.isprintable())


def _is_markup(content_type: str) -> bool:
    """SVG, XHTML and XML can carry script: they are served as what they are not, plain text or bytes."""
    return any(word in content_type for word in ("xml", "html", "svg", "javascript"))


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # a character cut in two at the end of the sample
    return True
