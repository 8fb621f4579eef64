"""Brands: the names under which the workspace speaks."""

from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from tenancy.api.resources import Resource
from tenancy.models import Brand


class BrandSerializer(serializers.ModelSerializer[Brand]):
    """A name, and how mail is signed under it."""

    class Meta:
        model = Brand
        fields = ["id", "name", "sender_name", "signature", "archived_at"]
        read_only_fields = fields


class BrandResource(ListModelMixin, RetrieveModelMixin, Resource):
    """The names under which the workspace speaks; each channel has one."""

    model = Brand
    serializer_class = BrandSerializer
