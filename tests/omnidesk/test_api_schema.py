"""The document of the API, and the page that reads it to people."""

import re

import pytest
from django.core.management import call_command
from django.test import Client

from omnidesk import api_docs
from tests.programs import Program

pytestmark = pytest.mark.django_db

# What CONTRACT promises of each resource.
PROMISED = {
    "Entry": {
        "id",
        "kind",
        "direction",
        "text",
        "html",
        "channel",
        "conversation",
        "contact",
        "account",
        "occurred_at",
        "external_id",
        "attachments",
    },
    "InboundEvent": {"id", "state", "reason", "attempts", "channel", "entries"},
    "Contact": {"id", "identities"},
}
FILTERS = {
    "entries": {"search", "conversation", "contact", "channel", "kind"},
    "inbound-events": {"channel", "state"},
    "conversations": {"status", "assignee", "contact", "account", "channel"},
    "contacts": {"search", "account"},
    "deliveries": {"state"},
}


def test_the_document_is_valid_and_nothing_in_it_is_guessed(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_everybody_can_read_the_document():
    response = Client().get("/api/v1/schema/")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    assert response.json()["openapi"].startswith("3.0")


def test_fields_and_filters_are_as_promised():
    told = api_docs.document()
    shapes = told["components"]["schemas"]
    missing = {name: fields - shapes[name]["properties"].keys() for name, fields in PROMISED.items()}
    assert missing == {name: set() for name in PROMISED}
    for name, filters in FILTERS.items():
        parameters = {one["name"] for one in told["paths"][f"/api/v1/{name}/"]["get"]["parameters"]}
        assert filters <= parameters


def test_every_operation_says_what_it_needs_and_how_it_can_fail():
    for operation in api_docs.operations(api_docs.document()):
        assert re.search(r"Needs the scope (read|write|admin)\b", operation.words)
        assert operation.summary
    for methods in api_docs.document()["paths"].values():
        for method, operation in methods.items():
            assert {"401", "403", "429"} <= operation["responses"].keys()
            names = [one["name"] for one in operation.get("parameters", ())]
            assert ("Idempotency-Key" in names) == (method == "post")


def test_the_page_names_every_operation_and_links_only_to_what_it_has():
    response = Client().get("/api/v1/docs/")
    page = response.text
    assert response.status_code == 200
    for operation in api_docs.operations(api_docs.document()):
        assert f'<details id="{operation.key}">' in page
    anchors = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


def test_the_page_needs_no_script_of_its_own_and_no_foreign_host():
    response = Client().get("/api/v1/docs/")
    sources = re.findall(r'(?:src|href)="([^"]+)"', response.text)
    assert all(source.startswith(("/static/", "#", "../schema/")) for source in sources)
    assert "<style" not in response.text
    assert " style=" not in response.text
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]


def test_pages_and_documents_are_read_only(program: Program):
    assert program.post("schema/", {}).status_code == 405
    assert program.post("docs/", {}).status_code == 405
