"""The OpenAPI document: what drf-spectacular cannot see by itself."""

from typing import Any

from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc

from tenancy.api.authentication import needs_of
from tenancy.api.problems import MEDIA_TYPE
from tenancy.models import Role

PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457). A `type` other than about:blank tells apart what a program may act on.",
    "required": ["type", "title", "status"],
    "example": {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "The request is not valid: see errors.",
        "errors": {"name": ["This field is required."]},
    },
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "What is wrong with each field or parameter.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "entries": {
            "type": "array",
            "description": "What the customer wrote meanwhile (type changed-meanwhile).",
            "items": {"type": "integer"},
        },
    },
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Any text of your own. The same request with the same key gets the same answer, for 48 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
ALWAYS = {
    "400": "Not valid",
    "401": "No good token",
    "403": "Not allowed",
    "429": "Too many requests",
    "503": "Not now: the same request may succeed in a moment",
}
ON_CHANGE = {"409": "Not as things are, or somebody else was first"}
WITH_BODY = {"411": "No Content-Length", "413": "Too large", "415": "Not of a type that is taken"}
ON_POST = {"422": "The Idempotency-Key was used for another request"}

SECONDS = {"type": "integer", "minimum": 0}
HEADERS: dict[str, dict[str, Any]] = {
    "RateLimit-Limit": {"description": "How often the token may ask in a minute.", "schema": SECONDS},
    "RateLimit-Remaining": {"description": "How often it still may in this one.", "schema": SECONDS},
    "RateLimit-Reset": {"description": "In how many seconds the next minute begins.", "schema": SECONDS},
    "Retry-After": {"description": "In how many seconds to come back.", "schema": SECONDS},
    "Location": {"description": "Where the new row is.", "schema": {"type": "string", "format": "uri"}},
    "WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "There when this answer was given before.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
LIMITS = [name for name in HEADERS if name.startswith("RateLimit")]
# The headers of an answer beside the limits, by its status.
BESIDE = {
    "201": ["Location", "Idempotency-Replayed"],
    "202": ["Idempotency-Replayed"],
    "401": ["WWW-Authenticate"],
    "409": ["Retry-After"],
    "429": ["Retry-After"],
    "503": ["Retry-After"],
}


class ApiSchema(AutoSchema):
    """Each operation says what it needs, as the permission class asks for it."""

    def get_description(self) -> str:  # type: ignore[override]
        needs = needs_of(self.view, self.method)
        words = str(super().get_description())
        role = "" if needs.role == Role.AGENT else f" and the role `{needs.role}`"
        return f"{words}\n\nNeeds the scope `{needs.scope}`{role}."

    def get_summary(self) -> str:
        """The first sentence about what is done, else about the resource."""
        view: Any = self.view
        done = get_doc(getattr(view, view.action)) or get_doc(type(view))
        return done.partition("\n")[0].rstrip(".")

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        return with_problems(operation, self.method, self.path) if operation else None


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The token in the Authorization header."""

    target_class = "tenancy.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class StrictBody(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """A body says nothing beyond its fields."""

    target_class = "tenancy.api.fields.Body"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        mapper: Any = auto_schema
        shape: dict[str, Any] = mapper._map_serializer(self.target, direction, bypass_extensions=True)
        return {**shape, "additionalProperties": False}


class FilterParameters(DjangoFilterExtension):  # type: ignore[no-untyped-call]
    """A list's filters; made without asking the model's manager, which answers only inside a workspace."""

    target_class = "tenancy.api.filtering.QueryFilter"
    priority = 1

    def get_schema_operation_parameters(
        self, auto_schema: AutoSchema, *args: Any, **kwargs: Any
    ) -> list[dict[str, Any]]:
        view: Any = auto_schema.view
        resolve: Any = self.resolve_filter_field
        filterset = getattr(view, "filterset_class", None)
        named = filterset.base_filters.items() if filterset else ()
        return [
            {"description": filter_field.label or "", "allowEmptyValue": True, **parameter}
            for name, filter_field in named
            for parameter in resolve(auto_schema, view.model, filterset, name, filter_field)
        ]


def with_problems(operation: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """The operation with the errors that it can end in."""
    known = dict(ALWAYS)
    if "{" in path:
        known["404"] = "No such row in this workspace"
    if method != "GET":
        known |= ON_CHANGE
    if method in {"POST", "PATCH"}:
        known |= WITH_BODY
    if method == "POST":
        known |= ON_POST
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, description in sorted(known.items()):
        operation["responses"].setdefault(status, {"description": description})
    for status, answer in operation["responses"].items():
        if status >= "400":
            answer["content"] = content
        named = [*LIMITS, *BESIDE.get(status, [])]
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in named}
    return operation


def add_problem(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Postprocessing hook: the schema of a problem, and the headers, that every operation refers to."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    result["components"]["headers"] = HEADERS
    return result
