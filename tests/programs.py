"""Programs that use the API with a member's token, and the mail that they find there."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.types import Address, AddressKind, Proof
from conversations.models import Channel, Conversation
from conversations.services.arrivals import Received
from conversations.services.channels import create_channel
from conversations.services.receive import receive
from conversations.types import InboundMessage
from tenancy.models import ApiToken, Member, Workspace
from tenancy.scope import scope
from tenancy.services import tokens

_ids = count(1)


def problem(response: Any) -> dict[str, Any]:
    """The members of a problem, which says the status that it comes with."""
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    members: dict[str, Any] = response.json()
    assert members["status"] == response.status_code
    return members


class Program:
    """A client of the API; paths are those below /api/v1/."""

    def __init__(self, member: Member, scopes: Sequence[str] = ApiToken.SCOPES) -> None:
        with scope(member.workspace_id):
            self.token, text = tokens.create(member=member, name="Test", scopes=scopes)
        self.headers = {"Authorization": f"Bearer {text}"}
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def follow(self, address: str) -> Any:
        """Get what a link names."""
        return self.client.get(address.removeprefix("http://testserver"), headers=self.headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        headers = self.headers | ({} if key is None else {"Idempotency-Key": key})
        return self.client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)

    def patch(self, path: str, body: Any) -> Any:
        return self.client.patch(
            f"/api/v1/{path}", body, content_type="application/json", headers=self.headers
        )

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/api/v1/{path}", headers=self.headers)

    def upload(self, name: str, content: bytes, *, key: str | None = None, **form: Any) -> Any:
        """Post a file to attachments/."""
        headers = self.headers | ({} if key is None else {"Idempotency-Key": key})
        file = SimpleUploadedFile(name, content, "text/plain")
        return self.client.post("/api/v1/attachments/", {"file": file, **form}, headers=headers)

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """What a list gives."""
        response = self.get(path, **query)
        assert response.status_code == 200, response.content
        rows: list[dict[str, Any]] = response.json()["results"]
        return rows

    def ids(self, path: str, **query: Any) -> list[int]:
        return [row["id"] for row in self.rows(path, **query)]

    def cost(self, path: str, **query: Any) -> int:
        """How many statements a list takes."""
        with CaptureQueriesContext(connection) as captured:
            assert self.rows(path, **query)
        return len(captured)


def mail_channel(workspace: Workspace, name: str = "Support") -> Channel:
    """A mail channel of that name, made when first asked for."""
    with scope(workspace.pk):
        found = Channel.objects.filter(name=name).first()
        if found is None:
            config = {"address": f"{name.lower()}@{workspace.slug}.example"}
            found, _ = create_channel(kind="email", name=name, config=config, secrets={})
        return found


def letter(
    workspace: Workspace, text: str = "Hello", *, sender: str = "ana@cust.example", **facts: Any
) -> Received:
    """An authenticated mail that has just come in; a new matter unless `thread_keys` say otherwise."""
    channel = facts.pop("channel", None) or mail_channel(workspace)
    author = Address(AddressKind.EMAIL, sender, name=sender.partition("@")[0].title(), proof=Proof.ATTESTED)
    defaults: dict[str, Any] = {
        "external_id": f"{next(_ids)}@cust.example",
        "subject": "A question",
        "starts_thread": True,
    }
    message = InboundMessage(sender=author, text=text, **defaults | facts)
    with scope(workspace.pk):
        return receive(channel=channel, message=message, received_at=timezone.now())


def write(program: Program, conversation: Conversation | None, **body: Any) -> Any:
    """Have a program write into a conversation."""
    assert conversation
    return program.post(f"conversations/{conversation.number}/entries/", body)


def change(workspace: Workspace, verb: Any, **facts: Any) -> Any:
    """Call a service inside the workspace."""
    with scope(workspace.pk):
        return verb(**facts)
