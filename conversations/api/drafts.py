"""Drafts: what the token's member has begun to write."""

import re
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Identity
from conversations.api.writing import FILES, LONGEST, MOST
from conversations.models import Channel, Conversation, KeptDraft
from conversations.services import drafts
from conversations.services.drafts import Gone, Written
from tenancy.api.fields import ID, Body, NumberField, RowField, TextField, for_example
from tenancy.api.paging import Order
from tenancy.api.problems import Refused
from tenancy.api.resources import Resource

NUMBER = ID | {"nullable": True}
TEXTS = {"type": "array", "items": {"type": "string"}}


class DraftSerializer(serializers.ModelSerializer[KeptDraft]):
    """A reply or note that is not sent yet. `others` are texts that other windows had written meanwhile."""

    conversation = serializers.IntegerField(
        source="conversation.number", read_only=True, help_text="By its number."
    )
    channel = serializers.SerializerMethodField(help_text="By which channel it is to go.")
    to = serializers.SerializerMethodField(help_text="To which identity.")
    cc = serializers.SerializerMethodField(help_text="As typed: perhaps not addresses yet.")
    bcc = serializers.SerializerMethodField()
    others = serializers.SerializerMethodField()
    attachments = serializers.ListField(child=serializers.IntegerField(min_value=1), read_only=True)

    class Meta:
        model = KeptDraft
        fields = [
            "id",
            "conversation",
            "mode",
            "text",
            "html",
            "channel",
            "to",
            "cc",
            "bcc",
            "attachments",
            "others",
            "revision",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(NUMBER)
    def get_channel(self, draft: KeptDraft) -> int | None:
        return _part_of_way(draft, 0)

    @extend_schema_field(NUMBER)
    def get_to(self, draft: KeptDraft) -> int | None:
        return _part_of_way(draft, 1)

    @extend_schema_field(TEXTS)
    def get_cc(self, draft: KeptDraft) -> list[str]:
        return _listed(draft.cc)

    @extend_schema_field(TEXTS)
    def get_bcc(self, draft: KeptDraft) -> list[str]:
        return _listed(draft.bcc)

    @extend_schema_field(TEXTS)
    def get_others(self, draft: KeptDraft) -> list[str]:
        return [other["text"] for other in draft.others]


class Copies(serializers.ListField):
    """Addresses as typed."""

    def __init__(self) -> None:
        super().__init__(child=TextField(max_length=320), required=False, max_length=MOST)


class DraftChanges(Body):
    """What is to change; name only that."""

    text = TextField(max_length=LONGEST, trim_whitespace=False, allow_blank=True, required=False)
    html = TextField(
        max_length=LONGEST, required=False, allow_blank=True, help_text="Cleaned; its words are the text."
    )
    channel = RowField(Channel, required=False)
    to = RowField(Identity, required=False)
    cc = Copies()
    bcc = Copies()
    attachments = serializers.ListField(
        child=NumberField(min_value=1), required=False, max_length=FILES, help_text="Uploads of yours."
    )
    revision = NumberField(
        min_value=0,
        required=False,
        help_text="From which revision it was made: what somebody has kept since goes to `others`.",
    )


@for_example(draft={"conversation": 12, "mode": "reply", "text": "I look into", "channel": 3, "to": 9})
class NewDraft(DraftChanges):
    """A draft in a conversation; the one that is there already counts as another window's."""

    conversation = NumberField(min_value=1, help_text="By its number.")
    mode = serializers.ChoiceField(choices=KeptDraft.Mode.choices)


class DraftResource(ListModelMixin, RetrieveModelMixin, Resource):
    """What you have begun to write, the newest first. Sending a message does not delete its draft."""

    model = KeptDraft
    order = Order("updated_at")
    serializer_class = DraftSerializer

    def rows(self) -> QuerySet[Any]:
        return KeptDraft.objects.filter(member=self.member).select_related("conversation")

    @extend_schema(request=NewDraft, responses={201: DraftSerializer})
    def create(self, request: Request) -> Response:
        """Begin a draft; 409 where there is nothing in it."""
        given = self.given(NewDraft)
        conversation = Conversation.objects.filter(number=given["conversation"]).first()
        if conversation is None:
            raise serializers.ValidationError({"conversation": ["There is no such conversation."]})
        revision = given.get("revision", 0)
        return self.created(self._keep(conversation, given["mode"], Written(**_said(given)), revision).pk)

    @extend_schema(request=DraftChanges, responses={200: DraftSerializer})
    def partial_update(self, request: Request, id: int) -> Response:
        """Go on with it; 409 where nothing is left in it: delete it then."""
        draft, given = self.get_object(), self.given(DraftChanges)
        said = _said(given)
        before = {
            "text": draft.text,
            "html": "" if "text" in said else draft.html,
            "way": draft.way,
            "cc": draft.cc,
            "bcc": draft.bcc,
            "attachments": draft.attachments,
        }
        kept = self._keep(draft.conversation, draft.mode, Written(**before | said), given.get("revision"))
        return Response(self.shown(kept.pk))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: int) -> Response:
        """Throw it away."""
        draft = self.get_object()
        drafts.discard(conversation=draft.conversation, member=self.member, mode=draft.mode)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _keep(
        self, conversation: Conversation, mode: str, written: Written, revision: int | None
    ) -> KeptDraft:
        try:
            kept = drafts.keep(
                conversation=conversation, member=self.member, mode=mode, written=written, revision=revision
            )
        except Gone as gone:
            raise Refused("It was sent or thrown away.") from gone
        if kept is None:
            raise Refused("There is nothing in it.")
        return kept


def _said(given: dict[str, Any]) -> dict[str, Any]:
    """What a request says, as a draft has it."""
    said: dict[str, Any] = {name: given[name] for name in ("text", "html", "attachments") if name in given}
    said |= {name: ", ".join(given[name]) for name in ("cc", "bcc") if name in given}
    if "channel" in given and "to" in given:
        said["way"] = f"{given['channel'].pk}:{given['to'].pk}"
    return said


def _part_of_way(draft: KeptDraft, place: int) -> int | None:
    found = re.fullmatch(r"(\d{1,18}):(\d{1,18})", draft.way)
    return int(found[place + 1]) if found else None


def _listed(typed: str) -> list[str]:
    return [part for part in typed.split(", ") if part]
