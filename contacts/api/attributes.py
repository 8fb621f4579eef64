"""The workspace's own attributes, and their values as bodies carry them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.attributes import Value, checked
from contacts.models import Attribute
from contacts.services import attributes
from contacts.services.attributes import KEY, MOST
from tenancy.api.authentication import ADMIN
from tenancy.api.fields import Body, NumberField, TextField, for_example
from tenancy.api.problems import messages_of
from tenancy.api.resources import Resource

VALUE: dict[str, Any] = {
    "nullable": True,
    "oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}],
}
VALUES: dict[str, Any] = {"type": "object", "additionalProperties": VALUE}


@extend_schema_field(VALUES)
class ValuesField(serializers.Field[Any, Any, Any, Any]):
    """Values by the keys of attributes: those that are named change, null takes one away.

    Read as {attribute: value}."""

    default_error_messages = {"invalid": "Give an object of values by the keys of attributes."}

    def __init__(self, of: Attribute.Of, *, read_only: bool = False) -> None:
        words = "" if read_only else "; only what is named changes, and null takes a value away"
        options: dict[str, Any] = {"read_only": True} if read_only else {"required": False}
        super().__init__(help_text=f"By the keys of attributes/{words}.", **options)
        self.of = of

    def to_internal_value(self, data: Any) -> dict[Attribute, Value | None]:
        if not isinstance(data, Mapping):
            self.fail("invalid")
        known = {row.key: row for row in Attribute.objects.filter(of=self.of, archived_at=None)}
        found, errors = dict[Attribute, Value | None](), dict[str, list[str]]()
        for key, value in data.items():
            try:
                found[known[key]] = None if value is None else checked(known[key], value)
            except KeyError:
                errors[key] = ["There is no such attribute."]
            except DjangoValidationError as error:
                errors[key] = error.messages
        if errors:
            raise serializers.ValidationError(errors)
        return found

    def to_representation(self, value: Any) -> Any:
        return value


class AttributeSerializer(serializers.ModelSerializer[Attribute]):
    """A typed fact that is kept of each conversation, contact or account."""

    class Meta:
        model = Attribute
        fields = ["id", "of", "key", "name", "kind", "choices", "position", "archived_at"]
        read_only_fields = fields


class AttributeBody(Body):
    """What can be changed of an attribute."""

    name = TextField(max_length=80)
    choices = serializers.ListField(
        child=TextField(max_length=80), required=False, max_length=MOST, help_text="Of the kind `choice`."
    )


@for_example(
    attribute={"of": "account", "name": "Plan", "kind": "choice", "choices": ["Team", "Scale"]},
    date={"of": "conversation", "name": "Promised for", "kind": "date"},
)
class NewAttribute(AttributeBody):
    """A new attribute."""

    of = serializers.ChoiceField(choices=Attribute.Of.choices)
    kind = serializers.ChoiceField(choices=Attribute.Kind.choices)
    key = serializers.RegexField(
        f"^{KEY.pattern}$",
        required=False,
        help_text="By which values are kept; told by the name unless given.",
    )


@for_example(change={"name": "Tier", "choices": ["Gold", "Silver"], "position": 0})
class AttributeChanges(AttributeBody):
    """What can be changed of an attribute; its key and kind cannot."""

    position = NumberField(min_value=0, max_value=MOST, required=False)


class AttributeFilters(filters.FilterSet):  # type: ignore[misc]
    of = filters.ChoiceFilter(choices=Attribute.Of.choices)


class AttributeResource(ListModelMixin, RetrieveModelMixin, Resource):
    """What the workspace keeps of its own; those that were archived too. Changing them takes an admin."""

    model = Attribute
    serializer_class = AttributeSerializer
    filterset_class = AttributeFilters
    writing = ADMIN

    def rows(self) -> QuerySet[Any]:
        return Attribute.objects.all()

    @extend_schema(request=NewAttribute, responses={201: AttributeSerializer})
    def create(self, request: Request) -> Response:
        """Make an attribute."""
        return self.created(_blamed(attributes.define, **self.given(NewAttribute), by=self.member).pk)

    @extend_schema(request=AttributeChanges)
    def partial_update(self, request: Request, id: int) -> Response:
        """Change an attribute's name, choices or place among its like."""
        attribute, given = self.get_object(), self.given(AttributeChanges)
        position = given.pop("position", None)
        if given:
            kept = {"name": attribute.name, "choices": attribute.choices}
            _blamed(attributes.redefine, attribute=attribute, **kept | given, by=self.member)
        if position is not None:
            attributes.place(attribute=attribute, position=position)
        return Response(self.shown(id))

    @extend_schema(request=None)
    @action(detail=True, methods=["POST"])
    def archive(self, request: Request, id: int) -> Response:
        """Put an attribute away: it is asked for no more; what was kept stays."""
        attributes.archive(attribute=self.get_object(), by=self.member)
        return Response(self.shown(id))

    @extend_schema(request=None)
    @action(detail=True, methods=["POST"], url_path="return")
    def bring_back(self, request: Request, id: int) -> Response:
        """Ask for an archived attribute again."""
        _blamed(attributes.bring_back, attribute=self.get_object(), by=self.member)
        return Response(self.shown(id))


def _blamed(verb: Any, **facts: Any) -> Any:
    """Call a service; what it finds wrong names its field where it knows it."""
    try:
        return verb(**facts)
    except DjangoValidationError as error:
        named = error.message_dict if hasattr(error, "error_dict") else {"name": messages_of(error)}
        raise serializers.ValidationError(named) from error
