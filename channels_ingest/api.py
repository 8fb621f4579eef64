"""Channels, and the ledger of what arrived on them."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from channels_ingest.base import ADAPTERS
from channels_ingest.models import InboundEvent, InboundItem
from channels_ingest.services.configure import split
from channels_ingest.services.facts import webhook_url
from channels_ingest.services.replay import replay
from conversations.models import Channel
from conversations.services.channels import archive_channel, create_channel, rotate_token, update_channel
from tenancy.api.authentication import ADMIN
from tenancy.api.fields import Body, RowField, TextField, TruthField, for_example
from tenancy.api.filtering import IdFilter
from tenancy.api.paging import Order
from tenancy.api.problems import Refused, messages_of
from tenancy.api.resources import Resource
from tenancy.lanes import State
from tenancy.models import Brand

ARCHIVED = "This channel is archived: it stays as it was."


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    """A connected place, its settings without secrets, and how it is doing."""

    settings = serializers.DictField(source="config", child=serializers.CharField(), read_only=True)

    class Meta:
        model = Channel
        fields = [
            "id",
            "kind",
            "name",
            "address",
            "brand",
            "owner",
            "settings",
            "is_enabled",
            "created_at",
            "archived_at",
            "last_received_at",
            "last_sent_at",
            "last_error",
            "last_error_at",
        ]
        read_only_fields = fields


class ConnectedChannelSerializer(ChannelSerializer):
    """A channel just made: the only answer that holds its token."""

    token = serializers.CharField(read_only=True)
    webhook_url = serializers.CharField(read_only=True, help_text="Empty for a kind that has no webhook.")

    class Meta(ChannelSerializer.Meta):
        fields = [*ChannelSerializer.Meta.fields, "token", "webhook_url"]
        read_only_fields = fields


class ChannelBody(Body):
    """A channel, as it is written."""

    name = TextField(max_length=120)
    brand = RowField(Brand, only={"archived_at": None}, required=False)
    settings = serializers.DictField(
        child=TextField(max_length=4000, allow_blank=True),
        required=False,
        help_text="By key, as `manage.py create_channel --set` takes them; an empty one is taken away.",
    )


@for_example(
    mail={
        "kind": "email",
        "name": "Support",
        "settings": {"address": "support@acme.example", "smtp_host": "mail.acme.example"},
    }
)
class NewChannel(ChannelBody):
    """A new channel."""

    kind = serializers.ChoiceField(choices=[(kind, kind) for kind in ADAPTERS])


@for_example(change={"name": "Help", "settings": {"smtp_port": "2525"}})
class ChannelChanges(ChannelBody):
    """What can be changed of a channel; settings that are not named stay as they are."""

    is_enabled = TruthField(required=False)


class ChannelResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Channels; those that were archived too. Changing them takes an admin."""

    model = Channel
    serializer_class = ChannelSerializer
    writing = ADMIN

    @extend_schema(request=NewChannel, responses={201: ConnectedChannelSerializer})
    def create(self, request: Request) -> Response:
        """Connect a channel."""
        given = self.given(NewChannel)
        config, secrets = _split(given["kind"], given.pop("settings", {}))
        channel, token = create_channel(**given, config=config, secrets=secrets, member=self.member)
        return self.created(channel.pk, token=token, webhook_url=webhook_url(channel, token))

    @extend_schema(request=ChannelChanges)
    def partial_update(self, request: Request, id: int) -> Response:
        """Change a channel."""
        channel, given = self.get_object(), self.given(ChannelChanges)
        if channel.archived_at:
            raise Refused(ARCHIVED)
        if "settings" in given:
            config, secrets = _split(channel.kind, {**channel.config, **given.pop("settings")})
            given |= {"config": config, "secrets": secrets}
        update_channel(channel=channel, member=self.member, **given)
        return Response(self.shown(id))

    @extend_schema(request=None)
    @action(detail=True, methods=["POST"])
    def archive(self, request: Request, id: int) -> Response:
        """Retire a channel for good; its timeline stays, and its webhook address answers that it is gone."""
        channel = self.get_object()
        if channel.archived_at is None:
            archive_channel(channel=channel, member=self.member)
        return Response(self.shown(id))

    @extend_schema(request=None, responses=ConnectedChannelSerializer)
    @action(detail=True, methods=["POST"])
    def token(self, request: Request, id: int) -> Response:
        """Give a channel a new token, and with it a new webhook address; the old one is refused from now on."""
        channel = self.get_object()
        if channel.archived_at:
            raise Refused(ARCHIVED)
        token = rotate_token(channel=channel, member=self.member)
        return Response(self.shown(id) | {"token": token, "webhook_url": webhook_url(channel, token)})


class InboundEventSerializer(serializers.ModelSerializer[InboundEvent]):
    """One webhook call, mail or socket frame, and what became of it."""

    entries = serializers.SerializerMethodField(help_text="The entries that it became.")

    class Meta:
        model = InboundEvent
        fields = [
            "id",
            "channel",
            "via",
            "state",
            "reason",
            "attempts",
            "entries",
            "summary",
            "size",
            "received_at",
            "processed_at",
        ]
        read_only_fields = fields

    def get_entries(self, event: InboundEvent) -> list[int]:
        items: list[InboundItem] = event.kept  # type: ignore[attr-defined]
        return [item.entry_id for item in items if item.entry_id]


class InboundEventFilters(filters.FilterSet):  # type: ignore[misc]
    channel = IdFilter(field_name="channel_id")
    state = filters.ChoiceFilter(choices=State.choices)


class InboundEventResource(ListModelMixin, RetrieveModelMixin, Resource):
    """The ledger of what arrived, newest first. Replaying takes an admin."""

    model = InboundEvent
    order = Order("received_at")
    serializer_class = InboundEventSerializer
    filterset_class = InboundEventFilters
    writing = ADMIN

    def rows(self) -> QuerySet[Any]:
        kept = InboundItem.objects.exclude(entry=None).order_by("position")
        return InboundEvent.objects.prefetch_related(Prefetch("items", kept, to_attr="kept"))

    @extend_schema(request=None, responses={202: InboundEventSerializer})
    @action(detail=True, methods=["POST"])
    def replay(self, request: Request, id: int) -> Response:
        """Process an event again; what it became already is found, not doubled."""
        event = self.get_object()
        if not replay(InboundEvent.objects.filter(pk=event.pk), member=self.member):
            raise Refused("It is waiting to be processed already.")
        return Response(self.shown(id), status.HTTP_202_ACCEPTED)


def _split(kind: str, values: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    try:
        return split(kind, values)
    except DjangoValidationError as error:
        raise serializers.ValidationError({"settings": messages_of(error)}) from error
