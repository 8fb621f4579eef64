"""What is written into a conversation: a message to the customer, or a note for colleagues."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from contacts.addresses import normalise_email
from contacts.models import Contact, Identity
from conversations.api.attachments import uploaded
from conversations.models import Attachment, Channel, Conversation, Entry
from conversations.queries.compose import ways_to
from conversations.services.notes import note
from conversations.services.reply import CannotReply, Draft, WroteMeanwhile, reply
from tenancy.api.fields import Body, NumberField, RowField, TextField, for_example
from tenancy.api.problems import ChangedMeanwhile, Refused
from tenancy.models import Member

LONGEST = 500_000  # characters
MOST = 50  # copies, mentions
FILES = 20
Kind = Entry.Kind
Status = Conversation.Status


class MessageBody(Body):
    """What a message to a customer says, and by which way it goes."""

    channel = RowField(Channel)
    text = TextField(
        max_length=LONGEST,
        trim_whitespace=False,
        allow_blank=True,
        help_text="Empty only where files say it all.",
    )
    html = TextField(max_length=LONGEST, required=False, allow_blank=True)
    to = RowField(Identity, required=False, help_text="An identity of the contact; by default the last used.")
    cc = serializers.ListField(
        child=TextField(max_length=320),
        required=False,
        max_length=MOST,
        help_text="Mail addresses; by default whoever is copied already.",
    )
    bcc = serializers.ListField(
        child=TextField(max_length=320),
        required=False,
        max_length=MOST,
        help_text="Mail addresses that no other recipient is shown.",
    )
    send_at = serializers.DateTimeField(
        required=False, help_text="When it is to leave; it is held where the customer writes before."
    )

    attachments = serializers.ListField(
        child=NumberField(min_value=1),
        required=False,
        max_length=FILES,
        help_text="Uploads of yours, by their ids: see attachments/.",
    )

    def validate_text(self, text: str) -> str:
        if not text.strip() and not self.initial_data.get("attachments"):
            raise serializers.ValidationError(_("Write something first."))
        return text

    def validate_attachments(self, ids: list[int]) -> list[Attachment]:
        return uploaded(ids, self.context["request"].auth.member)

    def validate_cc(self, typed: list[str]) -> list[str]:
        return [normalise_email(address) for address in typed]

    def validate_bcc(self, typed: list[str]) -> list[str]:
        return [normalise_email(address) for address in typed]

    def validate_send_at(self, at: datetime) -> datetime:
        if at <= timezone.now():
            raise serializers.ValidationError("Choose a time that is still to come.")
        return at


@for_example(
    message={"kind": "message", "channel": 3, "text": "It is on its way.", "seen_entry": 812},
    note={"kind": "note", "text": "They called twice, @Aki", "mentions": [7]},
)
class NewEntry(MessageBody):
    """A message (`channel` needed) or a note (then only `text`, `attachments` and `mentions` mean something)."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in (Kind.MESSAGE, Kind.NOTE)])
    channel = RowField(Channel, required=False)
    mentions = serializers.ListField(
        child=RowField(Member, only={"archived_at": None}), required=False, max_length=MOST
    )
    seen_entry = NumberField(
        min_value=0,
        required=False,
        help_text="The newest entry that you know: 409 when the customer has written since.",
    )
    status = serializers.ChoiceField(
        choices=[(status.value, status.label) for status in (Status.PENDING, Status.OPEN, Status.RESOLVED)],
        required=False,
        help_text="What the conversation becomes; pending by default.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        allowed = (
            {"kind", "text", "mentions", "attachments"}
            if given["kind"] == Kind.NOTE
            else self.fields.keys() - {"mentions"}
        )
        errors = {name: ["This has no meaning here."] for name in sorted(given.keys() - allowed)}
        if given["kind"] == Kind.MESSAGE and "channel" not in given:
            errors["channel"] = ["A message needs one."]
        if errors:
            raise serializers.ValidationError(errors)
        return given


def write(conversation: Conversation, given: dict[str, Any], member: Member) -> Entry:
    """Write a checked NewEntry. Raises Refused, ChangedMeanwhile and ValidationError."""
    try:
        if given["kind"] == Kind.NOTE:
            return note(
                conversation=conversation,
                member=member,
                text=given["text"],
                mentions=given.get("mentions", ()),
                attachments=given.get("attachments", ()),
            )
        return reply(
            conversation=conversation,
            channel=given["channel"],
            draft=draft_of(given, conversation.contact),
            member=member,
            seen_entry_id=given.get("seen_entry"),
            then=given.get("status", Status.PENDING),
        )
    except CannotReply as refused:
        raise Refused(str(refused)) from refused
    except WroteMeanwhile as wrote:
        raise ChangedMeanwhile(str(wrote), entries=[entry.pk for entry in wrote.entries]) from wrote


def draft_of(given: dict[str, Any], contact: Contact | None) -> Draft:
    """A checked MessageBody as a draft. Raises ValidationError when its address is not one of the contact's
    that the channel reaches."""
    to = given.get("to")
    if to is not None and (given["channel"], to) not in [
        (way.channel, way.identity) for way in ways_to(contact)
    ]:
        raise serializers.ValidationError({"to": ["The channel does not reach the contact there."]})
    return Draft(
        text=given["text"],
        html=given.get("html", ""),
        to=to,
        cc=given.get("cc"),
        bcc=given.get("bcc", ()),
        send_at=given.get("send_at"),
        attachments=given.get("attachments", ()),
    )
