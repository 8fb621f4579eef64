"""One thing done to many conversations, with how far it has come and one undo for all of them."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from conversations.api.conversations import PriorityField
from conversations.models import Bulk, Conversation, Macro
from conversations.queries import bulk as bulks
from conversations.queries import lists, saved
from conversations.queries.bulk import Progress, Trouble
from conversations.queries.tools import at_hand
from conversations.services import labels
from conversations.services.bulk import acting
from conversations.services.bulk.acting import MOST
from conversations.services.bulk.deeds import to_whom
from tenancy.api.fields import Body, NumberField, RowField, TextField, TruthField, for_example
from tenancy.api.problems import Refused
from tenancy.api.resources import Resource
from tenancy.models import Member, Team

Status = Conversation.Status
Noun = Bulk.Noun
NOUN_OF_STATUS = {
    Status.OPEN: Noun.REOPENING,
    Status.PENDING: Noun.PENDING,
    Status.SNOOZED: Noun.SNOOZE,
    Status.RESOLVED: Noun.RESOLUTION,
}
NOUN_OF_MARK = {
    ("is_spam", True): Noun.SPAM,
    ("is_spam", False): Noun.NOT_SPAM,
    ("is_seen", True): Noun.SEEN,
    ("is_seen", False): Noun.UNSEEN,
}
WHAT = ("status", "assignee", "team", "priority", "is_spam", "is_seen", "add_label", "remove_label", "macro")


class TroubleSerializer(serializers.Serializer[Trouble]):
    """A conversation that was left as it was, and why."""

    conversation = serializers.IntegerField(source="number", read_only=True)
    has_failed = serializers.BooleanField(read_only=True, help_text="Otherwise it was skipped.")
    reason = serializers.CharField(source="words", read_only=True)


class BulkSerializer(serializers.Serializer[Progress]):
    """An act on many conversations, and how far it has come."""

    id = serializers.IntegerField(source="pk", read_only=True)
    action = serializers.ChoiceField(choices=Noun.choices, source="noun", read_only=True)
    member = serializers.IntegerField(read_only=True)
    undoes = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="The act that this takes back."
    )
    created_at = serializers.DateTimeField(read_only=True)
    is_over = serializers.BooleanField(read_only=True)
    total = serializers.IntegerField(read_only=True)
    done = serializers.IntegerField(read_only=True)
    changed = serializers.IntegerField(read_only=True, help_text="Of those done: what was not so before.")
    skipped = serializers.IntegerField(read_only=True)
    failed = serializers.IntegerField(read_only=True)
    absent = serializers.ListField(
        child=serializers.IntegerField(), read_only=True, help_text="Numbers that are not there."
    )
    troubles = TroubleSerializer(many=True, read_only=True, help_text="The first of those skipped or failed.")


@for_example(
    some={"conversations": [42, 43, 57], "status": "resolved"},
    a_view={"view": "unassigned", "assignee": 7},
    team={"view": "unassigned", "team": 3},
    label={"conversations": [42, 43], "add_label": "Refund"},
)
class NewBulk(Body):
    """Which conversations, by their numbers or all of a view, and one thing to do."""

    conversations = serializers.ListField(
        child=NumberField(min_value=1), required=False, min_length=1, max_length=MOST
    )
    view = TextField(
        max_length=60, required=False, help_text=f"As in the address of the inbox; {MOST} at most."
    )
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    snoozed_until = serializers.DateTimeField(required=False, help_text="Needed to snooze, for nothing else.")
    assignee = RowField(Member, only={"archived_at": None}, required=False, allow_null=True)
    team = RowField(Team, only={"archived_at": None}, required=False, allow_null=True)
    priority = PriorityField(required=False)
    is_spam = TruthField(required=False)
    is_seen = TruthField(required=False, help_text="Read or unread, for you.")
    add_label = TextField(max_length=60, required=False, help_text="A new name makes a new label.")
    remove_label = TextField(max_length=60, required=False)
    macro = RowField(Macro, only={"archived_at": None}, required=False)

    def validate_macro(self, macro: Macro) -> Macro:
        if not at_hand(Macro, self.context["request"].auth.member).filter(pk=macro.pk).exists():
            raise serializers.ValidationError("There is no such macro.")
        return macro

    def validate_snoozed_until(self, value: Any) -> Any:
        if value <= timezone.now():
            raise serializers.ValidationError("A snooze must end in the future.")
        return value

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("conversations" in given) == ("view" in given):
            raise serializers.ValidationError("Give either conversations or a view.")
        if sum(name in given for name in WHAT) != 1:
            raise serializers.ValidationError(f"Give one of: {', '.join(WHAT)}.")
        if (given.get("status") == Status.SNOOZED) != ("snoozed_until" in given):
            words = "Say until when, together with the status “snoozed”."
            raise serializers.ValidationError({"snoozed_until": [words]})
        return given


class BulkResource(Resource):
    """Acts on many conversations."""

    model = Bulk
    serializer_class = BulkSerializer

    def rows(self) -> QuerySet[Any]:
        return Bulk.objects.all()

    @extend_schema(request=NewBulk, responses={201: BulkSerializer})
    def create(self, request: Request) -> Response:
        """Do one thing to many conversations. Few are done when this answers; of more, ask how far it has come."""
        given = self.given(NewBulk)
        ids, absent = self._conversations(given)
        noun, facts = _deed(given)
        bulk = acting.begin(noun=noun, conversations=ids, absent=absent, member=self.member, facts=facts)
        return self._told(bulk.pk, status.HTTP_201_CREATED)

    def retrieve(self, request: Request, id: int) -> Response:
        """How far it has come."""
        return self._told(self.get_object().pk)

    @extend_schema(request=None, responses={201: BulkSerializer})
    def undo(self, request: Request, id: int) -> Response:
        """Make all of it what it was, but where somebody has changed it since; an act that is not done stops."""
        try:
            undoing = acting.undo(bulk=self.get_object(), member=self.member)
        except acting.CannotUndo as refused:
            raise Refused("It has been taken back already, or is itself an undoing.") from refused
        return self._told(undoing.pk, status.HTTP_201_CREATED)

    def _conversations(self, given: dict[str, Any]) -> tuple[list[int], list[int]]:
        """Their ids, and the numbers that are not there."""
        if "view" in given:
            try:
                view = saved.find_view(given["view"], self.member)
            except lists.UnknownView as error:
                raise serializers.ValidationError({"view": ["There is no such view."]}) from error
            return lists.ids(view, self.member, most=MOST).read(), []
        found = lists.numbered(given["conversations"]).read()
        return list(found.values()), sorted(set(given["conversations"]) - found.keys())

    def _told(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        address = reverse("api:bulk-detail", args=[pk], request=self.request)
        headers = {"Location": address} if code == status.HTTP_201_CREATED else None
        return Response(self.get_serializer(bulks.progress(pk).read()).data, code, headers=headers)


def _deed(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The noun and the facts of what is to be done."""
    match next(name for name in WHAT if name in given):
        case "status":
            until = given.get("snoozed_until")
            return NOUN_OF_STATUS[given["status"]], {"until": until.isoformat()} if until else {}
        case "assignee" | "team" as name:
            kind = "team" if name == "team" else "member"
            return Noun.ASSIGNMENT, to_whom(kind=kind, row=given[name])
        case "priority":
            return Noun.PRIORITY, {"priority": int(given["priority"])}
        case "is_spam" | "is_seen" as name:
            return NOUN_OF_MARK[name, given[name]], {}
        case "macro":
            return Noun.MACRO, {"macro": given["macro"].pk, "name": given["macro"].name}
        case name:
            label, is_made = labels.label_made(name=given[name])
            noun = Noun.LABEL if name == "add_label" else Noun.UNLABEL
            return noun, {"label": label.pk, "name": label.name, "made": is_made}
