"""Mails by which the installation tells members of something; never an answer to a customer."""

from collections.abc import Sequence

import structlog
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from conversations.models import Entry, EntryBody, Mention
from tenancy.models import Member, Workspace
from tenancy.preferences import By, Happening

log = structlog.get_logger(__name__)

TIMEOUT = 10  # seconds
# No machine should answer these (RFC 3834 section 5, and Exchange's own word).
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


def for_mentions(entry: Entry) -> list[EmailMessage]:
    """To those whom a note mentions and, as it is about their work, the assignee; not to bots, its author, or who
    wants no mail of that."""
    if entry.kind != Entry.Kind.NOTE or entry.conversation is None:
        return []
    mentions = Mention.objects.filter(entry=entry).select_related("member__user").order_by("id")
    mentioned = [mention.member for mention in mentions]
    if not mentioned:
        return []
    told = [*mentioned, entry.conversation.assignee] if entry.conversation.assignee else mentioned
    people = {person.pk: person for person in told}
    return [_mention(entry, person) for person in people.values() if _is_reader(person, entry)]


def _is_reader(person: Member, entry: Entry) -> bool:
    is_told = person.is_active and not person.is_bot and person.user is not None and person != entry.member
    return is_told and person.wishes.tells(Happening.MENTIONED, By.EMAIL)


def _mention(entry: Entry, person: Member) -> EmailMessage:
    assert entry.conversation is not None
    assert person.user is not None
    workspace = Workspace.objects.get(pk=entry.workspace_id)
    facts = {
        "who": entry.member.name if entry.member else workspace.name,
        "conversation": entry.conversation,
        "text": EntryBody.objects.filter(entry=entry).latest("version").text,
        "link": f"{settings.PUBLIC_URL}/w/{workspace.slug}/inbox/{entry.conversation.number}/",
    }
    subject = _("%(who)s on #%(number)d %(subject)s") % {
        "who": facts["who"],
        "number": entry.conversation.number,
        "subject": entry.conversation.subject,
    }
    text = render_to_string("omnidesk/mail/mention.txt", facts)
    return EmailMessage(" ".join(subject.split()), text, to=[person.user.email], headers=HEADERS)


def send(letters: Sequence[EmailMessage]) -> None:
    """Send each; raises the last error when not one could be sent. One bad address never holds up the others."""
    failure: OSError | None = None
    sent = 0
    for letter in letters:
        try:
            sent += mail.get_connection(timeout=TIMEOUT).send_messages([letter])
        except OSError as error:  # SMTP's errors included
            failure = error
            log.warning("letter not sent", to=letter.to, error=str(error))
    if failure is not None and not sent:
        raise failure
