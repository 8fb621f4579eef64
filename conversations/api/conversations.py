"""Conversations: reading them, working on them, writing into them, starting them."""

from typing import Any

from django.core.validators import RegexValidator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from contacts.api.attributes import ValuesField
from contacts.models import Attribute, Contact
from conversations.api import writing
from conversations.api.entries import EntrySerializer, numbered, shown
from conversations.api.walking import WalkPage
from conversations.forms import FAR
from conversations.models import Conversation, ConversationLabel, Entry
from conversations.models.conversation import ACTIVE
from conversations.queries.compose import ways_to
from conversations.queries.effort import with_effort
from conversations.queries.unread import with_unread
from conversations.services import labels, work
from conversations.services.reply import CannotReply
from conversations.services.start import start
from tenancy.api.fields import Body, RowField, TextField, TruthField, for_example
from tenancy.api.filtering import IdFilter
from tenancy.api.paging import CursorPage, Order
from tenancy.api.problems import Refused
from tenancy.api.resources import Resource
from tenancy.models import Member, Team

Status = Conversation.Status
ASSIGNEE = "^(me|none|[1-9][0-9]{0,17})$"
MOST_LABELS = 50
ORDERS = {
    "newest": Order("last_at"),
    "oldest": Order("last_at", oldest=True),
    "waiting": Order("waiting_since", oldest=True),
    "due": Order("due_at", oldest=True),
    "priority": Order("last_at", lead="priority"),
}
PRIORITIES = {priority.name.lower(): priority for priority in Conversation.Priority}


@extend_schema_field({"type": "string", "enum": list(PRIORITIES)})
class PriorityField(serializers.Field[Any, Any, Any, Any]):
    """Urgency in words."""

    default_error_messages = {"invalid": f"Say one of: {', '.join(PRIORITIES)}."}

    def to_internal_value(self, data: Any) -> Conversation.Priority:
        if not isinstance(data, str) or data not in PRIORITIES:
            self.fail("invalid")
        return PRIORITIES[data]

    def to_representation(self, value: int) -> str:
        return Conversation.Priority(value).name.lower()


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    """One matter, over any number of channels. Its `id` is its number."""

    id = serializers.IntegerField(source="number", read_only=True)
    parent = serializers.IntegerField(  # type: ignore[assignment]  # a field's own attribute of that name
        source="parent.number",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="Of a side conversation, the number of the one that it is about.",
    )
    priority = PriorityField(read_only=True)
    channel = serializers.PrimaryKeyRelatedField[Any](
        source="last_channel", read_only=True, help_text="Where something was said last."
    )
    labels = serializers.SerializerMethodField()
    attributes = ValuesField(Attribute.Of.CONVERSATION, read_only=True)
    is_unread = serializers.BooleanField(
        read_only=True, help_text="Whether the customer has written since you read it."
    )
    effort_seconds = serializers.IntegerField(
        read_only=True, help_text="How long members have had it in focus, all together."
    )

    class Meta:
        model = Conversation
        fields = [
            "id",
            "number",
            "kind",
            "parent",
            "subject",
            "status",
            "priority",
            "is_spam",
            "assignee",
            "team",
            "brand",
            "contact",
            "account",
            "channel",
            "labels",
            "attributes",
            "preview",
            "is_unread",
            "effort_seconds",
            "created_at",
            "last_at",
            "waiting_since",
            "snoozed_until",
            "due_at",
            "resolved_at",
        ]
        read_only_fields = fields

    def get_labels(self, conversation: Conversation) -> list[str]:
        return sorted(labelling.label.name for labelling in conversation.labellings.all())


@for_example(
    work={"status": "resolved", "assignee": 7, "priority": "high", "labels": ["Refund"]},
    snooze={"status": "snoozed", "snoozed_until": "2030-01-07T09:00:00Z"},
)
class ConversationChanges(Body):
    """What can be changed; name only what is to be."""

    subject = TextField(max_length=300, required=False)
    priority = PriorityField(required=False)
    assignee = RowField(Member, only={"archived_at": None}, required=False, allow_null=True)
    team = RowField(
        Team,
        only={"archived_at": None},
        required=False,
        allow_null=True,
        help_text="Who has the conversation keeps it if they are in the team, or named in the same request.",
    )
    is_spam = TruthField(required=False)
    labels = serializers.ListField(
        child=TextField(max_length=60),
        required=False,
        max_length=MOST_LABELS,
        help_text="By name, replaced as a whole; a new name makes a new label.",
    )
    attributes = ValuesField(Attribute.Of.CONVERSATION)
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    snoozed_until = serializers.DateTimeField(required=False, help_text="Needed to snooze, for nothing else.")

    due_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="By when something has to be done; null for no time."
    )

    def validate_due_at(self, value: Any) -> Any:
        if value is not None and abs(value - timezone.now()) > FAR:
            raise serializers.ValidationError("Give a time within ten years.")
        return value

    def validate_snoozed_until(self, value: Any) -> Any:
        if value <= timezone.now():
            raise serializers.ValidationError("A snooze must end in the future.")
        return value

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if (given.get("status") == Status.SNOOZED) != ("snoozed_until" in given):
            raise serializers.ValidationError(
                {"snoozed_until": ["Say until when, together with the status “snoozed”."]}
            )
        return given


@for_example(conversation={"contact": 5, "channel": 3, "subject": "Your parcel", "text": "It is on its way."})
class NewConversation(writing.MessageBody):
    """The first message of a conversation that you start."""

    contact = RowField(Contact)
    subject = TextField(max_length=300)


class ConversationFilters(filters.FilterSet):  # type: ignore[misc]
    status = filters.ChoiceFilter(choices=Status.choices)
    assignee = extend_schema_field({"type": "string", "pattern": f"^$|{ASSIGNEE}"})(
        filters.CharFilter(
            method="by_assignee",
            validators=[RegexValidator(ASSIGNEE)],
            label="A member's id, `me` or `none`.",
        )
    )
    view = IdFilter(method="by_view", label="What a view holds, see views/; with no other filter beside it.")
    team = IdFilter(field_name="team_id")
    brand = IdFilter(field_name="brand_id")
    contact = IdFilter(field_name="contact_id")
    account = IdFilter(field_name="account_id")
    label = IdFilter(method="by_label", label="A label that it carries, by its id.")
    channel = IdFilter(method="by_channel", label="Where something was said.")
    is_spam = extend_schema_field(bool)(
        filters.TypedChoiceFilter(
            choices=[("true", "true"), ("false", "false")],
            coerce=lambda said: said == "true",
            label="Spam is left out unless asked for.",
        )
    )

    sort = filters.ChoiceFilter(
        method="by_sort",
        choices=[(name, name) for name in ORDERS],
        label="`newest` unless asked for; `waiting` and `due` list only open work that waits for you, or is due; "
        "`priority` only open work, the most urgent first.",
    )

    def filter_queryset(self, rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
        filtered: QuerySet[Conversation] = super().filter_queryset(rows)
        return filtered if self.form.cleaned_data["is_spam"] != "" else filtered.filter(is_spam=False)

    def by_assignee(self, rows: QuerySet[Conversation], name: str, who: str) -> QuerySet[Conversation]:
        if who == "none":
            return rows.filter(assignee=None)
        return rows.filter(assignee=self.request.auth.member_id if who == "me" else int(who))

    def by_sort(self, rows: QuerySet[Conversation], name: str, sort: str) -> QuerySet[Conversation]:
        if sort == "priority":
            return rows.filter(ACTIVE)
        if not ORDERS[sort].oldest or sort == "oldest":
            return rows
        return rows.filter(ACTIVE, **{f"{ORDERS[sort].at}__isnull": False})

    def by_view(self, rows: QuerySet[Conversation], name: str, view: int) -> QuerySet[Conversation]:
        others = {key for key, value in self.data.items() if value} - {"view", *CursorPage.parameters}
        if others:
            raise serializers.ValidationError(
                {name: ["A view has conditions of its own: leave this out."] for name in sorted(others)}
            )
        return rows  # it is read by pagination: see WalkPage

    def by_label(self, rows: QuerySet[Conversation], name: str, label: int) -> QuerySet[Conversation]:
        return rows.filter(Exists(ConversationLabel.objects.filter(conversation=OuterRef("pk"), label=label)))

    def by_channel(self, rows: QuerySet[Conversation], name: str, channel: int) -> QuerySet[Conversation]:
        return rows.filter(Exists(Entry.objects.filter(conversation=OuterRef("pk"), channel=channel)))


class ConversationResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Conversations with customers, the one active last first."""

    model = Conversation
    order = ORDERS["newest"]
    lookup_field = lookup_url_kwarg = "number"
    serializer_class = ConversationSerializer
    filterset_class = ConversationFilters
    pagination_class = WalkPage

    def chosen_order(self) -> Order:
        return ORDERS.get(self.request.query_params.get("sort", ""), self.order)

    def rows(self) -> QuerySet[Any]:
        rows = with_unread(with_effort(Conversation.objects.select_related("parent")), self.member)
        return rows.prefetch_related("labellings__label")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # Side conversations are listed by what they are about, and found by their number like any other.
        rows = super().filter_queryset(queryset)
        return rows.filter(kind=Conversation.Kind.CUSTOMER) if self.action == "list" else rows

    @extend_schema(request=NewConversation, responses={201: ConversationSerializer})
    def create(self, request: Request) -> Response:
        """Write to a contact first: a conversation of its own, assigned to you."""
        given = self.given(NewConversation)
        contact, channel = given["contact"], given["channel"]
        given["to"] = given.get("to") or next(
            (way.identity for way in ways_to(contact) if way.channel == channel), None
        )
        try:
            entry = start(
                contact=contact,
                channel=channel,
                subject=given["subject"],
                draft=writing.draft_of(given, contact),
                member=self.member,
            )
        except CannotReply as refused:
            raise Refused(str(refused)) from refused
        assert entry.conversation_id
        return self.created(entry.conversation_id)

    @extend_schema(request=ConversationChanges)
    def partial_update(self, request: Request, number: int) -> Response:
        """Work on a conversation; each change is an event in its timeline."""
        conversation = self.get_object()
        _change(conversation, self.given(ConversationChanges), self.member)
        return Response(self.shown(conversation.pk))


class ConversationEntries(ListModelMixin, Resource):
    """The entries of one conversation, newest first."""

    model = Entry
    order = Order("at")
    serializer_class = EntrySerializer

    def rows(self) -> QuerySet[Any]:
        return shown(Entry.objects.filter(conversation=numbered(self.kwargs["number"])))

    @extend_schema(request=writing.NewEntry, responses={201: EntrySerializer})
    def create(self, request: Request, number: int) -> Response:
        """Answer the customer, or write a note for colleagues."""
        conversation = numbered(number)
        entry = writing.write(conversation, self.given(writing.NewEntry), self.member)
        address = reverse("api:entry-detail", args=[entry.pk], request=request)
        return Response(self.shown(entry.pk), status.HTTP_201_CREATED, headers={"Location": address})


def _change(conversation: Conversation, given: dict[str, Any], member: Member) -> None:
    """Do what each of the given fields asks for; the status last, for others may depend on what was open."""
    if "subject" in given:
        work.rename(conversation=conversation, subject=given["subject"], member=member)
    if "priority" in given:
        work.set_priority(conversation=conversation, priority=given["priority"], member=member)
    if "due_at" in given:
        work.set_due(conversation=conversation, due=given["due_at"], member=member)
    if "team" in given:
        work.assign_team(conversation=conversation, team=given["team"], member=member)
    if "assignee" in given:
        work.assign(conversation=conversation, assignee=given["assignee"], member=member)
    if "is_spam" in given:
        mark = work.mark_spam if given["is_spam"] else work.unmark_spam
        mark(conversation=conversation, member=member)
    if "labels" in given:
        _relabel(conversation, given["labels"], member)
    for attribute, value in given.get("attributes", {}).items():
        work.set_attribute(conversation=conversation, attribute=attribute, value=value, member=member)
    if given.get("status") == Status.SNOOZED:
        work.snooze(conversation=conversation, until=given["snoozed_until"], member=member)
    elif "status" in given:
        work.set_status(conversation=conversation, status=given["status"], member=member)


def _relabel(conversation: Conversation, names: list[str], member: Member) -> None:
    """Have the conversation carry the labels of these names and no others."""
    wanted = {label.pk: label for label in (labels.label_named(name=name) for name in names)}
    carried = {row.label_id: row.label for row in conversation.labellings.select_related("label")}
    for pk in carried.keys() - wanted.keys():
        work.remove_label(conversation=conversation, label=carried[pk], member=member)
    for pk in wanted.keys() - carried.keys():
        work.add_label(conversation=conversation, label=wanted[pk], member=member)
