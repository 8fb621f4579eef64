"""Files over HTTP, under headers that keep a hostile one harmless."""

import re
from collections.abc import Collection
from typing import IO

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from conversations.models import Attachment

FILE_POLICY = "default-src 'none'; frame-ancestors 'none'"
LOOKED_AT = "default-src 'none'; frame-ancestors 'self'"  # in a frame of our own pages
ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def serve(request: HttpRequest, file: Attachment, *, shown: Collection[str]) -> HttpResponse | None:
    """A file under the type that its bytes speak for: in place if that is one of `shown`, else to be downloaded.

    None where the storage has lost it. In one piece, or the piece that is asked for: players ask for pieces. Under
    ASGI, Django's FileResponse reads all of it as well, and warns of that.
    """
    try:
        with file.file.open("rb") as opened:
            response = _piece(opened, file.size, request.headers.get("Range", ""))
    except FileNotFoundError:
        return None
    is_text = file.content_type == "text/plain"
    response["Content-Type"] = f"{file.content_type}; charset=utf-8" if is_text else file.content_type
    is_saved = file.content_type not in shown
    for name, value in {
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition_header(is_saved, file.name) or "inline",
        "Content-Security-Policy": FILE_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=86400",
    }.items():
        response[name] = value
    return response


def _piece(opened: IO[bytes], size: int, asked: str) -> HttpResponse:
    """What a Range header asks for (RFC 9110, section 14.2), if it asks for one piece; else all."""
    found = ONE_RANGE.fullmatch(asked)
    if not found or found.groups() == ("", ""):
        return HttpResponse(opened.read())
    first, last = found.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    opened.seek(start)
    piece = opened.read(end - start + 1)
    return HttpResponse(piece, status=206, headers={"Content-Range": f"bytes {start}-{end}/{size}"})
