"""Views that members made: lists described by conditions."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied as NotAllowed
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Account, Contact
from conversations.models import SavedView
from conversations.queries import saved
from conversations.queries.fields import OPS, UNITS
from conversations.queries.filters import MOST_CONDITIONS, Condition, Filter, Unfit, checked
from conversations.services import saved_views
from tenancy.api.fields import Body, NumberField, TextField, TruthField, for_example
from tenancy.api.problems import messages_of
from tenancy.api.resources import Resource

VALUE: dict[str, Any] = {
    "description": "A list of choices (of ids, or `me`, `mine`, `none`), a text, a number, a date, true or false,"
    " an id, or a length of time; nothing for `set` and `not_set`.",
    "oneOf": [
        {"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "integer"}]}},
        {"type": "string"},
        {"type": "number"},
        {"type": "boolean"},
        {
            "type": "object",
            "required": ["count", "unit"],
            "properties": {
                "count": {"type": "integer", "minimum": 1},
                "unit": {"type": "string", "enum": list(UNITS)},
            },
        },
    ],
}
FILTER: dict[str, Any] = {
    "type": "object",
    "required": ["match", "conditions"],
    "additionalProperties": False,
    "properties": {
        "match": {"type": "string", "enum": ["all", "any"]},
        "conditions": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_CONDITIONS,
            "items": {
                "type": "object",
                "required": ["field", "op"],
                "additionalProperties": False,
                "properties": {
                    "field": {
                        "type": "string",
                        "description": "Such as `status`, `label`, or of an attribute `contact.plan`.",
                    },
                    "op": {"type": "string", "enum": list(OPS)},
                    "value": VALUE,
                },
            },
        },
    },
}
EXAMPLE = {
    "match": "all",
    "conditions": [
        {"field": "status", "op": "is", "value": ["open", "pending"]},
        {"field": "waiting", "op": "older", "value": {"count": 4, "unit": "hours"}},
        {"field": "account.plan", "op": "is", "value": ["Scale"]},
    ],
}


@extend_schema_field(FILTER)
class FilterField(serializers.Field[Any, Any, Any, Any]):
    """Conditions of which all or any have to hold."""

    default_error_messages = {
        "invalid": "Give an object: `match`, which is `all` or `any`, and a list of `conditions`."
    }

    def to_internal_value(self, data: Any) -> Filter:
        if not isinstance(data, Mapping) or data.keys() != {"match", "conditions"}:
            self.fail("invalid")
        match, conditions = data["match"], data["conditions"]
        if match not in ("all", "any") or not isinstance(conditions, list):
            self.fail("invalid")
        filter = Filter(match, [self._condition(said) for said in conditions[: MOST_CONDITIONS + 1]])
        known = saved.catalogue().read()
        try:
            found = checked(filter, known.fields, known.choices)
        except Unfit as unfit:
            raise serializers.ValidationError(unfit.messages) from unfit
        return self._with_rows_there(found)

    def _condition(self, said: Any) -> Condition:
        is_one = isinstance(said, Mapping) and {"field", "op"} <= said.keys() <= {"field", "op", "value"}
        if not is_one or not isinstance(said["field"], str) or not isinstance(said["op"], str):
            raise serializers.ValidationError(
                "A condition has a field, an op, and a value where its op takes one."
            )
        return Condition(said["field"], said["op"], said.get("value"))

    def _with_rows_there(self, filter: Filter) -> Filter:
        for field, model in (("contact", Contact), ("account", Account)):
            asked = {each.value for each in filter.conditions if each.field == field and each.value}
            if len(asked) != model._default_manager.filter(pk__in=asked).count():
                raise serializers.ValidationError(f"There is no such {field}.")
        return filter

    def to_representation(self, value: Any) -> Any:
        return value


class ViewSerializer(serializers.ModelSerializer[SavedView]):
    """A list described by conditions; see conversations/?view=."""

    filter = FilterField(read_only=True)
    count = serializers.SerializerMethodField(
        help_text="How many conversations it holds, as far as they are counted."
    )
    is_count_exact = serializers.SerializerMethodField(help_text="Otherwise it holds more.")

    class Meta:
        model = SavedView
        fields = [
            "id",
            "name",
            "member",
            "is_shared",
            "filter",
            "position",
            "count",
            "is_count_exact",
            "created_at",
        ]
        read_only_fields = fields

    def get_count(self, view: SavedView) -> int:
        return int(self.context["counts"][view.pk].found)

    def get_is_count_exact(self, view: SavedView) -> bool:
        return bool(self.context["counts"][view.pk].is_exact)


@for_example(view={"name": "Waiting long", "filter": EXAMPLE})
class NewView(Body):
    """A view, as it is made."""

    name = TextField(max_length=80)
    filter = FilterField()
    is_shared = TruthField(required=False, help_text="For everybody; takes a manager.")


@for_example(change={"name": "Waiting too long", "position": 0})
class ViewChanges(NewView):
    """What can be changed of a view."""

    position = NumberField(min_value=0, max_value=saved_views.MOST, required=False)


class ViewResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Your own views, and those that are shared with everybody."""

    model = SavedView
    serializer_class = ViewSerializer

    def rows(self) -> QuerySet[Any]:
        return saved.visible_to(self.member).order_by("-pk")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """With how many each of the views holds, counted together."""
        asked = (args[0] if kwargs.get("many") else args) if args else ()
        counts = saved.counts(asked, self.member) if asked else {}
        kwargs.setdefault("context", {**self.get_serializer_context(), "counts": counts})
        return super().get_serializer(*args, **kwargs)

    @extend_schema(request=NewView, responses={201: ViewSerializer})
    def create(self, request: Request) -> Response:
        """Make a view; shared, only as a manager."""
        return self.created(_allowed(saved_views.make, **self.given(NewView), member=self.member).pk)

    @extend_schema(request=ViewChanges)
    def partial_update(self, request: Request, id: int) -> Response:
        """Change a view; a shared one, only as a manager."""
        view, given = self.get_object(), self.given(ViewChanges)
        position = given.pop("position", None)
        if given:
            _allowed(saved_views.change, view=view, **given, member=self.member)
        if position is not None:
            _allowed(saved_views.place, view=view, position=position, member=self.member)
        return Response(self.shown(id))

    def destroy(self, request: Request, id: int) -> Response:
        """Take a view away; a shared one, only as a manager."""
        _allowed(saved_views.remove, view=self.get_object(), member=self.member)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _allowed(verb: Any, **facts: Any) -> Any:
    """Call a service; what it does not allow, or finds wrong, is the answer."""
    try:
        return verb(**facts)
    except NotAllowed as error:
        raise PermissionDenied("Shared views are the managers' to change.") from error
    except DjangoValidationError as error:
        raise serializers.ValidationError(messages_of(error)) from error
