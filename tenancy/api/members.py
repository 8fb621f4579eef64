"""Members: the people and bots of the workspace."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from tenancy.api.resources import Resource
from tenancy.models import Member


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A colleague."""

    email = serializers.EmailField(source="user.email", allow_null=True, read_only=True)
    is_active = serializers.BooleanField(read_only=True, help_text="False for one who has left.")

    class Meta:
        model = Member
        fields = ["id", "name", "title", "email", "role", "is_bot", "is_active", "joined_at", "archived_at"]
        read_only_fields = fields


class MemberResource(ListModelMixin, RetrieveModelMixin, Resource):
    """The people and bots who work in the workspace; those who have left too."""

    model = Member
    serializer_class = MemberSerializer

    def rows(self) -> QuerySet[Any]:
        return Member.objects.select_related("user")
