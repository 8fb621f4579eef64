"""Accounts and contacts, with their addresses."""

from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Account, Affiliation, Contact, Identity
from contacts.services import people
from contacts.types import AddressKind
from tenancy.api.fields import ID, Body, RowField, TextField
from tenancy.api.filtering import IdFilter
from tenancy.api.paging import Order
from tenancy.api.problems import messages_of
from tenancy.api.resources import Resource

# Where a person types an address, an agent can vouch for it; ids of providers come from providers alone.
TYPED = [AddressKind.EMAIL, AddressKind.PHONE, AddressKind.SMS, AddressKind.WHATSAPP]
CURRENT = Q(until=None, is_primary=True, is_proposed=False)


class AccountSerializer(serializers.ModelSerializer[Account]):
    """A customer company."""

    domains = serializers.SlugRelatedField[Any](slug_field="domain", many=True, read_only=True)

    class Meta:
        model = Account
        fields = ["id", "name", "domains", "notes", "facts", "created_at", "archived_at"]
        read_only_fields = fields


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


class IdentitySerializer(serializers.ModelSerializer[Identity]):
    """One address of a contact, with the proof that it is theirs."""

    class Meta:
        model = Identity
        fields = ["id", "kind", "scope", "value", "verbatim", "proof", "holds", "is_shared", "created_at"]
        read_only_fields = fields


class NewIdentity(Body):
    """An address that you vouch for."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in TYPED])
    value = TextField(max_length=320)

    def validate_kind(self, value: str) -> AddressKind:
        return AddressKind(value)


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """A customer person."""

    account = serializers.SerializerMethodField(help_text="Where they work now, as people confirmed it.")
    identities = IdentitySerializer(many=True, read_only=True)

    class Meta:
        model = Contact
        fields = [
            "id",
            "name",
            "title",
            "account",
            "identities",
            "language",
            "time_zone",
            "facts",
            "created_at",
            "last_seen_at",
        ]
        read_only_fields = fields

    @extend_schema_field(ID | {"nullable": True})
    def get_account(self, contact: Contact) -> int | None:
        current: list[Affiliation] = contact.current  # type: ignore[attr-defined]
        return current[0].account_id if current else None


class ContactChanges(Body):
    """What can be changed of a contact."""

    name = TextField(max_length=200)
    title = TextField(max_length=120, required=False, allow_blank=True)
    account = RowField(Account, required=False, allow_null=True)
    language = TextField(max_length=12, required=False, allow_blank=True)
    time_zone = TextField(max_length=64, required=False, allow_blank=True)
    facts = serializers.DictField(required=False, help_text="Whatever else you know, by name.")

    def validate_time_zone(self, value: str) -> str:
        if value and value not in available_timezones():
            raise serializers.ValidationError("There is no time zone of this name.")
        return value


class NewContact(ContactChanges):
    """A new contact."""

    identities = serializers.ListField(child=NewIdentity(), required=False, max_length=50)


class ContactFilters(filters.FilterSet):  # type: ignore[misc]
    search = filters.CharFilter(method="by_words", label="In names and addresses.", max_length=200)
    account = IdFilter(method="by_account", label="Who works there now.")

    def by_words(self, rows: QuerySet[Contact], name: str, words: str) -> QuerySet[Contact]:
        held = Identity.objects.filter(contact=OuterRef("pk"), value__icontains=words)
        return rows.filter(Q(name__icontains=words) | Exists(held))

    def by_account(self, rows: QuerySet[Contact], name: str, account: int) -> QuerySet[Contact]:
        there = Affiliation.objects.filter(CURRENT, contact=OuterRef("pk"), account=account)
        return rows.filter(Exists(there))


class AccountResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Customer companies."""

    model = Account
    serializer_class = AccountSerializer

    def rows(self) -> QuerySet[Any]:
        return Account.objects.prefetch_related("domains")

    @extend_schema(request=AccountBody, responses={201: AccountSerializer})
    def create(self, request: Request) -> Response:
        """Make an account."""
        return self.created(_blaming("domains", people.create_account, **self.given(AccountBody)).pk)

    @extend_schema(request=AccountBody)
    def partial_update(self, request: Request, id: int) -> Response:
        """Change an account; `domains` and `facts` are replaced as a whole."""
        account, changes = self.get_object(), self.given(AccountBody)
        changes.setdefault("domains", [domain.domain for domain in account.domains.all()])
        _blaming("domains", people.update_account, account=account, **changes)
        return Response(self.shown(id))


class ContactResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Customer people, the one seen last first."""

    model = Contact
    order = Order("last_seen_at")
    serializer_class = ContactSerializer
    filterset_class = ContactFilters

    def rows(self) -> QuerySet[Any]:
        return Contact.objects.prefetch_related(
            Prefetch("identities", Identity.objects.order_by("id")),
            Prefetch("affiliations", Affiliation.objects.filter(CURRENT), to_attr="current"),
        )

    @extend_schema(request=NewContact, responses={201: ContactSerializer})
    def create(self, request: Request) -> Response:
        """Make a contact with addresses that you vouch for."""
        facts = self.given(NewContact)
        account = facts.pop("account", None)
        typed = [(identity["kind"], identity["value"]) for identity in facts.pop("identities", ())]
        contact = _blaming("identities", people.create_contact, addresses=typed, **facts)
        _work_for(contact, account)
        return self.created(contact.pk)

    @extend_schema(request=ContactChanges)
    def partial_update(self, request: Request, id: int) -> Response:
        """Change a contact; `facts` are replaced as a whole."""
        contact, changes = self.get_object(), self.given(ContactChanges)
        if "account" in changes:
            _work_for(contact, changes.pop("account"))
        people.update_contact(contact=contact, **changes)
        return Response(self.shown(id))

    @extend_schema(request=NewIdentity, responses={201: IdentitySerializer})
    @action(detail=True, methods=["POST"])
    def identities(self, request: Request, id: int) -> Response:
        """Add an address that you vouch for."""
        given = self.given(NewIdentity)
        identity = _blaming("value", people.add_identity, contact=self.get_object(), **given)
        return Response(IdentitySerializer(identity).data, status.HTTP_201_CREATED)


def _work_for(contact: Contact, account: Account | None) -> None:
    """Say for whom a contact works now, or that they work for nobody that we know."""
    if account is not None:
        people.affiliate(contact=contact, account=account)
        return
    for affiliation in Affiliation.objects.filter(CURRENT, contact=contact):
        people.end_affiliation(affiliation=affiliation)


def _blaming(field: str, service: Any, **facts: Any) -> Any:
    """Call a service; what it finds wrong is that field's error."""
    try:
        return service(**facts)
    except DjangoValidationError as error:
        raise serializers.ValidationError({field: messages_of(error)}) from error
