"""Settings → Inbound: what arrived, why it ended as it did, and processing it again."""

from collections.abc import Callable

import pytest
from django.test import Client

from channels_ingest.models import InboundEvent, RawBody
from channels_ingest.queries import PAGE
from tenancy import lanes
from tenancy.models import AuditEntry, Member, Workspace
from tenancy.scope import scope
from tests.channels_ingest.conftest import Door, queries_of

ROOT = "/w/acme/settings/inbound/"
TOKEN = "abcdefghijklmnopqrstuvwxyz234567"


@pytest.fixture
def page(admin: Member, browser: Callable[[Member], Client], signed_provider: None) -> Client:
    """An admin's browser."""
    return browser(admin)


def message(number: int, text: str = "Hello") -> dict[str, str]:
    return {"type": "message", "external_id": f"m{number}", "sender": "77", "text": text}


def latest(workspace: Workspace) -> InboundEvent:
    with scope(workspace.pk):
        return InboundEvent.objects.latest("id")


def test_agents_have_no_business_here(client: Client, door: Door, workspace: Workspace):
    door.deliver(message(1))
    for path in ("", f"{latest(workspace).pk}/", f"{latest(workspace).pk}/raw/"):
        assert client.get(ROOT + path).status_code == 403
    assert client.post(f"{ROOT}replay/").status_code == 403


def test_events_are_listed_newest_first_by_state_and_channel(page: Client, door: Door, workspace: Workspace):
    door.deliver(message(1))
    door.deliver({"type": "weather"})
    lanes.drain("inbound")
    text = page.get(ROOT).text
    assert text.index("nothing is known of weather") < text.index("77: Hello")
    done = page.get(ROOT, {"state": "done", "channel": str(door.channel.pk)}).text
    assert "77: Hello" in done
    assert "nothing is known of weather" not in done
    assert "Nothing here" in page.get(ROOT, {"state": "failed"}).text
    assert "77: Hello" in page.get(ROOT, {"state": "no such", "channel": "x", "before": "?"}).text


def test_pages_follow_each_other_without_gap_or_repeat(page: Client, door: Door, workspace: Workspace):
    for number in range(PAGE + 5):
        door.deliver(message(number, f"Number {number:02}"))
    lanes.drain("inbound")
    first = page.get(ROOT)
    older = first.text.partition("before=")[2].partition('"')[0]
    second = page.get(ROOT, {"before": older})
    seen = [number for number in range(PAGE + 5) if f"Number {number:02}" in first.text]
    rest = [number for number in range(PAGE + 5) if f"Number {number:02}" in second.text]
    assert (seen, rest) == (list(range(5, PAGE + 5)), list(range(5)))
    assert 'rel="next"' not in second.text


@pytest.mark.parametrize("path", ["", "?state=done"])
def test_the_ledger_costs_the_same_with_one_event_and_with_three(page: Client, door: Door, path: str):
    door.deliver(message(1))
    lanes.drain("inbound")
    page.get(ROOT + path)
    one = queries_of(page, ROOT + path)
    door.deliver(message(2))
    door.deliver(message(3))
    lanes.drain("inbound")
    assert queries_of(page, ROOT + path) == one


def test_an_event_costs_the_same_with_one_part_and_with_three(page: Client, door: Door, workspace: Workspace):
    door.deliver(message(1))
    one = latest(workspace).pk
    door.deliver(message(2), message(3), message(4))
    lanes.drain("inbound")
    page.get(f"{ROOT}{one}/")
    assert queries_of(page, f"{ROOT}{latest(workspace).pk}/") == queries_of(page, f"{ROOT}{one}/")


def test_an_event_shows_its_parts_and_its_bytes_with_secrets_covered(
    page: Client, door: Door, workspace: Workspace
):
    text = f"<b>token=s3cr3t-value</b> Authorization: Bearer abcdef123456 reply+{TOKEN}@acme.example"
    door.deliver(message(1, text), {"type": "weather"})
    lanes.drain("inbound")
    shown = page.get(f"{ROOT}{latest(workspace).pk}/").text
    assert '<th scope="row">Message</th>' in shown
    assert "nothing is known of weather" in shown
    raw = shown.partition("<pre")[2]
    for secret in ("s3cr3t-value", "abcdef123456", TOKEN):
        assert secret not in raw
    assert "&lt;b&gt;token=•••" in raw
    assert "<dt>X-Signature</dt>" not in shown
    assert '<dt>x-signature</dt><dd><bdi dir="ltr">•••</bdi></dd>' in shown


def test_the_bytes_can_be_downloaded_and_never_open_in_the_browser(
    page: Client, door: Door, workspace: Workspace
):
    door.deliver(message(1, "<script>"))
    response = page.get(f"{ROOT}{latest(workspace).pk}/raw/")
    assert b"<script>" in response.content
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_pruned_bytes_are_told(page: Client, door: Door, workspace: Workspace):
    door.deliver(message(1))
    with scope(workspace.pk):
        RawBody.objects.all().delete()
    path = f"{ROOT}{latest(workspace).pk}/"
    assert "The bytes have been pruned." in page.get(path).text
    assert page.get(f"{path}raw/").status_code == 404


def test_a_failed_event_is_processed_again_when_told(page: Client, door: Door, workspace: Workspace):
    for number in range(3):
        door.deliver(message(number))
    with scope(workspace.pk):
        InboundEvent.objects.update(state="failed", reason="the disk was full", attempts=10)
    page.post(f"{ROOT}{latest(workspace).pk}/replay/")
    lanes.drain("inbound")
    with scope(workspace.pk):
        states = InboundEvent.objects.order_by("id").values_list("state", "reason", "attempts")
        assert list(states) == [("failed", "the disk was full", 10)] * 2 + [("done", "", 1)]
    assert "2 are being processed again." in page.post(f"{ROOT}replay/", follow=True).text
    lanes.drain("inbound")
    with scope(workspace.pk):
        assert set(InboundEvent.objects.values_list("state", flat=True)) == {"done"}
        assert AuditEntry.objects.filter(action="inbound.replayed").count() == 2


def test_an_event_under_way_is_left_alone(page: Client, door: Door, workspace: Workspace):
    door.deliver(message(1))
    path = f"{ROOT}{latest(workspace).pk}/replay/"
    assert "It is still being processed." in page.post(path, follow=True).text


def test_another_workspaces_event_is_not_found(page: Client, door: Door, other_workspace: Workspace):
    door.deliver(message(1))
    with scope(door.channel.workspace_id):
        pk = InboundEvent.objects.get().pk
    for path in (f"{pk}/", f"{pk}/raw/"):
        assert page.get(f"/w/globex/settings/inbound/{path}").status_code == 404
