"""Fields and bodies that resources are written with."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from tenancy.keyset import MOST
from tenancy.tables import TenantModel

ID = {"type": "integer", "format": "int64", "minimum": 1}


class Body(serializers.Serializer[Any]):
    """What a request may say. A field that does not exist is refused: it would be lost without a word."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping) and (unknown := data.keys() - self.fields.keys()):
            raise serializers.ValidationError(
                {name: ["There is no such field, or it cannot be written."] for name in sorted(unknown)}
            )
        checked: dict[str, Any] = super().to_internal_value(data)
        return checked


class TextField(serializers.CharField):
    """Text; a number or a truth value in its place is a mistake."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class TruthField(serializers.BooleanField):
    """true or false; 1 and "yes" are not."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class NumberField(serializers.IntegerField):
    """A whole number that the database can hold; no text of one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_value": MOST - 1, **options})

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


@extend_schema_field(ID)
class RowField(serializers.Field[Any, Any, Any, Any]):
    """A row of the workspace by its id. `only` narrows down which ones will do."""

    default_error_messages = {"invalid": "Give an id, a number.", "missing": "There is no such {what}."}

    def __init__(self, model: type[TenantModel], *, only: Mapping[str, Any] | None = None, **options: Any):
        super().__init__(**options)
        self.model, self.only = model, dict(only or {})

    def to_internal_value(self, data: Any) -> TenantModel:
        if not isinstance(data, int) or isinstance(data, bool) or not 0 < data < MOST:
            self.fail("invalid")
        row = self.model.objects.filter(pk=data, **self.only).first()
        if row is None:
            self.fail("missing", what=self.model._meta.verbose_name)
        return row

    def to_representation(self, value: TenantModel) -> int:
        return int(value.pk)


def for_example(**bodies: dict[str, Any]) -> Any:
    """Class decorator: bodies that the document shows, by name."""
    shown = [
        OpenApiExample(name.replace("_", " ").capitalize(), value=value, request_only=True)
        for name, value in bodies.items()
    ]
    return extend_schema_serializer(examples=shown)
