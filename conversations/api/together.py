"""Who is at a conversation: those who follow it, and those who have it on screen."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.entries import numbered
from conversations.models import Conversation
from conversations.queries.following import followers
from conversations.queries.viewers import viewers_of
from conversations.services import following
from tenancy.api.resources import Resource
from tenancy.models import Member


class ColleagueSerializer(serializers.ModelSerializer[Member]):
    """A member by name."""

    class Meta:
        model = Member
        fields = ["id", "name"]
        read_only_fields = fields


class FollowersSerializer(serializers.Serializer[Any]):
    """Who is told of what happens in a conversation."""

    followers = ColleagueSerializer(many=True, read_only=True)


class ViewersSerializer(serializers.Serializer[Any]):
    """Who has a conversation on screen now. Of a crowd (`is_crowd`) only those who write are named."""

    looking = ColleagueSerializer(many=True, read_only=True)
    replying = ColleagueSerializer(many=True, read_only=True)
    noting = ColleagueSerializer(many=True, read_only=True)
    is_crowd = serializers.BooleanField(read_only=True)


class FollowersResource(Resource):
    """The followers of a conversation; you add and remove yourself."""

    model = Conversation
    serializer_class = FollowersSerializer

    @extend_schema(responses=FollowersSerializer)
    def get(self, request: Request, number: int) -> Response:
        """Who follows it."""
        return self._shown(numbered(number))

    @extend_schema(request=None, responses=FollowersSerializer)
    def follow(self, request: Request, number: int) -> Response:
        """Follow it: be told of replies, notes, status and assignment."""
        conversation = numbered(number)
        following.follow(conversation=conversation, member=self.member)
        return self._shown(conversation)

    @extend_schema(responses={200: FollowersSerializer})
    def unfollow(self, request: Request, number: int) -> Response:
        """Follow it no more; you do not begin again by having to do with it."""
        conversation = numbered(number)
        following.unfollow(conversation=conversation, member=self.member)
        return self._shown(conversation)

    def _shown(self, conversation: Conversation) -> Response:
        return Response(FollowersSerializer({"followers": followers(conversation)}).data)


class ViewersResource(Resource):
    """Who else is there."""

    model = Conversation
    serializer_class = ViewersSerializer

    @extend_schema(responses=ViewersSerializer)
    def get(self, request: Request, number: int) -> Response:
        """Who has it on screen, and who writes."""
        return Response(ViewersSerializer(viewers_of(numbered(number))).data)
