"""Real and invented mails through the whole way: each ends as done, or as ignored with a reason."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from channels_ingest.models import InboundEvent
from channels_ingest.services.accept import MailIntake
from conversations.models import EntryBody
from tenancy import lanes
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.conftest import Door
from tests.channels_ingest.generated import mails

SUITE = find_spec("test.test_email")


def corpus() -> list[Path]:
    """The mails that ship with CPython's own tests; Debian packs them apart."""
    places = list(SUITE.submodule_search_locations or []) if SUITE else []
    return sorted(path for place in places for path in Path(place, "data").glob("msg_*.txt"))


def ends(post: Door, raws: list[bytes]) -> list[tuple[str, str]]:
    """The state and reason in which each mail ends, at its first attempt."""
    with scope(post.channel.workspace_id):
        events = [MailIntake(post.channel).take(raw) for raw in raws]
    lanes.drain("inbound")
    with scope(post.channel.workspace_id):
        found = InboundEvent.objects.in_bulk(events)
        assert {found[event].attempts for event in events} <= {1}
        return [(found[event].state, found[event].reason) for event in events]


@pytest.mark.skipif(not corpus(), reason="this Python came without its test suite")
def test_every_mail_of_cpythons_own_corpus_ends_well(post: Door):
    assert len(corpus()) > 40
    found = ends(post, [path.read_bytes() for path in corpus()])
    ended = {path.name: end for path, end in zip(corpus(), found, strict=True)}
    bad = {
        name: (state, why)
        for name, (state, why) in ended.items()
        if state == "failed" or not _is_end(state, why)
    }
    assert bad == {}
    assert sum(state == "done" for state, _ in found) > 35


def _is_end(state: str, reason: str) -> bool:
    return state == "done" or (state == "ignored" and bool(reason))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=mails())
def test_every_mail_that_can_be_invented_ends_well(post: Door, raw: bytes):
    ((state, reason),) = ends(post, [raw])
    assert _is_end(state, reason), (state, reason)
    with scope(post.channel.workspace_id):
        assert not EntryBody.objects.filter(html__icontains="<script").exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00" * 100,
        b"\xff\xfe" * 100,
        b"From: a@b.example\n\n" + b"\x00text",
        b"From: a@b.example\nSubject: =?utf-8?b?" + b"A" * 100_000 + b"?=\n\n",
        b"From: a@b.example\n" + b"X: y\n" * 5_000 + b"\n",
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n\n" * 3_000,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(200)
        ),
        b"From: a@b.example\nReferences: " + b"<x@y.example> " * 20_000 + b"\n\nhi",
        b"From: a@b.example\nTo: " + b"z@y.example, " * 5_000 + b"\n\nhi",
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<div>" * 50_000,
        b"From: a@b.example\n\n" + b"> " * 50_000,
    ],
    ids=range(11),
)
def test_garbled_and_exaggerated_mails_end_well(post: Door, workspace: Workspace, raw: bytes):
    assert post.post(raw).status_code == 200
    lanes.drain("inbound")
    with scope(workspace.pk):
        event = InboundEvent.objects.get()
        assert _is_end(event.state, event.reason), (event.state, event.reason)
