"""Labels: the words that agents put on conversations."""

from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from conversations.models import Label
from tenancy.api.resources import Resource


class LabelSerializer(serializers.ModelSerializer[Label]):
    """A word; conversations name it."""

    class Meta:
        model = Label
        fields = ["id", "name", "archived_at"]
        read_only_fields = fields


class LabelResource(ListModelMixin, RetrieveModelMixin, Resource):
    """The words that conversations carry; those that were archived too."""

    model = Label
    serializer_class = LabelSerializer
