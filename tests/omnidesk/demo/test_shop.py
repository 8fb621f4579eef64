"""The demo's shop page: there only where the demo is, and signed as a shop's server would sign."""

import hmac

import pytest
from django.test import Client
from pytest_django import Settings

from conversations.services.channels import create_channel
from tenancy.models import Brand, Workspace
from tenancy.scope import scope

SECRET = "the shop's own"


@pytest.fixture
def token(workspace: Workspace, settings: Settings) -> str:
    """The token of the shop's chat."""
    settings.DEMO = True
    with scope(workspace.pk):
        brand = Brand.objects.create(name="Acme Shop")
        secrets = {"identity_secret": SECRET}
        return create_channel(kind="chat", name="Shop chat", config={}, secrets=secrets, brand=brand)[1]


def test_the_shop_has_the_chat(client: Client, token: str):
    page = client.get("/demo/widget/").content.decode()
    assert f'<script src="/widget/{token}.js" async></script>' in page
    assert "Sign in as Rosa" in page


def test_who_is_signed_in_is_vouched_for(client: Client, token: str):
    page = client.get("/demo/widget/?as=rosa").content.decode()
    for name, value in (("hash", "8812"), ("email-hash", "8812\nrosa.almeida@post.example")):
        assert f'data-user-{name}="{hmac.new(SECRET.encode(), value.encode(), "sha256").hexdigest()}"' in page
    assert SECRET not in page


def test_without_a_demo_there_is_no_shop(client: Client, token: str, settings: Settings):
    settings.DEMO = False
    assert client.get("/demo/widget/").status_code == 404


def test_before_the_demo_is_filled_there_is_no_shop(client: Client, db: None, settings: Settings):
    settings.DEMO = True
    assert client.get("/demo/widget/").status_code == 404
