"""The addresses of a contact."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.accounts import blaming
from contacts.models import Contact, Identity
from contacts.services import people
from contacts.types import AddressKind
from tenancy.api.fields import Body, TextField, TruthField, for_example
from tenancy.api.resources import Resource

# Where a person types an address, an agent can vouch for it; ids of providers come from providers alone.
TYPED = [AddressKind.EMAIL, AddressKind.PHONE, AddressKind.SMS, AddressKind.WHATSAPP]


class IdentitySerializer(serializers.ModelSerializer[Identity]):
    """One address of a contact, with the proof that it is theirs."""

    class Meta:
        model = Identity
        fields = ["id", "kind", "scope", "value", "verbatim", "proof", "holds", "is_shared", "created_at"]
        read_only_fields = fields


@for_example(address={"kind": "sms", "value": "+1 206 555 0142"})
class NewIdentity(Body):
    """An address that you vouch for."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in TYPED])
    value = TextField(max_length=320)

    def validate_kind(self, value: str) -> AddressKind:
        return AddressKind(value)


@for_example(confirmed={"proof": "confirmed"}, shared={"is_shared": True})
class IdentityChanges(Body):
    """What you know of an address better than its provider."""

    proof = serializers.ChoiceField(
        choices=[(Identity.Proof.CONFIRMED.value, Identity.Proof.CONFIRMED.label)],
        required=False,
        help_text="That it is the contact's.",
    )
    is_shared = TruthField(
        required=False, help_text="That several people use it: from then on it joins nobody."
    )


class IdentityResource(ListModelMixin, RetrieveModelMixin, Resource):
    """The addresses of a contact."""

    model = Identity
    serializer_class = IdentitySerializer

    def rows(self) -> QuerySet[Any]:
        owner = get_object_or_404(Contact.objects, pk=self.kwargs["contact"])
        return Identity.objects.filter(contact=owner, removed_at=None)

    @extend_schema(request=NewIdentity, responses={201: IdentitySerializer})
    def create(self, request: Request, contact: int) -> Response:
        """Add an address that you vouch for."""
        owner, given = get_object_or_404(Contact.objects, pk=contact), self.given(NewIdentity)
        identity = blaming("value", people.add_identity, contact=owner, **given)
        return self.created(identity.pk)

    @extend_schema(request=IdentityChanges)
    def partial_update(self, request: Request, contact: int, id: int) -> Response:
        """Confirm an address, or say that several people use it."""
        identity, given = self.get_object(), self.given(IdentityChanges)
        if "proof" in given:
            blaming("proof", people.confirm_identity, identity=identity)
        if "is_shared" in given:
            people.share_identity(identity=identity, is_shared=given["is_shared"])
        return Response(self.shown(id))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, contact: int, id: int) -> Response:
        """Say that an address is no longer the contact's. What was said there stays."""
        people.remove_identity(identity=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
