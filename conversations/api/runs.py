"""A canned reply or a macro in one conversation: what it would say or do there, and doing it."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from conversations.api.entries import numbered
from conversations.models import CannedReply, Macro
from conversations.queries.tools import at_hand, values_in
from conversations.services import tools
from conversations.services.macros.planning import Plan, plan
from conversations.services.macros.running import CannotRun, Ran, run
from conversations.services.reply import CannotReply, WroteMeanwhile
from conversations.services.tools import Said
from tenancy.api.fields import Body, NumberField, for_example
from tenancy.api.problems import ChangedMeanwhile, Refused
from tenancy.api.resources import Resource


class SaidSerializer(serializers.Serializer[Said]):
    """A canned reply with its variables filled for one conversation. What is `missing` stays in it as it is."""

    text = serializers.CharField(read_only=True)
    html = serializers.CharField(read_only=True)
    missing = serializers.ListField(child=serializers.CharField(), read_only=True)


class StepSerializer(serializers.Serializer[Any]):
    """One action, as it would be done."""

    do = serializers.CharField(source="action.do", read_only=True)
    words = serializers.CharField(read_only=True)
    text = serializers.CharField(source="filled.text", read_only=True)
    trouble = serializers.CharField(read_only=True, help_text="Why it cannot be done; then nothing would be.")


class PlanSerializer(serializers.Serializer[Plan]):
    """What a macro would do in a conversation."""

    steps = StepSerializer(many=True, read_only=True)
    troubles = serializers.ListField(child=serializers.CharField(), read_only=True)


class RanSerializer(serializers.Serializer[Ran]):
    """What a macro did: `id` is the entry that it left, by which it is undone (entries/<id>/undo/)."""

    id = serializers.IntegerField(source="record.pk", read_only=True)
    reply = serializers.IntegerField(
        source="reply.pk", read_only=True, default=None, allow_null=True, help_text="The entry that it sent."
    )
    text = serializers.CharField(
        source="plan.composed.filled.text", read_only=True, default="", help_text="For you to go on with."
    )
    steps = StepSerializer(source="plan.steps", many=True, read_only=True)


@for_example(unless_they_wrote={"seen_entry": 812})
class NewRun(Body):
    """How to run it."""

    seen_entry = NumberField(
        min_value=0,
        required=False,
        help_text="The newest entry that you know: where it replies, 409 when somebody has written since.",
    )


class CannedReplyInConversation(Resource):
    """A canned reply in one conversation."""

    model = CannedReply
    serializer_class = SaidSerializer

    def retrieve(self, request: Request, number: int, id: int) -> Response:
        """A canned reply with its variables filled for this conversation."""
        conversation = numbered(number)
        canned = get_object_or_404(at_hand(CannedReply, self.member), pk=id)
        values = values_in(conversation.number, self.member).read()
        return Response(self.get_serializer(tools.say(canned, values)).data)


class MacroInConversation(Resource):
    """A macro in one conversation."""

    model = Macro
    serializer_class = PlanSerializer

    def retrieve(self, request: Request, number: int, id: int) -> Response:
        """What a macro would do in this conversation, in words and with its texts filled; nothing is done."""
        planned = plan(macro=self._macro(id), conversation=numbered(number), member=self.member)
        return Response(self.get_serializer(planned).data)

    @extend_schema(request=NewRun, responses={201: RanSerializer})
    def run(self, request: Request, number: int, id: int) -> Response:
        """Do all that a macro says, or nothing where one action cannot be done (409)."""
        conversation, macro, given = numbered(number), self._macro(id), self.given(NewRun)
        try:
            ran = run(
                macro=macro,
                conversation=conversation,
                member=self.member,
                seen_entry_id=given.get("seen_entry"),
            )
        except (CannotRun, CannotReply) as refused:
            raise Refused(str(refused)) from refused
        except WroteMeanwhile as wrote:
            raise ChangedMeanwhile(str(wrote), entries=[entry.pk for entry in wrote.entries]) from wrote
        data = RanSerializer(ran).data
        address = reverse("api:entry-detail", args=[ran.record.pk], request=request)
        return Response(data, status.HTTP_201_CREATED, headers={"Location": address})

    def _macro(self, pk: int) -> Macro:
        return get_object_or_404(at_hand(Macro, self.member), pk=pk)
