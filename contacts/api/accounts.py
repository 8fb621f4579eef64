"""Accounts."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.attributes import ValuesField
from contacts.models import Account, Attribute
from contacts.services import people
from contacts.services.attributes import set_attributes
from tenancy.api.fields import Body, TextField, for_example
from tenancy.api.problems import messages_of
from tenancy.api.resources import Resource


class AccountSerializer(serializers.ModelSerializer[Account]):
    """A customer company."""

    domains = serializers.SlugRelatedField[Any](slug_field="domain", many=True, read_only=True)
    attributes = ValuesField(Attribute.Of.ACCOUNT, read_only=True)

    class Meta:
        model = Account
        fields = ["id", "name", "domains", "notes", "facts", "attributes", "created_at", "archived_at"]
        read_only_fields = fields


@for_example(
    account={"name": "Northwind Robotics", "domains": ["northwind.example"], "facts": {"plan": "gold"}}
)
class AccountBody(Body):
    """A customer company, as it is written."""

    name = TextField(max_length=200)
    domains = serializers.ListField(
        child=serializers.RegexField(r"^[^\s@.]+(\.[^\s@.]+)+$", max_length=253),
        required=False,
        max_length=100,
        help_text="Mail domains: who writes from one of these is proposed as working here.",
    )
    notes = TextField(max_length=20_000, required=False, allow_blank=True)
    facts = serializers.DictField(required=False, help_text="Whatever else you know, by name.")
    attributes = ValuesField(Attribute.Of.ACCOUNT)


class AccountResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Customer companies; those that were archived too."""

    model = Account
    serializer_class = AccountSerializer

    def rows(self) -> QuerySet[Any]:
        return Account.objects.prefetch_related("domains")

    @extend_schema(request=AccountBody, responses={201: AccountSerializer})
    def create(self, request: Request) -> Response:
        """Make an account."""
        given = self.given(AccountBody)
        values = given.pop("attributes", {})
        account = blaming("domains", people.create_account, **given)
        return self.created(set_attributes(row=account, values=values).pk)

    @extend_schema(request=AccountBody)
    def partial_update(self, request: Request, id: int) -> Response:
        """Change an account; `domains` and `facts` are replaced as a whole."""
        account, changes = self.get_object(), self.given(AccountBody)
        set_attributes(row=account, values=changes.pop("attributes", {}))
        changes.setdefault("domains", [domain.domain for domain in account.domains.all()])
        blaming("domains", people.update_account, account=account, **changes)
        return Response(self.shown(id))

    @extend_schema(request=None)
    @action(detail=True, methods=["POST"])
    def archive(self, request: Request, id: int) -> Response:
        """Put an account away: it is offered and proposed no more; its timeline stays."""
        people.archive_account(account=self.get_object())
        return Response(self.shown(id))


def blaming(field: str, service: Any, **facts: Any) -> Any:
    """Call a service; what it finds wrong is that field's error."""
    try:
        return service(**facts)
    except DjangoValidationError as error:
        raise serializers.ValidationError({field: messages_of(error)}) from error
