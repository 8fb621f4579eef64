"""Where a contact works, and worked."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Account, Affiliation, Contact
from contacts.services import people
from tenancy.api.fields import Body, RowField, for_example
from tenancy.api.problems import Refused
from tenancy.api.resources import Resource


class AffiliationSerializer(serializers.ModelSerializer[Affiliation]):
    """That a contact works for an account; `is_proposed` until somebody confirms what a mail domain speaks for."""

    class Meta:
        model = Affiliation
        fields = ["id", "account", "since", "until", "is_primary", "is_proposed"]
        read_only_fields = fields


@for_example(affiliation={"account": 2})
class NewAffiliation(Body):
    """For whom a contact works from now on."""

    account = RowField(Account, only={"archived_at": None})


class AffiliationResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Where a contact works, and worked."""

    model = Affiliation
    serializer_class = AffiliationSerializer

    def rows(self) -> QuerySet[Any]:
        return Affiliation.objects.filter(
            contact=get_object_or_404(Contact.objects, pk=self.kwargs["contact"])
        )

    @extend_schema(request=NewAffiliation, responses={201: AffiliationSerializer})
    def create(self, request: Request, contact: int) -> Response:
        """Say for whom a contact works from now on, which confirms a proposal; elsewhere they work no more."""
        person, given = get_object_or_404(Contact.objects, pk=contact), self.given(NewAffiliation)
        return self.created(people.affiliate(contact=person, account=given["account"]).pk)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, contact: int, id: int) -> Response:
        """Say that a contact works there no more: it ends now, and stays in the list. A proposal is dropped."""
        affiliation = self.get_object()
        if affiliation.until is not None:
            raise Refused("It has ended already.")
        people.end_affiliation(affiliation=affiliation)
        return Response(status=status.HTTP_204_NO_CONTENT)
