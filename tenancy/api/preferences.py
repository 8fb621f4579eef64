"""How the token's member wants to work, and of what to be told."""

import re
from dataclasses import replace
from datetime import time
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenancy.api.fields import Body, TruthField, for_example
from tenancy.api.resources import Resource
from tenancy.models import Member
from tenancy.preferences import By, Happening, Next, Preferences, sensible
from tenancy.services import members

CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


@extend_schema_field({"type": "string", "pattern": CLOCK, "nullable": True})
class ClockField(serializers.Field[Any, Any, Any, Any]):
    """A time of day, as 07:30."""

    default_error_messages = {"invalid": "Give a time of day, as 07:30."}

    def to_internal_value(self, data: Any) -> time:
        if not isinstance(data, str) or not re.fullmatch(CLOCK, data, re.ASCII) or data.endswith("\n"):
            self.fail("invalid")
        return time.fromisoformat(data)

    def to_representation(self, value: time) -> str:
        return f"{value:%H:%M}"


def ways() -> serializers.ListField:
    """The ways by which somebody is told."""
    return serializers.ListField(
        child=serializers.ChoiceField(choices=By.choices), max_length=len(By), required=False
    )


class ToldBody(Body):
    """By which ways of each happening: `browser` only beside `centre`, `email` only of mentions."""

    assigned = ways()
    mentioned = ways()
    customer = ways()
    colleague = ways()
    status = ways()
    failed = ways()
    woke = ways()

    def to_representation(self, told: Any) -> dict[str, list[str]]:
        return {what: sorted(told[what]) for what in Happening.values}


@for_example(quiet={"quiet_from": "22:00", "quiet_to": "07:00", "told": {"customer": ["centre"]}})
class PreferencesBody(Body):
    """A member's wishes; name only what is to change. Quiet hours are on the member's clock, both or neither."""

    told = ToldBody(required=False)
    follows = TruthField(
        required=False, help_text="What they write in, are named in or are given, by itself."
    )
    hides_text = TruthField(required=False, help_text="Browser notifications keep the text to themselves.")
    sound = TruthField(required=False)
    quiet_from = ClockField(required=False, allow_null=True)
    quiet_to = ClockField(required=False, allow_null=True)
    shortcuts = TruthField(required=False, help_text="Single keys do things.")
    after_resolving = serializers.ChoiceField(choices=Next.choices, required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        wishes: Preferences = self.context["wishes"]
        quiet = [given.get(name, getattr(wishes, name)) for name in ("quiet_from", "quiet_to")]
        if quiet.count(None) == 1:
            raise serializers.ValidationError(
                {"quiet_to": ["Say both from and to when it is quiet, or neither."]}
            )
        return given


class PreferencesResource(Resource):
    """Your own preferences."""

    model = Member
    serializer_class = PreferencesBody

    def get(self, request: Request) -> Response:
        """How you want to work, and of what to be told."""
        return Response(PreferencesBody(self.member.wishes).data)

    @extend_schema(request=PreferencesBody, responses=PreferencesBody)
    def change(self, request: Request) -> Response:
        """Change what you name."""
        wishes = self.member.wishes
        given = self.given(PreferencesBody, wishes=wishes)
        told = {what: sensible(what, ways) for what, ways in given.pop("told", {}).items()}
        changed = replace(wishes, told={**wishes.told, **told}, **given)
        members.set_preferences(member=self.member, wishes=changed)
        return Response(PreferencesBody(changed).data)
