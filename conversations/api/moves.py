"""Moving what was said to where it belongs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from conversations.api.entries import numbered
from conversations.models import Conversation, Entry
from conversations.services import moves
from conversations.services.moves import CannotMove, Moved
from tenancy.api.fields import Body, NumberField, RowField, TruthField, for_example
from tenancy.api.problems import Refused
from tenancy.api.resources import Resource

MOST = 200  # entries at once


class MovedSerializer(serializers.Serializer[Moved]):
    """A move: `id` is the entry that it left behind, by which it is undone; `to` the conversation it went to."""

    id = serializers.IntegerField(source="record.pk", read_only=True)
    to = serializers.IntegerField(source="target.number", read_only=True)


@for_example(move={"entries": [812, 813], "to": 42})
class NewMove(Body):
    """Entries of a conversation, and where they belong."""

    entries = serializers.ListField(child=RowField(Entry), min_length=1, max_length=MOST)
    to = NumberField(min_value=1, help_text="A conversation's number.")

    def validate_to(self, number: int) -> Conversation:
        found = Conversation.objects.filter(number=number).first()
        if found is None:
            raise serializers.ValidationError("There is no such conversation.")
        return found


@for_example(from_here_on={"entry": 812}, another_matter={"entry": 812, "thread_only": True})
class NewSplit(Body):
    """Where a conversation of its own begins."""

    entry = RowField(Entry)
    thread_only = TruthField(
        required=False,
        help_text="Of what came after it, only what is in its thread on its channel; all of it otherwise.",
    )


class Moves(Resource):
    """What was moved out of a conversation."""

    model = Entry
    serializer_class = MovedSerializer

    @extend_schema(request=NewMove, responses={201: MovedSerializer})
    def move(self, request: Request, number: int) -> Response:
        """Move entries to another conversation."""
        source, given = numbered(number), self.given(NewMove)
        return self._made(moves.move, wanted=given["entries"], source=source, to=given["to"])

    @extend_schema(request=NewSplit, responses={201: MovedSerializer})
    def split(self, request: Request, number: int) -> Response:
        """Make an entry, with what came after it, a conversation of its own."""
        source, given = numbered(number), self.given(NewSplit)
        verb = moves.not_same if given.get("thread_only") else moves.split
        return self._made(verb, entry=given["entry"], source=source)

    def _made(self, verb: Any, **facts: Any) -> Response:
        try:
            moved = verb(member=self.member, **facts)
        except CannotMove as refused:
            raise Refused(str(refused)) from refused
        address = reverse("api:entry-detail", args=[moved.record.pk], request=self.request)
        data = self.get_serializer(moved).data
        return Response(data, status.HTTP_201_CREATED, headers={"Location": address})
