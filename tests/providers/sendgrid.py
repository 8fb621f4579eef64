"""A made-up SendGrid on loopback, with its key, its limits and its words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.providers.web import Answers, serving

KEY = "SG.a-key"
LIMIT = 30 * 1024 * 1024
# https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors: headers that it sets itself
RESERVED = {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
RESERVED |= {"to", "from", "subject", "reply-to", "cc", "bcc"}


@dataclass
class SendGridServer(Answers):
    """`mails` are the calls that were taken; `scopes` what the key may do."""

    mails: list[dict[str, Any]] = field(default_factory=list)
    scopes: list[str] = field(default_factory=lambda: ["mail.send"])

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v3/mail/send", self.send, methods=["POST"]),
                Route("/v3/scopes", self.tell_scopes),
            ]
        )

    async def send(self, request: Request) -> Response:
        body = await request.body()
        if answer := await self.early(request):
            return answer
        if not _is_known(request):
            return _error(401, "authorization required")
        if len(body) > LIMIT:
            return _error(413, "The total size of your email must be less than 30MB")
        mail = json.loads(body)
        if fault := _fault(mail):
            return _error(400, fault)
        self.mails.append(mail)
        return Response(status_code=202, headers={"X-Message-Id": f"sg{len(self.mails)}"})

    def tell_scopes(self, request: Request) -> Response:
        return (
            JSONResponse({"scopes": self.scopes})
            if _is_known(request)
            else _error(401, "authorization required")
        )


def _fault(mail: dict[str, Any]) -> str:
    [people] = mail["personalizations"]
    addresses = [one["email"] for name in ("to", "cc") for one in people.get(name, [])]
    if RESERVED & {name.lower() for name in mail.get("headers", {})}:
        return "The header is reserved"
    if not all(part["value"] for part in mail["content"]):
        return "The content value must be a string at least one character in length."
    if not people.get("to") or len(set(addresses)) < len(addresses):
        return "Each email address in the personalization block should be unique"
    return ""


def _is_known(request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {KEY}"


def _error(status: int, words: str) -> Response:
    return JSONResponse({"errors": [{"message": words, "field": None, "help": None}]}, status)


@pytest.fixture
def sendgrid_server(settings: Any) -> Iterator[SendGridServer]:
    """A SendGrid on loopback, which the installation asks instead of the real one."""
    sendgrid = SendGridServer()
    with serving(sendgrid.application()) as sendgrid.url:
        settings.OMNIDESK_PROVIDER_URLS = settings.OMNIDESK_PROVIDER_URLS | {"sendgrid": sendgrid.url}
        yield sendgrid
