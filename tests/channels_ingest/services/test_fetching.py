"""The lane "files": what a message only named is fetched, once, or said to be lost, with the reason."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from channels_ingest.models import FileFetch, InboundEvent
from channels_ingest.services import fetching
from channels_ingest.services.replay import replay
from conversations.models import Attachment
from conversations.services import edits
from tenancy import crashes, lanes
from tenancy.models import Workspace
from tenancy.scope import scope
from tests.channels_ingest.conftest import Door
from tests.channels_ingest.shelf import Shelf
from tests.channels_ingest.signed import SignedAdapter
from tests.stores import full_after

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
pytestmark = pytest.mark.usefixtures("clock", "in_scope")


@pytest.fixture
def named(door: Door, shelf: Shelf) -> Attachment:
    """A file that a message has named; the provider holds it."""
    shelf.files["f1"] = ("image/png", PNG)
    file = {"name": "../Map.png", "content_type": "text/html", "source": "f1"}
    door.deliver({"type": "message", "external_id": "m1", "sender": "77", "text": "Look", "files": [file]})
    lanes.drain("inbound")
    return Attachment.objects.get()


@pytest.fixture
def tries(clock: Any) -> Callable[[int], None]:
    """`tries(3)`: the lane runs three times, an hour and more apart."""

    def run(times: int) -> None:
        for _ in range(times):
            lanes.drain("files")
            clock.shift(5000)

    return run


def told(file: Attachment) -> tuple[str, str]:
    file.refresh_from_db()
    return file.state, file.reason


def test_a_file_that_the_store_has_no_room_for_is_fetched_again(
    named: Attachment, tries: Callable[[int], None]
):
    with full_after(4):
        tries(1)
    assert told(named) == ("coming", "")
    waiting = FileFetch.objects.get()
    assert (waiting.state, waiting.reason) == ("pending", "It cannot be stored at the moment.")
    tries(1)
    assert (told(named)[0], named.size) == ("stored", len(PNG))


def test_the_message_stands_there_at_once_with_its_file_coming(named: Attachment):
    assert told(named) == ("coming", "")
    assert (named.name, named.size, named.content_type, bool(named.file)) == (
        "Map.png",
        0,
        "application/octet-stream",
        False,
    )
    assert named.entry is not None
    assert named.entry.file_count == 1
    assert FileFetch.objects.get().attachment == named


def test_the_file_is_fetched_and_its_bytes_say_what_it_is(named: Attachment):
    assert lanes.drain("files") == 1
    assert told(named) == ("stored", "")
    assert (named.content_type, named.claimed_type, named.size) == ("image/png", "image/png", len(PNG))
    with named.file.open() as file:
        assert file.read() == PNG
    assert "Map" not in str(named.file.name)
    assert FileFetch.objects.get().state == "done"


def test_a_replay_fetches_nothing_twice(named: Attachment, shelf: Shelf):
    lanes.drain("files")
    replay(InboundEvent.objects.all())
    lanes.drain("inbound", "files")
    assert (Attachment.objects.count(), FileFetch.objects.count()) == (1, 1)
    assert shelf.asked == ["/files/f1"]


def test_a_server_that_is_down_is_asked_again(named: Attachment, shelf: Shelf, tries: Callable[[int], None]):
    shelf.answers += [500, 503]
    tries(1)
    assert told(named) == ("coming", "")
    assert FileFetch.objects.get().reason == "The server answers 500."
    tries(2)
    assert told(named) == ("stored", "")


def test_a_server_says_how_long_to_wait(named: Attachment, shelf: Shelf, clock: Any):
    shelf.answers += [429]
    lanes.drain("files")
    clock.shift(20)
    assert lanes.drain("files") == 0
    clock.shift(20)
    assert lanes.drain("files") == 1
    assert told(named) == ("stored", "")


def test_a_server_that_stays_away_loses_the_file_in_the_end(
    named: Attachment, shelf: Shelf, tries: Callable[[int], None]
):
    shelf.answers += [503] * 50
    tries(fetching.MAX_ATTEMPTS - 1)
    assert told(named)[0] == "coming"
    tries(3)
    assert told(named) == ("lost", "The server answers 503.")
    assert (FileFetch.objects.get().state, len(shelf.asked)) == ("failed", fetching.MAX_ATTEMPTS)


def test_what_the_provider_does_not_have_is_lost_at_once_and_a_person_can_try_again(
    named: Attachment, shelf: Shelf
):
    kept = shelf.files.pop("f1")
    assert not fetching.fetch_again(attachment=named)
    lanes.drain("files")
    assert told(named) == ("lost", "The server answers 404.")
    shelf.files["f1"] = kept
    assert fetching.fetch_again(attachment=named)
    assert told(named) == ("coming", "")
    lanes.drain("files")
    assert told(named) == ("stored", "")
    assert not fetching.fetch_again(attachment=named)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "It is empty."), (b"12345", "It is larger than 4\xa0bytes.")]
)
def test_what_cannot_be_kept_is_lost(
    named: Attachment, shelf: Shelf, settings: Any, content: bytes, reason: str
):
    settings.OMNIDESK_ATTACHMENT_LIMIT = 4
    shelf.files["f1"] = ("text/plain", content)
    lanes.drain("files")
    assert told(named) == ("lost", reason)


def test_an_unknown_crash_is_tried_again(
    named: Attachment, monkeypatch: pytest.MonkeyPatch, tries: Callable[[int], None]
):
    def crash(*_: Any) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(SignedAdapter, "fetch", crash)
        tries(1)
    assert FileFetch.objects.get().reason == "Fetching broke off: RuntimeError."
    tries(1)
    assert told(named) == ("stored", "")


def test_a_worker_that_dies_while_it_fetches_costs_nothing_but_time(
    named: Attachment, monkeypatch: pytest.MonkeyPatch, clock: Any
):
    def die(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(SignedAdapter, "fetch", die)
        with pytest.raises(SystemExit):
            lanes.drain("files")
    assert FileFetch.objects.get().state == "taken"
    assert lanes.drain("files") == 0
    clock.shift(lanes.LEASE)
    lanes.drain("files")
    clock.shift(fetching.SOON)
    lanes.drain("files")
    assert told(named) == ("stored", "")


def test_a_file_over_which_every_worker_dies_is_lost(named: Attachment, clock: Any):
    FileFetch.objects.update(state="taken", attempts=fetching.MAX_ATTEMPTS)
    clock.shift(lanes.LEASE)
    lanes.drain("files")
    assert told(named) == ("lost", "Fetching it broke off several times.")
    assert FileFetch.objects.get().state == "failed"


def test_a_file_over_which_workers_died_before_they_fetched_is_lost(named: Attachment):
    fetch = FileFetch.objects.get()
    cache.set(f"started:files:{fetch.workspace_id}:{fetch.pk}", crashes.DEATHS)
    lanes.drain("files")
    assert told(named) == ("lost", "Fetching it broke off several times.")


def test_a_channel_that_cannot_be_opened_loses_the_file_in_the_end(
    named: Attachment, door: Door, tries: Callable[[int], None]
):
    type(door.channel).objects.update(sealed=b"garbage")
    tries(fetching.MAX_ATTEMPTS)
    assert told(named)[0] == "lost"


def test_what_is_erased_is_not_fetched(named: Attachment, shelf: Shelf):
    assert named.entry is not None
    edits.erase(entry=named.entry)
    assert lanes.drain("files") == 0
    assert (FileFetch.objects.count(), shelf.asked) == (0, [])


def test_what_is_erased_while_it_is_fetched_is_not_kept(named: Attachment, monkeypatch: pytest.MonkeyPatch):
    fetch = SignedAdapter.fetch

    def overtaken(*asking: Any) -> Any:
        file = fetch(*asking)
        assert named.entry is not None
        edits.erase(entry=named.entry)
        return file

    monkeypatch.setattr(SignedAdapter, "fetch", overtaken)
    assert lanes.drain("files") == 1
    assert Attachment.objects.count() == 0


def test_the_scope_of_another_workspace_fetches_nothing_of_ours(
    named: Attachment, other_workspace: Workspace
):
    with scope(other_workspace.pk):
        assert lanes.run_batch(fetching.lane, other_workspace.pk) == 0
