"""Brands: the names under which the workspace speaks, and how its mail is signed."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.signatures import unfit
from tenancy.api import brands
from tenancy.api.authentication import ADMIN
from tenancy.api.brands import BrandSerializer
from tenancy.api.fields import Body, TextField, for_example
from tenancy.services.brands import update_brand


@for_example(signature={"signature": "{{member.name}}\n{{brand.name}}"})
class BrandChanges(Body):
    """What can be changed; name only what is to be."""

    name = TextField(max_length=120, required=False)
    sender_name = TextField(max_length=120, required=False, allow_blank=True)
    signature = TextField(
        max_length=2000,
        required=False,
        allow_blank=True,
        help_text="{{member.name}}, {{member.first_name}} and {{brand.name}} are filled in when mail leaves.",
    )

    def validate_signature(self, text: str) -> str:
        if names := unfit(text):
            raise serializers.ValidationError([f"{{{{{name}}}}} cannot be filled in." for name in names])
        return text


class BrandResource(brands.BrandResource):
    """The names under which the workspace speaks; each channel has one."""

    writing = ADMIN

    @extend_schema(request=BrandChanges, responses={200: BrandSerializer})
    def partial_update(self, request: Request, id: int) -> Response:
        """Change a brand."""
        given: dict[str, Any] = self.given(BrandChanges)
        try:
            update_brand(brand=self.get_object(), by=self.member, **given)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.message_dict) from error
        return Response(self.shown(id))
