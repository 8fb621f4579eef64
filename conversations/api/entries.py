"""Entries: what stands in the timeline, with its text, files and sendings."""

from datetime import timedelta
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Identity
from conversations.api.attachments import AttachmentSerializer
from conversations.api.deliveries import DeliverySerializer
from conversations.models import Attachment, Channel, Conversation, Delivery, Entry, EntryBody, TimelineRef
from conversations.queries.compose import ways_to
from conversations.queries.search.entries import among, with_words
from conversations.queries.why import why_words
from conversations.services import moves
from conversations.services.deliveries import CannotRetry
from conversations.services.elsewhere import send_elsewhere
from conversations.services.macros import undoing as macros
from conversations.services.macros.running import RAN
from conversations.services.macros.undoing import CannotUndo
from conversations.services.moves import CannotMove
from conversations.services.reply import CannotReply, TooLate, undo_send
from conversations.services.scheduled import SEND_AT, NotScheduled, send_now
from tenancy.api.fields import ID, Body, RowField, for_example
from tenancy.api.filtering import IdFilter
from tenancy.api.paging import Order, Place
from tenancy.api.problems import Refused
from tenancy.api.resources import Resource
from tenancy.asked import asked
from tenancy.search import Within

INSTANT = timedelta(microseconds=1)


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """One row of the timeline. Made for rows that `shown` has fetched."""

    conversation = serializers.IntegerField(
        source="number", allow_null=True, read_only=True, help_text="By its number."
    )
    account = serializers.SerializerMethodField(help_text="On whose timeline it stands.")
    text = serializers.SerializerMethodField(help_text="What is new in it, without quoted history.")
    quoted = serializers.SerializerMethodField(help_text="The history below it.")
    html = serializers.SerializerMethodField(help_text="Sanitised; remote images are held back.")
    why = serializers.SerializerMethodField(help_text="What made it join its conversation, in words.")
    send_at = serializers.SerializerMethodField(help_text="When a scheduled message leaves.")
    occurred_at = serializers.DateTimeField(source="at", read_only=True)
    facts = serializers.SerializerMethodField()
    attachments = AttachmentSerializer(many=True, read_only=True)
    deliveries = DeliverySerializer(many=True, read_only=True)

    class Meta:
        model = Entry
        fields = [
            "id",
            "kind",
            "direction",
            "event",
            "text",
            "html",
            "quoted",
            "channel",
            "conversation",
            "contact",
            "account",
            "member",
            "occurred_at",
            "send_at",
            "created_at",
            "deleted_at",
            "external_id",
            "rule",
            "why",
            "is_verified",
            "automatic",
            "facts",
            "attachments",
            "deliveries",
        ]
        read_only_fields = fields

    @extend_schema_field(ID | {"nullable": True})
    def get_account(self, entry: Entry) -> int | None:
        refs: list[TimelineRef] = entry.account_refs  # type: ignore[attr-defined]
        return refs[0].account_id if refs else None

    def get_text(self, entry: Entry) -> str:
        return _body(entry).text

    def get_quoted(self, entry: Entry) -> str:
        return _body(entry).quoted

    def get_html(self, entry: Entry) -> str:
        return _body(entry).html

    def get_facts(self, entry: Entry) -> dict[str, Any]:
        # What a move has to put back is for its undoing alone.
        return {name: value for name, value in entry.data.items() if name != "rows"}

    @extend_schema_field({"type": "string", "format": "date-time", "nullable": True})
    def get_send_at(self, entry: Entry) -> str | None:
        at: str | None = entry.data.get(SEND_AT)
        return at

    def get_why(self, entry: Entry) -> str:
        return why_words(entry)


@for_example(elsewhere={"delivery": 31, "channel": 4, "to": 12})
class Elsewhere(Body):
    """A sending of the entry that failed, another channel, and the address of the same person that it reaches."""

    delivery = RowField(Delivery)
    channel = RowField(Channel)
    to = RowField(Identity)


class EntryFilters(filters.FilterSet):  # type: ignore[misc]
    conversation = IdFilter(field_name="conversation__number", label="By its number.")
    contact = IdFilter(field_name="contact_id", label="Who wrote it, or whom it was written to.")
    channel = IdFilter(field_name="channel_id")
    kind = filters.ChoiceFilter(choices=Entry.Kind.choices)
    # Last, as it is asked among what the others leave.
    search = filters.CharFilter(method="by_words", max_length=200, label="Words of the subject or text.")

    def by_words(self, rows: QuerySet[Entry], name: str, words: str) -> QuerySet[Entry]:
        question, member = asked(words), self.request.auth.member
        if self.form.cleaned_data["conversation"] or self.form.cleaned_data["contact"]:
            return among(rows, question, member)
        place = Place.asked_for(self.request)
        if place is None:
            within = Within()
        elif place.upwards:
            within = Within(since=place.cursor.at)
        else:
            within = Within(until=place.cursor.at + INSTANT)
        return with_words(rows, question, member, within)


class EntryResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Everything that was said and done, newest first."""

    model = Entry
    order = Order("at")
    serializer_class = EntrySerializer
    filterset_class = EntryFilters

    def rows(self) -> QuerySet[Any]:
        return shown(Entry.objects.all())

    @extend_schema(request=None)
    @action(detail=True, methods=["POST"])
    def undo(self, request: Request, id: int) -> Response:
        """Take back a message that is still held, which stays, marked as deleted; or a move or a macro, by the
        entry that it left behind; 409 where that cannot be any more."""
        entry = self.get_object()
        try:
            if entry.event == RAN:
                macros.undo(record=entry, member=self.member)
            elif entry.event in moves.RECORDS:
                moves.undo(record=entry, member=self.member)
            else:
                undo_send(entry=entry, member=self.member)
        except (TooLate, CannotMove, CannotUndo) as refused:
            raise Refused(str(refused)) from refused
        return Response(self.shown(id))

    @extend_schema(request=Elsewhere, responses={201: EntrySerializer})
    @action(detail=True, methods=["POST"])
    def elsewhere(self, request: Request, id: int) -> Response:
        """Send a failed message's text and files by another way, as a message of its own; 409 for one that has not
        failed, or went another way already."""
        entry, given = self.get_object(), self.given(Elsewhere)
        if given["delivery"].entry_id != entry.pk:
            raise serializers.ValidationError({"delivery": ["It is of another entry."]})
        if (given["channel"], given["to"]) not in [
            (way.channel, way.identity) for way in ways_to(given["delivery"].identity.contact)
        ]:
            raise serializers.ValidationError({"to": ["The channel does not reach the contact there."]})
        try:
            sent = send_elsewhere(member=self.member, **given)
        except (CannotRetry, CannotReply) as refused:
            raise Refused(str(refused)) from refused
        return Response(self.shown(sent.pk), status.HTTP_201_CREATED)

    @extend_schema(request=None)
    @action(detail=True, methods=["POST"])
    def sending(self, request: Request, id: int) -> Response:
        """Let a scheduled message go now; 409 for one that has left. To cancel it, undo it: it is a draft then."""
        try:
            send_now(entry=self.get_object(), member=self.member)
        except NotScheduled as refused:
            raise Refused(str(refused)) from refused
        return Response(self.shown(id))


def shown(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Entries with all that the API shows of them: one query for each kind of it."""
    newest = EntryBody.objects.order_by("entry", "-version").distinct("entry")
    return rows.annotate(number=F("conversation__number")).prefetch_related(
        Prefetch("bodies", newest, to_attr="newest_bodies"),
        Prefetch("attachments", Attachment.objects.order_by("id")),
        Prefetch("deliveries", Delivery.objects.select_related("identity").order_by("id")),
        Prefetch("refs", TimelineRef.objects.exclude(account=None).order_by("id"), to_attr="account_refs"),
    )


def numbered(number: int) -> Conversation:
    """The conversation of that number. Raises Http404."""
    found = Conversation.objects.select_related("contact", "last_channel").filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _body(entry: Entry) -> EntryBody:
    bodies: list[EntryBody] = entry.newest_bodies  # type: ignore[attr-defined]
    return bodies[0] if bodies else EntryBody()
