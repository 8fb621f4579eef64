"""Notes: what members tell each other beside the customer's words."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from conversations.models import Attachment, Conversation, Entry, Mention
from conversations.services import entries, files, matter, parents, work
from conversations.services.entries import Body
from conversations.services.reply import CannotReply
from tenancy.live import push
from tenancy.models import Member
from tenancy.scope import current_workspace_id


@transaction.atomic
def note(
    *,
    conversation: Conversation,
    member: Member | None,
    text: str,
    mentions: Sequence[Member] = (),
    attachments: Sequence[Attachment] = (),
) -> Entry:
    """Write a note, which never reaches the customer; those whom it mentions are told. In an aside of colleagues
    it is to all of them.

    Raises CannotReply when it is empty.
    """
    if not text.strip() and not attachments:
        raise CannotReply(_("Write something first."))
    conversation, parent = parents.lock_with_parent(conversation)
    is_aside = parent is not None and conversation.contact_id is None
    if is_aside:
        mentions = _all_of_them(conversation, member, mentions)
    mentions = tuple(dict.fromkeys(mentions))
    entry = Entry(
        conversation=conversation,
        kind=Entry.Kind.NOTE,
        member=member,
        contact=None,
        file_count=len(attachments),
        data={"mentions": [{"id": person.pk, "name": person.name} for person in mentions]}
        if mentions
        else {},
    )
    before = _last_speaker(conversation) if is_aside else None
    entries.write(entry, body=Body(text=text), on=[conversation.contact] if conversation.contact else [])
    if parent is not None and before is not None and before != entry.member_id:
        told = [person.pk for person in mentions]
        entries.write_all([parents.answered(parent, conversation, entry, told=told)])
        work.reopen(conversation=conversation, member=member)
    if attachments:
        files.attach(attachments, entry)
    Mention.objects.bulk_create(
        Mention(entry=entry, conversation=conversation, member=person, at=entry.at) for person in mentions
    )
    for person in mentions:
        push(current_workspace_id(), f"member:{person.pk}", [conversation.pk])
    matter.announce(conversation)
    return entry


def _all_of_them(side: Conversation, member: Member | None, named: Sequence[Member]) -> list[Member]:
    """Those whom a note in an aside is to: whoever was told of it before or wrote in it, and those named now."""
    said = Entry.objects.filter(conversation=side)
    told = Mention.objects.filter(entry__in=said).values("member")
    among = Q(pk__in=told) | Q(pk__in=said.exclude(member=None).values("member"))
    people = Member.objects.filter(among, archived_at=None).order_by("pk")
    found = {person.pk: person for person in (*people, *named)}
    return [person for person in found.values() if member is None or person.pk != member.pk]


def _last_speaker(side: Conversation) -> int | None:
    """The member who spoke last in an aside, if anybody has."""
    said = Entry.objects.filter(conversation=side, kind=Entry.Kind.NOTE)
    return said.order_by("-at", "-pk").values_list("member", flat=True).first()
