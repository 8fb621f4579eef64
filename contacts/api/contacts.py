"""Contacts, with their addresses."""

from typing import Any
from zoneinfo import available_timezones

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.accounts import blaming
from contacts.api.attributes import ValuesField
from contacts.api.identities import IdentitySerializer, NewIdentity
from contacts.models import Account, Affiliation, Attribute, Contact, Identity
from contacts.services import people
from contacts.services.attributes import set_attributes
from tenancy import search
from tenancy.api.fields import ID, Body, RowField, TextField, for_example
from tenancy.api.filtering import IdFilter
from tenancy.api.paging import Order
from tenancy.api.resources import Resource
from tenancy.asked import asked
from tenancy.search import Ask, Kind
from tenancy.terms import firm_and_typed

FINDS = 500
CURRENT = Q(until=None, is_primary=True, is_proposed=False)


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """A customer person."""

    account = serializers.SerializerMethodField(help_text="Where they work now, as people confirmed it.")
    identities = IdentitySerializer(many=True, read_only=True)
    attributes = ValuesField(Attribute.Of.CONTACT, read_only=True)

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
            "attributes",
            "created_at",
            "last_seen_at",
        ]
        read_only_fields = fields

    @extend_schema_field(ID | {"nullable": True})
    def get_account(self, contact: Contact) -> int | None:
        current: list[Affiliation] = contact.current  # type: ignore[attr-defined]
        return current[0].account_id if current else None


@for_example(change={"name": "Ana Berg", "facts": {"shoe size": 38}})
class ContactChanges(Body):
    """What can be changed of a contact."""

    name = TextField(max_length=200)
    title = TextField(max_length=120, required=False, allow_blank=True)
    account = RowField(Account, only={"archived_at": None}, required=False, allow_null=True)
    language = TextField(max_length=12, required=False, allow_blank=True)
    time_zone = TextField(max_length=64, required=False, allow_blank=True)
    facts = serializers.DictField(required=False, help_text="Whatever else you know, by name.")
    attributes = ValuesField(Attribute.Of.CONTACT)

    def validate_time_zone(self, value: str) -> str:
        if value and value not in available_timezones():
            raise serializers.ValidationError("There is no time zone of this name.")
        return value


@for_example(
    contact={
        "name": "Ana Lind",
        "title": "CTO",
        "identities": [{"kind": "email", "value": "ana@northwind.example"}],
        "time_zone": "Europe/Oslo",
    }
)
class NewContact(ContactChanges):
    """A new contact."""

    identities = serializers.ListField(child=NewIdentity(), required=False, max_length=50)


class ContactFilters(filters.FilterSet):  # type: ignore[misc]
    search = filters.CharFilter(
        method="by_words", label=f"Words of names, addresses and facts; {FINDS} at most.", max_length=200
    )
    account = IdFilter(method="by_account", label="Who works there now.")

    def by_words(self, rows: QuerySet[Contact], name: str, words: str) -> QuerySet[Contact]:
        firm, typed = firm_and_typed(asked(words))
        asks = [Ask(Kind.CONTACT, firm, typed)] if firm or typed else []
        return rows.filter(pk__in=[one.of for one in search.find(asks, most=FINDS)])

    def by_account(self, rows: QuerySet[Contact], name: str, account: int) -> QuerySet[Contact]:
        there = Affiliation.objects.filter(CURRENT, contact=OuterRef("pk"), account=account)
        return rows.filter(Exists(there))


class ContactResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Customer people, the one seen last first."""

    model = Contact
    order = Order("last_seen_at")
    serializer_class = ContactSerializer
    filterset_class = ContactFilters

    def rows(self) -> QuerySet[Any]:
        return Contact.objects.prefetch_related(
            Prefetch("identities", Identity.objects.filter(removed_at=None).order_by("id")),
            Prefetch("affiliations", Affiliation.objects.filter(CURRENT), to_attr="current"),
        )

    @extend_schema(request=NewContact, responses={201: ContactSerializer})
    def create(self, request: Request) -> Response:
        """Make a contact with addresses that you vouch for."""
        facts = self.given(NewContact)
        account, values = facts.pop("account", None), facts.pop("attributes", {})
        typed = [(identity["kind"], identity["value"]) for identity in facts.pop("identities", ())]
        contact = blaming("identities", people.create_contact, addresses=typed, **facts)
        _work_for(contact, account)
        set_attributes(row=contact, values=values)
        return self.created(contact.pk)

    @extend_schema(request=ContactChanges)
    def partial_update(self, request: Request, id: int) -> Response:
        """Change a contact; `facts` are replaced as a whole."""
        contact, changes = self.get_object(), self.given(ContactChanges)
        if "account" in changes:
            _work_for(contact, changes.pop("account"))
        set_attributes(row=contact, values=changes.pop("attributes", {}))
        people.update_contact(contact=contact, **changes)
        return Response(self.shown(id))


def _work_for(contact: Contact, account: Account | None) -> None:
    """Say for whom a contact works now, or that they work for nobody that we know."""
    if account is not None:
        people.affiliate(contact=contact, account=account)
        return
    for affiliation in Affiliation.objects.filter(CURRENT, contact=contact):
        people.end_affiliation(affiliation=affiliation)
