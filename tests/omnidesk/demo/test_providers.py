"""The demo's channels on made-up providers, and the page on which to play the customer."""

import asyncio
import json

import httpx
import pytest
from django.utils import timezone

from channels_ingest.base import adapter_for
from channels_ingest.services.facts import facts_of
from conversations.models import Channel
from omnidesk.demo.office import LINES, open_office
from omnidesk.demo.providers import ACCOUNT_SID, Ports, connect
from tenancy.models import AuditEntry, Workspace
from tenancy.scope import scope
from tests.providers.playground.__main__ import playground
from tests.providers.playground.app import Playground
from tests.providers.twilio import Media

PORTS = Ports(http=8001, smtp=8002)
NUMBERS = [line.config["number"] for line in LINES if line.kind == "sms"]
NUMBER = NUMBERS[0]


@pytest.fixture
def office(workspace: Workspace) -> None:
    with scope(workspace.pk):
        open_office(workspace=workspace, now=timezone.now(), days=1)


@pytest.fixture
def found(workspace: Workspace, office: None) -> Playground:
    """The page beside the demo, whose first number calls nobody."""
    with scope(workspace.pk):
        told = json.loads(json.dumps(connect(PORTS))) | {"desk": "http://127.0.0.1:8000"}
    page = playground(told, "http://127.0.0.1:8001")
    page.twilio.numbers[NUMBER].sms_url = ""
    return page


def test_the_demo_is_connected_once(workspace: Workspace, office: None) -> None:
    with scope(workspace.pk):
        told = connect(PORTS)
        written = AuditEntry.objects.count()
        assert connect(PORTS) == told
        assert AuditEntry.objects.count() == written
        texts = Channel.objects.filter(kind="sms").order_by("id")
        assert [facts_of(one).secrets["auth_token"] for one in texts] == [told["twilio"]["auth_token"]] * 2
        support = Channel.objects.get(name="Support")
        assert (support.config["smtp_host"], support.config["smtp_port"]) == ("127.0.0.1", "8002")
        owned = Channel.objects.filter(kind="email").exclude(owner=None)
        assert ["smtp_host" in channel.config for channel in owned] == [False]
        assert adapter_for("sms").capabilities(facts_of(texts[0])).segments


def test_what_is_told_names_numbers_mailboxes_and_where_they_are_told(
    workspace: Workspace, office: None
) -> None:
    with scope(workspace.pk):
        told = connect(PORTS)
    assert [number["number"] for number in told["twilio"]["numbers"]] == NUMBERS
    assert told["twilio"]["account_sid"] == ACCOUNT_SID
    assert all("/hooks/twilio-sms/" in number["hook"] for number in told["twilio"]["numbers"])
    assert all("/hooks/mail/" in mailbox["hook"] for mailbox in told["mail"]["mailboxes"])


def test_who_chats_in_the_shop_has_a_mailbox_for_the_answers(workspace: Workspace, office: None) -> None:
    with scope(workspace.pk):
        people = {one["name"]: one["email"] for one in connect(PORTS)["people"]}
    assert people["Rosa Almeida"] == "rosa.almeida@post.example"


def test_the_page_shows_what_customers_wrote(found: Playground) -> None:
    found.twilio.customer_writes("+12065550142", "Hello", to=NUMBER)
    page, state, unsigned = asyncio.run(
        asked(found, "/", "/state", f"/twilio/2010-04-01/Accounts/{ACCOUNT_SID}.json")
    )
    assert page.text.startswith("<!doctype html>")
    assert unsigned.status_code == 401
    assert [(text["person"], text["ours"], text["text"]) for text in state.json()["texts"]] == [
        ("+12065550142", False, "Hello")
    ]


def test_the_page_shows_the_pictures_of_a_message(found: Playground) -> None:
    media = [Media(b"png", "image/png", "fuse.png"), Media(b"BEGIN:VCARD", "text/vcard", "me.vcf")]
    found.twilio.customer_writes("+12065550142", "This", to=NUMBER, media=media)
    (state,) = asyncio.run(asked(found, "/state"))
    (text,) = state.json()["texts"]
    assert (text["media"], text["pictures"]) == (["fuse.png", "me.vcf"], [f"twilio/store/{media[0].sid}"])
    (picture,) = asyncio.run(asked(found, f"/{text['pictures'][0]}"))
    assert (picture.content, picture.headers["content-type"]) == (b"png", "image/png")


async def asked(found: Playground, *paths: str) -> list[httpx.Response]:
    transport = httpx.ASGITransport(found.application())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8001") as client:
        return [await client.get(path) for path in paths]
