"""Deliveries: what became of each sending."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.models import Delivery
from conversations.services import deliveries
from tenancy.api.fields import Body, TruthField, for_example
from tenancy.api.filtering import IdFilter
from tenancy.api.problems import Refused
from tenancy.api.resources import Resource


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """The sending of an entry to one recipient. `reason` tells what went wrong, `code` is the provider's."""

    state = serializers.ChoiceField(source="status", choices=Delivery.Status.choices, read_only=True)
    recipient = serializers.CharField(source="identity.__str__", read_only=True)
    changed_at = serializers.DateTimeField(source="status_at", read_only=True)

    class Meta:
        model = Delivery
        fields = [
            "id",
            "entry",
            "channel",
            "recipient",
            "state",
            "reason",
            "code",
            "attempts",
            "created_at",
            "changed_at",
        ]
        read_only_fields = fields


@for_example(arrived={"arrived": True})
class Outcome(Body):
    """What a person knows of a message whose outcome is uncertain."""

    arrived = TruthField()


class DeliveryFilters(filters.FilterSet):  # type: ignore[misc]
    state = filters.ChoiceFilter(field_name="status", choices=Delivery.Status.choices)
    entry = IdFilter(field_name="entry_id")
    channel = IdFilter(field_name="channel_id")


class DeliveryResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Sendings, newest first."""

    model = Delivery
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilters

    def rows(self) -> QuerySet[Any]:
        return Delivery.objects.select_related("identity")

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["POST"])
    def retry(self, request: Request, id: int) -> Response:
        """Hand a failed one over again; 409 for one that may have arrived."""
        try:
            deliveries.retry(delivery=self.get_object(), member=self.member)
        except deliveries.CannotRetry as refused:
            raise Refused(str(refused)) from refused
        return Response(self.shown(id), status.HTTP_202_ACCEPTED)

    @extend_schema(request=Outcome, responses={202: DeliverySerializer})
    @action(detail=True, methods=["POST"])
    def outcome(self, request: Request, id: int) -> Response:
        """Say whether an uncertain one arrived: then it is sent, else it is handed over again; 409 for one whose
        outcome is known."""
        arrived = self.given(Outcome)["arrived"]
        try:
            deliveries.settle_uncertain(delivery=self.get_object(), arrived=arrived, member=self.member)
        except deliveries.CannotRetry as refused:
            raise Refused(str(refused)) from refused
        return Response(self.shown(id), status.HTTP_202_ACCEPTED)
