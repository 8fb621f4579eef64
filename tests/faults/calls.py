"""Calls that bring one message each: by text message, by chat, by Postmark."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client

from channels_ingest.adapters.twilio.form import fields_of
from conversations.models import Channel
from conversations.services.channels import create_channel
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.adapters.email.esp.calls import postmark_mail
from tests.channels_ingest.adapters.email.mails import mail
from tests.channels_ingest.adapters.twilio.calls import FORM, NUMBER, SID, TOKEN, form, sign
from tests.channels_ingest.chat import Chat, Visitor, said
from tests.channels_ingest.conftest import ADDRESS
from tests.providers.postmark import TOKEN as POSTMARK_TOKEN


@dataclass(frozen=True)
class Call:
    """A POST that can be made here, in another process, and again."""

    path: str
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    def post(self) -> int:
        """The status that it is answered with."""
        status: int = self.answer().status_code
        return status

    def answer(self) -> Any:
        return Client().post(self.path, self.body, content_type=self.content_type, headers=self.headers)

    @property
    def code(self) -> str:
        """Python that makes it."""
        given = f"content_type={self.content_type!r}, headers={self.headers!r}"
        posting = f"Client(SERVER_NAME='127.0.0.1').post({self.path!r}, {self.body!r}, {given})"
        return f"from django.test import Client\n{posting}\n"


@dataclass(frozen=True)
class Texts:
    """A channel for text messages and the path that its calls are made to."""

    channel: Channel
    path: str

    def message(self, sid: str = "SM1", **fields: str) -> Call:
        return self.call(form(MessageSid=sid, SmsSid=sid, **fields))

    def call(self, body: bytes) -> Call:
        fields = fields_of(body)
        signed = settings.PUBLIC_URL + self.path + "".join(name + fields[name] for name in sorted(fields))
        return Call(self.path, body, FORM, {"X-Twilio-Signature": sign(signed)})


def texts_of(workspace: Workspace) -> Texts:
    config = {"account_sid": SID, "number": NUMBER}
    with scope(workspace.pk):
        channel, token = create_channel(
            kind="sms", name="Texts", config=config, secrets={"auth_token": TOKEN}
        )
    return Texts(channel, f"/hooks/twilio-sms/{token}/")


def chat_message(workspace: Workspace, text: str = "Hello") -> Call:
    """What a new visitor says, under an id of their browser's."""
    chat = Chat(workspace)
    visitor = Visitor(chat)
    visitor.poll()
    body = json.dumps({"frames": [visitor.hello(), said(text)]})
    return Call(chat.path, body.encode())


def postmark_call(workspace: Workspace) -> Call:
    with scope(workspace.pk):
        _, token = create_channel(
            kind="email",
            name="Support",
            config=ADDRESS | {"esp": "postmark"},
            secrets={"esp_api_key": POSTMARK_TOKEN},
        )
    body = json.dumps(postmark_mail(RawEmail=mail().decode()))
    return Call(f"/hooks/postmark/{token}/", body.encode())
