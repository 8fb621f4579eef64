"""Labels: the words that agents put on conversations."""

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.models import Label
from conversations.services import labels
from tenancy.api.fields import Body, TextField, for_example
from tenancy.api.problems import messages_of
from tenancy.api.resources import Resource
from tenancy.models import Role


class LabelSerializer(serializers.ModelSerializer[Label]):
    """A word; conversations name it."""

    class Meta:
        model = Label
        fields = ["id", "name", "archived_at"]
        read_only_fields = fields


@for_example(label={"name": "Refund"})
class LabelBody(Body):
    """What a label is called."""

    name = TextField(max_length=60)


class LabelResource(ListModelMixin, RetrieveModelMixin, Resource):
    """The words that conversations carry; those that were archived too."""

    model = Label
    serializer_class = LabelSerializer

    @extend_schema(request=LabelBody, responses={201: LabelSerializer})
    def create(self, request: Request) -> Response:
        """Make a label, or take the one of this name out of the archive."""
        label, is_made = labels.label_made(name=self.given(LabelBody)["name"])
        if not is_made:
            raise serializers.ValidationError({"name": [labels.TAKEN]})
        return self.created(label.pk)

    @extend_schema(request=LabelBody)
    def partial_update(self, request: Request, id: int) -> Response:
        """Call a label something else, on all that carry it; as a manager."""
        label, given = self.get_object(), self.given(LabelBody)
        if not self.member.may(Role.MANAGER):
            raise PermissionDenied("Labels are the managers' to rename.")
        try:
            labels.rename(label=label, name=given.get("name", label.name))
        except DjangoValidationError as error:
            raise serializers.ValidationError(messages_of(error)) from error
        return Response(self.shown(id))
