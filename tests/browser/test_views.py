"""Building a view, with script and without, and the details of a conversation set where they stand."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from .conftest import IN_BROWSERS
from .installation import Installation

pytestmark = IN_BROWSERS

DEFINE = """
from contacts.services.attributes import define
from tenancy.models import Workspace
from tenancy.scope import scope
with scope(Workspace.objects.get(slug="shop").pk):
    define(of="conversation", name="Order", kind="text", by=None)
"""


@pytest.fixture(scope="module")
def lamp(installation: Installation) -> str:
    """The subject of the one conversation that is about a lamp."""
    installation.create_channel("shop", "email", "Lamps", address="lamps@shop.example")
    for number, subject in enumerate(("A blue lampion", "A chair")):
        mail = EmailMessage()
        mail["From"], mail["To"] = f"Lena <lena-{number}@cust.example>", "lamps@shop.example"
        mail["Subject"], mail["Message-ID"] = subject, f"<views-{number}@cust.example>"
        mail.set_content("Is it there?")
        installation.manage("ingest_mail", "shop", "Lamps", "-", "--wait", stdin=mail.as_string())
    installation.manage("shell", "--no-imports", "-c", DEFINE)
    return "A blue lampion"


def test_a_view_shows_what_it_finds_while_it_is_built(lamp: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("ana@shop.example")
    page.goto("/w/shop/views/new/")
    page.get_by_label("Name").fill("Lamps")
    page.locator("#field-0").select_option("subject")
    expect(page.locator("#op-0")).to_have_value("has")
    page.locator("#value-0").press_sequentially("blue lampion")
    expect(page.locator("#preview")).to_contain_text("1 found")
    expect(page.locator("#value-0")).to_be_focused()
    page.get_by_role("button", name="Add a condition").click()
    expect(page.locator("#field-1")).to_be_focused()
    page.locator("#field-1").select_option("status")
    page.locator("#values-1 > summary").click()
    page.get_by_label("Resolved").check()
    expect(page.locator("#values-1 > summary")).to_have_text("Resolved")
    expect(page.locator("#preview")).to_contain_text("0 found")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove condition 2").click()
    expect(page.locator("#preview")).to_contain_text("1 found")
    page.get_by_role("button", name="Save view").click()
    expect(page.locator("#list-title")).to_have_text("Lamps")
    expect(page.locator(".convo")).to_have_count(1)
    expect(page.locator(".convo")).to_contain_text(lamp)
    expect(page.locator("#views .nav-link[aria-current] .count")).to_have_text("1")


def test_a_view_is_built_without_script(lamp: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("ben@shop.example", java_script_enabled=False)
    page.goto("/w/shop/views/new/")
    page.get_by_label("Name").fill("Plain")
    page.locator("#field-0").select_option("subject")
    page.get_by_role("button", name="Update").click()
    page.locator("#value-0").fill("lampion")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_role("button", name="Remove condition 2").click()
    expect(page.locator("#preview")).to_contain_text(lamp)
    page.locator("#value-0").press("Enter")
    expect(page.locator("#list-title")).to_have_text("Plain")
    expect(page.locator(".convo")).to_have_count(1)


def test_a_detail_is_set_where_it_stands_and_taken_back(lamp: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("ana@shop.example")
    page.goto("/w/shop/inbox/?view=open")
    page.locator(".convo").filter(has_text=lamp).click()
    expect(page.locator("#thread-title")).to_have_text(lamp)
    page.locator(".thread-title").click()
    page.keyboard.press("d")
    field = page.get_by_label("Order", exact=True)
    expect(field).to_be_focused()
    field.fill("A 100")
    field.press("Enter")
    chip = page.locator("[id^=attributes-] > summary .chip")
    expect(chip).to_have_text("Order: A 100")
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    expect(chip).to_have_count(0)
