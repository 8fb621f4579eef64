"""Writing to a contact first."""

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import Contact
from conversations.models import Channel, Conversation, Entry, Participant
from conversations.services import entries, matter
from conversations.services.reply import CannotReply, Draft, check_reply, reply
from tenancy.models import Member


@transaction.atomic
def start(*, contact: Contact, channel: Channel, subject: str, draft: Draft, member: Member) -> Entry:
    """Open a conversation with a contact and write its first message; it is the member's own.

    `draft.to` says at which address. Raises CannotReply.
    """
    if draft.to is None or draft.to.contact_id != contact.pk:
        raise CannotReply(_("Choose an address of this contact."))
    conversation = matter.create(
        brand_id=channel.brand_id,
        subject=subject[:300],
        contact=contact,
        account_id=entries.primary_accounts([contact.pk]).get(contact.pk),
        assignee=member,
    )
    check_reply(conversation, channel, draft)
    Participant.objects.create(
        conversation=conversation, contact=contact, identity=draft.to, added_by=Participant.AddedBy.AGENT
    )
    return reply(
        conversation=conversation,
        channel=channel,
        draft=draft,
        member=member,
        then=Conversation.Status.PENDING,
    )
