"""Notices: what the token's member is told."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.models import Notice
from conversations.services import notices
from tenancy.api.fields import Body, TruthField, for_example
from tenancy.api.paging import Order
from tenancy.api.resources import Resource
from tenancy.preferences import Happening


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """That you are told of an entry; `conversation` is the number of the one in which it stands now."""

    conversation = serializers.IntegerField(source="entry.conversation.number", read_only=True)
    is_read = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = ["id", "kind", "entry", "conversation", "at", "is_read", "read_at"]
        read_only_fields = fields

    def get_is_read(self, notice: Notice) -> bool:
        return notice.read_at is not None


@for_example(read={"is_read": True})
class Reading(Body):
    """Whether you have read it."""

    is_read = TruthField()


class ReadAll(serializers.Serializer[Any]):
    """How many were unread."""

    count = serializers.IntegerField(read_only=True)


class NoticeFilters(filters.FilterSet):  # type: ignore[misc]
    kind = filters.ChoiceFilter(choices=Happening.choices)
    is_read = extend_schema_field(bool)(
        filters.TypedChoiceFilter(
            field_name="read_at",
            lookup_expr="isnull",
            choices=[("true", "true"), ("false", "false")],
            coerce=lambda said: said == "false",
        )
    )


class NoticeResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Your notices, newest first."""

    model = Notice
    order = Order("at")
    serializer_class = NoticeSerializer
    filterset_class = NoticeFilters

    def rows(self) -> QuerySet[Any]:
        return Notice.objects.filter(member=self.member).select_related("entry__conversation")

    @extend_schema(request=Reading)
    def partial_update(self, request: Request, id: int) -> Response:
        """Say whether you have read it."""
        notice = self.get_object()
        if self.given(Reading).get("is_read", notice.read_at is not None):
            notices.read(member=self.member, ids=[notice.pk])
        else:
            notices.unread(member=self.member, notice=notice)
        return Response(self.shown(id))

    @extend_schema(request=None, responses=ReadAll)
    @action(detail=False, methods=["POST"])
    def read(self, request: Request) -> Response:
        """Say that you have read them all."""
        return Response({"count": notices.read(member=self.member)})
