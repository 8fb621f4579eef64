"""Teams: groups of members that conversations are given to."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from tenancy.api.authentication import ADMIN
from tenancy.api.fields import Body, RowField, TextField, for_example
from tenancy.api.problems import messages_of
from tenancy.api.resources import Resource
from tenancy.models import Member, Team
from tenancy.services import teams

MOST = 500


class TeamSerializer(serializers.ModelSerializer[Team]):
    """Members under one name."""

    members = serializers.SlugRelatedField[Any](slug_field="member_id", many=True, read_only=True)

    class Meta:
        model = Team
        fields = ["id", "name", "members", "archived_at"]
        read_only_fields = fields


@for_example(team={"name": "Billing", "members": [7, 9]})
class TeamBody(Body):
    """A team, as it is written."""

    name = TextField(max_length=80)
    members = serializers.ListField(
        child=RowField(Member, only={"archived_at": None}),
        required=False,
        max_length=MOST,
        help_text="Ids of members, replaced as a whole.",
    )


class TeamResource(ListModelMixin, RetrieveModelMixin, Resource):
    """Teams; those that were archived too. Changing them takes an admin."""

    model = Team
    serializer_class = TeamSerializer
    writing = ADMIN

    def rows(self) -> QuerySet[Any]:
        return Team.objects.prefetch_related("members")

    @extend_schema(request=TeamBody, responses={201: TeamSerializer})
    def create(self, request: Request) -> Response:
        """Make a team."""
        return self.created(_named(teams.make, **self.given(TeamBody), by=self.member).pk)

    @extend_schema(request=TeamBody)
    def partial_update(self, request: Request, id: int) -> Response:
        """Change a team's name or members."""
        team, given = self.get_object(), self.given(TeamBody)
        if "name" in given:
            _named(teams.rename, team=team, name=given["name"], by=self.member)
        if "members" in given:
            teams.set_members(team=team, members=given["members"], by=self.member)
        return Response(self.shown(id))

    @extend_schema(request=None)
    @action(detail=True, methods=["POST"])
    def archive(self, request: Request, id: int) -> Response:
        """Put a team away: nothing is given to it any more; what it has, it keeps."""
        teams.archive(team=self.get_object(), by=self.member)
        return Response(self.shown(id))

    @extend_schema(request=None)
    @action(detail=True, methods=["POST"], url_path="return")
    def bring_back(self, request: Request, id: int) -> Response:
        """Make an archived team one again."""
        teams.bring_back(team=self.get_object(), by=self.member)
        return Response(self.shown(id))


def _named(verb: Any, **facts: Any) -> Team:
    """Call a service that may find the name taken."""
    try:
        team: Team = verb(**facts)
    except DjangoValidationError as error:
        raise serializers.ValidationError(messages_of(error)) from error
    return team
