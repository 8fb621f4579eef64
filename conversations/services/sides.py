"""Opening a conversation aside: with colleagues, or with a third party by mail. The customer never sees it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.addresses import normalise_email
from contacts.models import Identity
from contacts.types import Address, AddressKind, Proof
from conversations.models import Attachment, Channel, Conversation, Entry, Participant
from conversations.services import entries, matter, members, parents, third_parties
from conversations.services.copies import identity_at
from conversations.services.notes import note
from conversations.services.reply import CannotReply, Draft, check_reply, reply
from tenancy.models import Member


@transaction.atomic
def ask_colleagues(
    *,
    parent: Conversation,
    colleagues: Sequence[Member],
    subject: str,
    text: str,
    member: Member,
    attachments: Sequence[Attachment] = (),
) -> Entry:
    """Begin an aside among members about a conversation; returns its first note, which is to `colleagues`.

    Raises CannotReply.
    """
    others = [colleague for colleague in colleagues if colleague.pk != member.pk]
    if not others:
        raise CannotReply(_("Choose a colleague to ask."))
    parent = _locked(parent)
    side = matter.create(
        kind=Conversation.Kind.SIDE,
        parent=parent,
        brand_id=parent.brand_id,
        subject=_subject(subject),
        assignee=member,
    )
    whom = ", ".join(colleague.name for colleague in others)
    entries.write_all([parents.opened(parent, side, member=member, whom=whom)])
    return note(conversation=side, member=member, text=text, mentions=others, attachments=attachments)


@transaction.atomic
def ask_outside(
    *, parent: Conversation, channel: Channel, address: str, subject: str, draft: Draft, member: Member
) -> Entry:
    """Begin a side conversation by mail with a third party at an address; returns the first message.

    Who answers from there, and only they, answer into it. Raises CannotReply, for anybody who takes part in the
    parent too, and ValidationError where `address` is none.
    """
    parent = _locked(parent)
    identity = _third_party(parent, address)
    side = matter.create(
        kind=Conversation.Kind.SIDE,
        parent=parent,
        brand_id=channel.brand_id,
        subject=_subject(subject),
        contact=identity.contact,
        account_id=entries.primary_accounts([identity.contact_id]).get(identity.contact_id),
        assignee=member,
    )
    check_reply(side, channel, draft)
    Participant.objects.create(
        conversation=side,
        contact=identity.contact,
        identity=identity,
        role=Participant.Role.THIRD_PARTY,
        added_by=Participant.AddedBy.AGENT,
    )
    entries.write_all([parents.opened(parent, side, member=member, whom=str(identity.contact))])
    return reply(conversation=side, channel=channel, draft=draft, member=member)


def _locked(parent: Conversation) -> Conversation:
    """The parent as it is now, locked. Raises CannotReply where it cannot have any."""
    if parent.kind == Conversation.Kind.SIDE:
        raise CannotReply(_("This is a side conversation itself: open another one from the conversation."))
    return matter.lock(parent)


def _subject(typed: str) -> str:
    subject = " ".join(typed.split())[:300]
    if not subject:
        raise CannotReply(_("Give it a subject: the other side sees this one."))
    return subject


def _third_party(parent: Conversation, typed: str) -> Identity:
    """The identity at a mail address, with a contact of its own where nobody is known there."""
    value = normalise_email(typed)
    address = Address(kind=AddressKind.EMAIL, value=value, verbatim=typed.strip(), proof=Proof.CLAIMED)
    if members.ours([address]):
        raise CannotReply(_("%(address)s is one of ours: ask a colleague instead.") % {"address": typed})
    identity = identity_at(address)
    if why := third_parties.taking_part(parent, identity):
        raise CannotReply(why)
    return identity
