"""What e-mail services post: HTML forms and JSON, read as bytes.

Django's own form parser decodes every field to text, which ruins a raw mail of eight-bit bytes, drops files
with odd names, and obeys DATA_UPLOAD_MAX_MEMORY_SIZE, which has to stay small for everybody else.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from channels_ingest.adapters.email.charsets import decode
from channels_ingest.adapters.email.headers import parameters
from channels_ingest.adapters.email.mime import read_headers, safe_name
from tenancy.storable import legible

MAX_PARTS = 1_000


class Malformed(ValueError):
    """A call that holds nothing that can be read; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form. Name and type are claims; the name has no path and may be empty."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The fields and the files of a form by name; of several of one name the last counts."""

    fields: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str, charset: str = "utf-8") -> str:
        """A field as text, empty without one; never raises on what bytes it may hold."""
        return legible(decode(self.fields.get(name, b""), charset))

    def object(self, name: str) -> dict[str, Any]:
        """The JSON object in a field; empty for a field that holds none."""
        try:
            return read_object(self.fields.get(name, b""))
        except Malformed:
            return {}


def is_json(headers: Mapping[str, str]) -> bool:
    """Whether a call says that it holds JSON."""
    return _media_type(headers) == "application/json"


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body holds. Raises Malformed."""
    found = read_json(body)
    if not isinstance(found, dict):
        raise Malformed("It holds no JSON object.")
    return found


def read_json(body: bytes) -> Any:
    """What a body holds as JSON. Raises Malformed."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("It holds no JSON.") from error


def read_form(body: bytes, headers: Mapping[str, str]) -> Form:
    """The form that a body holds, URL-encoded or multipart (RFC 7578), byte for byte. Raises Malformed."""
    match _media_type(headers):
        case "multipart/form-data":
            return _multipart(body, parameters(headers.get("content-type", "")).get("boundary", ""))
        case "application/x-www-form-urlencoded":
            return _encoded(body)
    raise Malformed("It holds no form.")


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _encoded(body: bytes) -> Form:
    try:
        # Latin-1 has a character for every byte, so that the bytes come back as they were.
        pairs = parse_qsl(body.decode("latin-1"), True, encoding="latin-1", max_num_fields=MAX_PARTS)
        return Form(fields={name: value.encode("latin-1") for name, value in pairs})
    except ValueError as error:
        raise Malformed("Its form cannot be read.") from error


def _multipart(body: bytes, boundary: str) -> Form:
    if not boundary:
        raise Malformed("Its form names no boundary.")
    form = Form()
    for head, content in _parts(body, b"\r\n--" + boundary.encode("utf-8", "surrogateescape")):
        said = read_headers(head)
        names = parameters(said.first("content-disposition"))
        if "filename" in names:
            upload = Upload(safe_name(names["filename"]), said.first("content-type"), content)
            form.files[names.get("name", "")] = upload
        else:
            form.fields[names.get("name", "")] = content
    return form


def _parts(body: bytes, delimiter: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(header block, content) of each part; what stands before the first and after the last is nobody's."""
    start = -2 if body.startswith(delimiter[2:]) else body.find(delimiter)
    if start == -1:
        raise Malformed("Its form has no parts.")
    for _ in range(MAX_PARTS):
        head = body.find(b"\r\n", start + len(delimiter))
        if body.startswith(b"--", start + len(delimiter)) or head < 0:
            return
        end = body.find(delimiter, head)
        if end < 0:
            raise Malformed("Its form was cut off.")
        split = body.find(b"\r\n\r\n", head, end)
        if split >= 0:
            yield body[head + 2 : split + 4], body[split + 4 : end]
        start = end
    raise Malformed(f"Its form has more than {MAX_PARTS} parts.")


def text_in(holder: Mapping[str, Any], name: str) -> str:
    """The text that JSON holds under a name; empty where it holds anything else."""
    found = holder.get(name)
    return found if isinstance(found, str) else ""


def object_in(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object that JSON holds under a name; empty where it holds anything else."""
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def objects_in(holder: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in the list that JSON holds under a name."""
    found = holder.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
