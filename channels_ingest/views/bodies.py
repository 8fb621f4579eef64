"""What strangers send: no more of it is read than its path may bring; refusals keep that path out of the log."""

from django.http import HttpRequest, HttpResponse


class Refused(Exception):
    """A call that is not taken; answered with `status`."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers


def read_body(request: HttpRequest, limit: int) -> bytes:
    """The whole body and no more than `limit` bytes of it. Raises Refused.

    Read from the stream, so that the limit for forms (DATA_UPLOAD_MAX_MEMORY_SIZE) stays what it is elsewhere.
    """
    declared = request.META.get("CONTENT_LENGTH") or ""
    length = int(declared) if declared.isdecimal() else None
    if length is not None and length > limit:
        raise Refused(413, f"More than {limit} bytes")
    try:
        body = _chunked_body(request, limit) if length is None else request.read(length)
    except OSError as error:
        raise Refused(400, "The body was cut off") from error
    if length is not None and len(body) < length:
        raise Refused(400, "The body was cut off")
    return body


def unlogged(response: HttpResponse) -> HttpResponse:
    """A refusal that Django does not log once more with its path: the token in it is a secret."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _chunked_body(request: HttpRequest, limit: int) -> bytes:
    """The body of a call that does not say its length, which under WSGI Django itself would read as empty."""
    if "HTTP_TRANSFER_ENCODING" not in request.META:
        return b""
    stream = request.META.get("wsgi.input", request)
    if stream is not request and not request.META.get("wsgi.input_terminated"):
        raise Refused(411, "Say how long the body is")
    body: bytes = stream.read(limit + 1)
    if len(body) > limit:
        raise Refused(413, f"More than {limit} bytes")
    return body
