"""A made-up Postmark on loopback, with its token, its limits and its words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import getaddresses
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.providers.web import Answers, serving

TOKEN = "pm-server-token"
LIMIT = 10 * 1024 * 1024
REFUSED = (
    "Message OK, but will not deliver to these inactive addresses: {}. Inactive recipients are ones that have"
)
ALL_REFUSED = (
    "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: {}. Inactive"
    " recipients are ones that have generated a hard bounce or a spam complaint."
)


@dataclass
class PostmarkServer(Answers):
    """`mails` are the calls that were taken; `inactive` the addresses that it does not send to."""

    mails: list[dict[str, Any]] = field(default_factory=list)
    inactive: set[str] = field(default_factory=set)
    inbound_url: str = ""

    def application(self) -> Starlette:
        return Starlette(
            routes=[Route("/email", self.send, methods=["POST"]), Route("/server", self.tell_server)]
        )

    async def send(self, request: Request) -> Response:
        body = await request.body()
        if answer := await self.early(request):
            return answer
        if request.headers.get("x-postmark-server-token") != TOKEN:
            return _error(401, 10, "Request does not contain a valid Server token.")
        if len(body) > LIMIT:
            return _error(413, 0, "Payload too large")
        mail = json.loads(body)
        if not mail["From"].endswith(("acme.example", "acme.example>")):
            return _error(
                422, 400, "The 'From' address you supplied is not a Sender Signature on your account."
            )
        sent_to = [
            address for _, address in getaddresses([mail.get("To", ""), mail.get("Cc", "")]) if address
        ]
        refused = sorted(self.inactive.intersection(sent_to))
        if len(refused) == len(sent_to):
            return _error(422, 406, ALL_REFUSED.format(", ".join(refused)))
        self.mails.append(mail)
        words = REFUSED.format(", ".join(refused)) if refused else "OK"
        message_id = f"pm-{len(self.mails)}"
        return JSONResponse({"ErrorCode": 0, "Message": words, "MessageID": message_id, "To": mail["To"]})

    def tell_server(self, request: Request) -> Response:
        if request.headers.get("x-postmark-server-token") != TOKEN:
            return _error(401, 10, "Request does not contain a valid Server token.")
        return JSONResponse({"ID": 1, "Name": "Acme support", "InboundHookUrl": self.inbound_url})


def _error(status: int, code: int, words: str) -> Response:
    return JSONResponse({"ErrorCode": code, "Message": words}, status)


@pytest.fixture
def postmark_server(settings: Any) -> Iterator[PostmarkServer]:
    """A Postmark on loopback, which the installation asks instead of the real one."""
    postmark = PostmarkServer()
    with serving(postmark.application()) as postmark.url:
        settings.OMNIDESK_PROVIDER_URLS = settings.OMNIDESK_PROVIDER_URLS | {"postmark": postmark.url}
        yield postmark
