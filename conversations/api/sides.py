"""Side conversations: with colleagues, or with a third party by mail; the customer never sees them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from contacts.addresses import normalise_email
from conversations.api.attachments import uploaded
from conversations.api.conversations import ConversationSerializer
from conversations.api.entries import numbered
from conversations.api.writing import FILES, LONGEST, MOST
from conversations.models import Attachment, Channel, Conversation, Entry
from conversations.queries import sides
from conversations.queries.effort import with_effort
from conversations.queries.unread import with_unread
from conversations.services import enclosures
from conversations.services.reply import CannotReply, Draft
from conversations.services.sides import ask_colleagues, ask_outside
from tenancy.api.fields import Body, NumberField, RowField, TextField, for_example
from tenancy.api.paging import Order
from tenancy.api.problems import Refused
from tenancy.api.resources import Resource
from tenancy.models import Member


@for_example(
    outside={"subject": "Parcel 00340", "text": "Where is it?", "address": "claims@carrier.example"},
    colleagues={"subject": "Refund?", "text": "May I?", "members": [7]},
)
class NewSide(Body):
    """Whom to ask, either `members` or a mail `address`, and what."""

    subject = TextField(max_length=300, help_text="The other side sees this one, not the conversation's.")
    text = TextField(max_length=LONGEST, trim_whitespace=False)
    members = serializers.ListField(
        child=RowField(Member, only={"archived_at": None}), required=False, max_length=MOST
    )
    address = TextField(max_length=320, required=False)
    channel = RowField(
        Channel, required=False, help_text="A mail channel; by default one of the conversation's brand."
    )
    quotes = serializers.ListField(
        child=NumberField(min_value=1),
        required=False,
        max_length=MOST,
        help_text="Messages of the conversation, by their ids, to be quoted below the text.",
    )
    forwards = serializers.ListField(
        child=NumberField(min_value=1),
        required=False,
        max_length=FILES,
        help_text="Files of the conversation, by their ids, to send along.",
    )
    attachments = serializers.ListField(
        child=NumberField(min_value=1), required=False, max_length=FILES, help_text="Uploads of yours."
    )

    def validate_channel(self, channel: Channel) -> Channel:
        if channel not in sides.mail_channels(self.context["parent"]):
            raise serializers.ValidationError("It is no mail channel of the conversation's brand.")
        return channel

    def validate_address(self, typed: str) -> str:
        normalise_email(typed)
        return typed

    def validate_attachments(self, ids: list[int]) -> list[Attachment]:
        return uploaded(ids, self.context["request"].auth.member)

    def validate_quotes(self, ids: list[int]) -> list[Entry]:
        return _among(sides.quotable(self.context["parent"]), ids)

    def validate_forwards(self, ids: list[int]) -> list[Attachment]:
        return _among(sides.forwardable(self.context["parent"]), ids)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if bool(given.get("members")) == bool(given.get("address")):
            raise serializers.ValidationError({"address": ["Say either an address or members to ask."]})
        if "address" in given and "channel" not in given:
            given["channel"] = next(iter(sides.mail_channels(self.context["parent"])), None)
            if given["channel"] is None:
                raise serializers.ValidationError({"channel": ["No mail channel of this brand can send."]})
        return given


class ConversationSides(ListModelMixin, Resource):
    """The side conversations about one conversation, the one active last first."""

    model = Conversation
    order = Order("last_at")
    serializer_class = ConversationSerializer

    def rows(self) -> QuerySet[Any]:
        sides = Conversation.objects.filter(parent=numbered(self.kwargs["number"]))
        rows = with_unread(with_effort(sides), self.member)
        return rows.select_related("parent").prefetch_related("labellings__label")

    @extend_schema(request=NewSide, responses={201: ConversationSerializer})
    def create(self, request: Request, number: int) -> Response:
        """Ask colleagues, or a third party by mail. Answer in it as in any conversation, by its own number."""
        parent = numbered(number)
        try:
            side = _ask(parent, self.given(NewSide, parent=parent), self.member)
        except CannotReply as refused:
            raise Refused(str(refused)) from refused
        address = reverse("api:conversation-detail", args=[side.number], request=request)
        return Response(self.shown(side.pk), status.HTTP_201_CREATED, headers={"Location": address})


def _ask(parent: Conversation, given: dict[str, Any], member: Member) -> Conversation:
    files = [*enclosures.copies(given.get("forwards", ()), member=member), *given.get("attachments", ())]
    text = enclosures.with_quotes(given["text"], given.get("quotes", ()))
    about: dict[str, Any] = {"parent": parent, "subject": given["subject"], "member": member}
    if given.get("members"):
        entry = ask_colleagues(colleagues=given["members"], text=text, attachments=files, **about)
    else:
        draft = Draft(text, attachments=files)
        entry = ask_outside(channel=given["channel"], address=given["address"], draft=draft, **about)
    assert entry.conversation is not None
    return entry.conversation


def _among(rows: QuerySet[Any], ids: list[int]) -> list[Any]:
    """The rows of these ids, in their own order. Raises ValidationError for one that is not among them."""
    found = list(rows.filter(pk__in=ids))
    if len(found) != len(set(ids)):
        raise serializers.ValidationError(["One of them is not of this conversation."])
    return found
