"""Canned replies and macros: what members keep at hand, and what becomes of it in a conversation."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.actions import LONGEST, MOST_HOURS, PRIORITIES, STATUSES, Do
from conversations.models import CannedReply, Macro
from conversations.models.tool import Tool
from conversations.queries.tools import having, visible
from conversations.services import tools
from conversations.services.macros.keeping import keep_macro
from tenancy.api.fields import Body, NumberField, RowField, TextField, TruthField, for_example
from tenancy.api.resources import Resource
from tenancy.models import Brand, Team

FIELDS = ["id", "name", "owner", "team", "is_shared", "uses", "last_used_at", "created_at", "archived_at"]
SHARED = "Whether others have it too: those of `team`, or everybody; managers decide."


class CannedReplySerializer(serializers.ModelSerializer[CannedReply]):
    """A text with variables such as {{contact.first_name|there}}. Without an owner it is shared."""

    is_shared = serializers.BooleanField(read_only=True)

    class Meta:
        model = CannedReply
        fields = [*FIELDS, "shortcut", "text", "html", "brand", "language"]
        read_only_fields = fields


@for_example(
    canned_reply={
        "name": "Where is it?",
        "shortcut": "parcel",
        "text": "Hi {{contact.first_name|there}}, your parcel is on its way.",
        "shared": True,
    }
)
class CannedReplyBody(Body):
    """A canned reply, as it is written."""

    name = TextField(max_length=120)
    shortcut = TextField(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text="One word; yours calls one of yours, a shared one one of the shared.",
    )
    text = TextField(max_length=LONGEST, trim_whitespace=False)
    html = TextField(
        max_length=50_000,
        required=False,
        allow_blank=True,
        help_text="Says the same with emphasis and links. Emptied when the text changes without it.",
    )
    brand = RowField(Brand, only={"archived_at": None}, required=False, allow_null=True)
    language = TextField(max_length=12, required=False, allow_blank=True)
    shared = TruthField(required=False, help_text=SHARED)
    team = RowField(Team, only={"archived_at": None}, required=False, allow_null=True)


class ActionBody(Body):
    """One action of a macro; what it can say depends on what it does."""

    do = serializers.ChoiceField(choices=[(do.value, do.value) for do in Do])
    canned = NumberField(
        min_value=1,
        required=False,
        allow_null=True,
        help_text="reply: a canned reply's id; `text` follows it.",
    )
    text = TextField(max_length=LONGEST, required=False, allow_blank=True, help_text="reply, note")
    send = TruthField(
        required=False, help_text="reply: false leaves it to whoever runs the macro to send it."
    )
    assignee = TextField(max_length=20, required=False, help_text="assign: `me`, `none` or a member's id.")
    team = NumberField(min_value=1, required=False, allow_null=True, help_text="team: its id; null for none.")
    status = serializers.ChoiceField(choices=[(one, one) for one in STATUSES], required=False)
    hours = NumberField(
        min_value=1,
        max_value=MOST_HOURS,
        required=False,
        allow_null=True,
        help_text="status snoozed: how long; otherwise until the next morning.",
    )
    priority = serializers.ChoiceField(choices=[(one, one) for one in PRIORITIES], required=False)
    label = NumberField(  # type: ignore[assignment]  # a field, not what this one is called
        min_value=1, required=False, allow_null=True, help_text="label, unlabel: its id."
    )


class ActionSerializer(ActionBody):
    """One action of a macro."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return dict(instance)


class MacroSerializer(serializers.ModelSerializer[Macro]):
    """Several actions at once, in order. Without an owner it is shared."""

    is_shared = serializers.BooleanField(read_only=True)
    actions = ActionSerializer(many=True, read_only=True)

    class Meta:
        model = Macro
        fields = [*FIELDS, "actions"]
        read_only_fields = fields


@for_example(
    macro={
        "name": "Close as answered",
        "actions": [
            {"do": "reply", "text": "Hi {{contact.first_name|there}}, glad that it works.", "send": True},
            {"do": "status", "status": "resolved"},
        ],
    }
)
class MacroBody(Body):
    """A macro, as it is written; the actions are replaced as a whole."""

    name = TextField(max_length=120)
    actions = ActionBody(many=True)
    shared = TruthField(required=False, help_text=SHARED)
    team = RowField(Team, only={"archived_at": None}, required=False, allow_null=True)


class ToolFilters(filters.FilterSet):  # type: ignore[misc]
    search = filters.CharFilter(method="by_words", max_length=200, label="In a name, a shortcut or a text.")
    is_archived = extend_schema_field(bool)(
        filters.TypedChoiceFilter(
            choices=[("true", "true"), ("false", "false")],
            coerce=lambda said: said == "true",
            method="by_archive",
            label="Those that were archived are left out unless asked for.",
        )
    )

    def filter_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        filtered: QuerySet[Any] = super().filter_queryset(rows)
        asked = self.form.cleaned_data["is_archived"]
        return filtered.filter(archived_at__isnull=not asked)

    def by_archive(self, rows: QuerySet[Any], name: str, asked: bool) -> QuerySet[Any]:
        return rows  # `filter_queryset` has a default to look after

    def by_words(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        return rows.filter(having(rows.model, words))


class ToolResource(ListModelMixin, RetrieveModelMixin, Resource):
    """What canned replies and macros have in common."""

    filterset_class = ToolFilters

    def rows(self) -> QuerySet[Any]:
        table: type[Tool] = self.model  # type: ignore[assignment]
        return visible(table, self.member)

    @extend_schema(request=None)
    @action(detail=True, methods=["POST"])
    def archive(self, request: Request, id: int) -> Response:
        """Put one away; it can be brought back. A shared one takes a manager."""
        tool = self.get_object()
        if tool.archived_at is None:
            tools.archive(tool=tool, by=self.member)
        return Response(self.shown(id))

    @extend_schema(request=None)
    @action(detail=True, methods=["POST"], url_path="return", url_name="return")
    def bring_back(self, request: Request, id: int) -> Response:
        """Take one out of the archive. A shared one takes a manager."""
        tool = self.get_object()
        if tool.archived_at is not None:
            tools.bring_back(tool=tool, by=self.member)
        return Response(self.shown(id))


class CannedReplyResource(ToolResource):
    """Your own canned replies and the shared ones, newest first."""

    model = CannedReply
    serializer_class = CannedReplySerializer

    @extend_schema(request=CannedReplyBody, responses={201: CannedReplySerializer})
    def create(self, request: Request) -> Response:
        """Keep a canned reply; a shared one takes a manager."""
        return self.created(self._keep(CannedReply(owner=self.member)).pk)

    @extend_schema(request=CannedReplyBody)
    def partial_update(self, request: Request, id: int) -> Response:
        """Change a canned reply; a shared one takes a manager."""
        self._keep(self.get_object())
        return Response(self.shown(id))

    def _keep(self, canned: CannedReply) -> CannedReply:
        given = self.given(CannedReplyBody)
        shared, team = given.pop("shared", canned.is_shared), given.pop("team", canned.team)
        if given.get("text", canned.text) != canned.text:
            canned.html = ""  # it said what the text said before
        for name, value in given.items():
            setattr(canned, name, value)
        return tools.keep(tool=canned, shared=shared, team=team, by=self.member)


class MacroResource(ToolResource):
    """Your own macros and the shared ones, newest first."""

    model = Macro
    serializer_class = MacroSerializer

    @extend_schema(request=MacroBody, responses={201: MacroSerializer})
    def create(self, request: Request) -> Response:
        """Keep a macro; a shared one takes a manager."""
        return self.created(self._keep(Macro(owner=self.member)).pk)

    @extend_schema(request=MacroBody)
    def partial_update(self, request: Request, id: int) -> Response:
        """Change a macro; a shared one takes a manager."""
        self._keep(self.get_object())
        return Response(self.shown(id))

    def _keep(self, macro: Macro) -> Macro:
        given = self.given(MacroBody)
        macro.name = given.get("name", macro.name)
        shared, team = given.get("shared", macro.is_shared), given.get("team", macro.team)
        actions = [dict(one) for one in given.get("actions", macro.actions)]
        return keep_macro(macro=macro, actions=actions, shared=shared, team=team, by=self.member)
