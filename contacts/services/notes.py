"""What members write about a contact or an account for themselves: nobody outside ever reads it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Account, Contact, PrivateNote
from contacts.services.searching import put_account, put_contacts
from tenancy.live import push
from tenancy.models import Member, Role
from tenancy.scope import current_workspace_id

LONGEST = 20_000  # characters


class NotYours(Exception):
    """The text says who may do it."""


@transaction.atomic
def write(*, about: Contact | Account, member: Member, text: str) -> PrivateNote:
    """Keep a note about a contact or an account. Raises ValidationError when it is empty or too long."""
    note = PrivateNote(member=member, text=_checked(text))
    if isinstance(about, Contact):
        note.contact = about
    else:
        note.account = about
    note.save()
    _follow(note)
    return note


@transaction.atomic
def edit(*, note: PrivateNote, member: Member, text: str) -> PrivateNote:
    """Say it otherwise. Raises NotYours for another member's, and ValidationError as `write` does."""
    if note.member_id != member.pk:
        raise NotYours(_("Only %(name)s can change this note.") % {"name": note.member})
    changed = _checked(text)
    if changed != note.text:
        note.text, note.edited_at = changed, timezone.now()
        note.save(update_fields=["text", "edited_at"])
        _follow(note)
    return note


@transaction.atomic
def archive(*, note: PrivateNote, member: Member) -> PrivateNote:
    """Put a note away. Raises NotYours for another member's, unless an admin does it."""
    _check_may(note, member)
    note.archived_at = note.archived_at or timezone.now()
    note.save(update_fields=["archived_at"])
    _follow(note)
    return note


@transaction.atomic
def bring_back(*, note: PrivateNote, member: Member) -> PrivateNote:
    """Show an archived note again. Raises NotYours as `archive` does."""
    _check_may(note, member)
    note.archived_at = None
    note.save(update_fields=["archived_at"])
    _follow(note)
    return note


def _check_may(note: PrivateNote, member: Member) -> None:
    if note.member_id != member.pk and not member.may(Role.ADMIN):
        raise NotYours(_("Only %(name)s or an admin can do this.") % {"name": note.member})


def _checked(text: str) -> str:
    clean = text.replace("\r\n", "\n").strip()
    if not clean:
        raise ValidationError(_("Write something first."))
    if len(clean) > LONGEST:
        raise ValidationError(_("A note has at most %(most)s characters.") % {"most": LONGEST})
    return clean


def _follow(note: PrivateNote) -> None:
    """Let whom it is about be found by it, and whoever looks at them see it."""
    if note.contact:
        put_contacts([note.contact])
    elif note.account:
        put_account(note.account)
    topic = f"contact:{note.contact_id}" if note.contact_id else f"account:{note.account_id}"
    push(current_workspace_id(), topic, [note.contact_id or note.account_id or 0])
