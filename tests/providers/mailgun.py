"""A made-up Mailgun on loopback, with its key, its domains and its words."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels_ingest.adapters.email.esp.forms import Form, read_form
from channels_ingest.adapters.email.headers import parameters
from tests.providers.web import Answers, serving

KEY = "key-sending"
DOMAIN = "acme.example"
LIMIT = 25 * 1024 * 1024


@dataclass(frozen=True)
class MailgunMail:
    """One mail as it was handed over: its fields, of which some come several times, and its files."""

    fields: dict[str, list[str]]
    files: list[tuple[str, str, bytes]]

    def one(self, name: str) -> str:
        [value] = self.fields[name]
        return value


@dataclass
class MailgunServer(Answers):
    """`mails` are the calls that were taken; `state` what it says of its domain."""

    mails: list[MailgunMail] = field(default_factory=list)
    state: str = "active"

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v3/domains/{domain}", self.tell_domain),
                Route("/v3/{domain}/messages", self.send, methods=["POST"]),
            ]
        )

    async def send(self, request: Request) -> Response:
        body = await request.body()
        if answer := await self.early(request):
            return answer
        if not _is_known(request):
            return Response("Forbidden", 401)
        if request.path_params["domain"] != DOMAIN:
            return JSONResponse({"message": "Domain not found: " + request.path_params["domain"]}, 404)
        if len(body) > LIMIT:
            return JSONResponse({"message": "Message is too big"}, 413)
        mail = _read(body, request.headers["content-type"])
        if not mail.fields.get("to"):
            return JSONResponse({"message": "to parameter is missing"}, 400)
        self.mails.append(mail)
        return JSONResponse({"id": mail.one("h:Message-Id"), "message": "Queued. Thank you."})

    def tell_domain(self, request: Request) -> Response:
        if not _is_known(request):
            return Response("Forbidden", 401)
        if request.path_params["domain"] != DOMAIN:
            return JSONResponse({"message": "Domain not found"}, 404)
        return JSONResponse({"domain": {"name": DOMAIN, "state": self.state}})


def _is_known(request: Request) -> bool:
    return request.headers.get("authorization") == "Basic " + b64encode(f"api:{KEY}".encode()).decode()


def _read(body: bytes, content_type: str) -> MailgunMail:
    whole: Message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    if not whole.is_multipart():
        form: Form = read_form(body, {"content-type": content_type})
        return MailgunMail({name: [value.decode()] for name, value in form.fields.items()}, [])
    mail = MailgunMail({}, [])
    for part in whole.walk():
        if part.is_multipart():
            continue
        head = dict(part.raw_items())["Content-Disposition"].encode("utf-8", "surrogateescape").decode()
        said = parameters(head)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if "filename" in said:
            mail.files.append((said["name"], said["filename"], content))
        else:
            mail.fields.setdefault(said["name"], []).append(content.decode())
    return mail


@pytest.fixture
def mailgun_server(settings: Any) -> Iterator[MailgunServer]:
    """A Mailgun on loopback, which the installation asks instead of the real one."""
    mailgun = MailgunServer()
    with serving(mailgun.application()) as mailgun.url:
        settings.OMNIDESK_PROVIDER_URLS = settings.OMNIDESK_PROVIDER_URLS | {"mailgun": mailgun.url}
        yield mailgun
