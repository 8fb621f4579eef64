"""What the API tells about itself: the OpenAPI document, and a page that reads it to people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator


@dataclass(frozen=True, slots=True)
class Line:
    """One field or parameter: where a type is another schema's name, `schema` says which."""

    name: str
    type: str
    schema: str = ""
    is_required: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    key: str
    method: str
    path: str
    summary: str
    words: str
    parameters: tuple[Line, ...]
    takes: str
    gives: str
    examples: tuple[str, ...]


@require_safe
def schema(request: HttpRequest) -> JsonResponse:
    """The OpenAPI document, as JSON (which YAML readers read as well)."""
    return JsonResponse(document())


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The document as a page, without a script and without a foreign host."""
    told = document()
    groups: dict[str, list[Operation]] = {}
    for operation in operations(told):
        groups.setdefault(operation.path.split("/")[3], []).append(operation)
    shapes = {name: list(fields(shape)) for name, shape in sorted(told["components"]["schemas"].items())}
    return render(
        request, "api/docs.html", {"groups": groups.items(), "shapes": shapes.items(), "info": told["info"]}
    )


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document; it does not change while the process runs."""
    generator: Any = SchemaGenerator  # has no annotations
    told: dict[str, Any] = generator().get_schema(request=None, public=True)
    return told


def operations(told: dict[str, Any]) -> Iterator[Operation]:
    """Every operation of the document, by address."""
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            good = next(answer for status, answer in operation["responses"].items() if status < "300")
            yield Operation(
                key=operation["operationId"],
                method=method.upper(),
                path=path,
                summary=_plain(operation.get("summary", "")),
                words=_plain(operation.get("description", "")),
                parameters=tuple(map(_parameter, operation.get("parameters", ()))),
                takes=_body(operation.get("requestBody", {})),
                gives=_body(good),
                examples=tuple(_examples(operation.get("requestBody", {}))),
            )


def fields(shape: dict[str, Any]) -> Iterator[Line]:
    """The fields of a schema."""
    required = shape.get("required", ())
    for name, field in shape.get("properties", {}).items():
        kind, reference = type_of(field)
        is_required = name in required and not field.get("readOnly")
        yield Line(name, kind, reference, is_required, _plain(field.get("description", "")))


def type_of(field: dict[str, Any]) -> tuple[str, str]:
    """(what to call a field's type, the name of the schema that it is or lists, if any)."""
    one = next(iter(field.get("allOf") or field.get("oneOf") or [field]))
    if "$ref" in one:
        name = one["$ref"].rpartition("/")[2]
        return name, name
    if one.get("type") == "array":
        kind, reference = type_of(one.get("items", {}))
        return f"list of {kind}", reference
    kind = (
        " or ".join(map(str, one["enum"])) if "enum" in one else one.get("format") or one.get("type", "any")
    )
    return f"{kind}, or null" if field.get("nullable") else kind, ""


def _parameter(parameter: dict[str, Any]) -> Line:
    kind, _ = type_of(parameter["schema"])
    words = parameter.get("description") or parameter["schema"].get("description", "")
    return Line(parameter["name"], kind, "", parameter.get("required", False), _plain(words))


def _plain(words: str) -> str:
    """CommonMark as far as our descriptions go: they set names in backticks."""
    return words.replace("`", "")


def _examples(part: dict[str, Any]) -> Iterator[str]:
    """The bodies that a request shows, as JSON."""
    for content in part.get("content", {}).values():
        for example in content.get("examples", {}).values():
            yield json.dumps(example["value"], ensure_ascii=False)


def _body(part: dict[str, Any]) -> str:
    """The name of the schema that a request or an answer holds; empty where there is none."""
    for content in part.get("content", {}).values():
        return type_of(content["schema"])[1]
    return ""
