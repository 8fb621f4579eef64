"""Mails to entries through the real pipeline, beside bare psycopg writing the same rows as durably.

Accepting stores a mail and commits it; processing turns mails into contacts, conversations and entries, a batch
a commit. Application and floor take turns, so that both meet the same machine.
"""

import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial

from bench.floor import Floor
from bench.harness import Figure, new_workspace, seconds, tidy
from bench.mails import VOUCHER, mails
from channels_ingest.models import InboundEvent
from channels_ingest.services.accept import MailIntake
from channels_ingest.services.process import lane
from conversations.models import Channel, Entry
from conversations.services.channels import create_channel
from omnidesk.flow import lane as reactions
from tenancy.lanes import Lane, run_batch
from tenancy.scope import scope

MAILS, WARM_UP, TOGETHER = 600, 200, 4000
PROCESSES = 2


def main() -> list[Figure]:
    """Mails a second: accepted, processed, both; then processed by several processes at once."""
    workspace_id, floor = _places("ingest")
    _accept_all(workspace_id, floor, run="before", count=WARM_UP)
    process_all(workspace_id, floor)
    tidy()
    accepting, least_accepting = _accept_all(workspace_id, floor, run="one", count=MAILS)
    processing, least_processing = process_all(workspace_id, floor)
    process_all(workspace_id, floor, reactions)
    _accept_all(workspace_id, floor, run="two", count=TOGETHER + PROCESSES * lane.batch)
    together = TOGETHER / process_together(workspace_id)
    _check(workspace_id)
    bare = "beside bare psycopg"
    return [
        _rate("accept, a commit a mail", accepting, least_accepting, bare),
        _rate("process, a commit a batch", processing, least_processing, bare),
        _rate("accept to entry", accepting + processing, least_accepting + least_processing, bare),
        Figure(
            f"process and react by {PROCESSES} processes",
            together,
            "mails/s",
            MAILS / least_processing,
            bare,
        ),
    ]


def _rate(name: str, took: float, least: float, note: str) -> Figure:
    return Figure(name, MAILS / took, "mails/s", MAILS / least, note)


def _places(name: str) -> tuple[int, Floor]:
    """A workspace with a mail channel, and an empty one for the floor to write to."""
    workspace, target = new_workspace(name), new_workspace(f"{name}-floor")
    config = {"address": "help@us.example", "authserv_ids": VOUCHER}
    with scope(workspace.pk):
        create_channel(kind="email", name="Help", config=config, secrets={})
    return workspace.pk, Floor(source=workspace.pk, target=target.pk)


def _accept_all(workspace_id: int, floor: Floor, *, run: str, count: int) -> tuple[float, float]:
    return accept_all((partial(accept, workspace_id, raw) for raw in mails(count, run=run)), floor)


def accept_all(calls: Iterable[Callable[[], object]], floor: Floor) -> tuple[float, float]:
    """Seconds that accepting took, each call bringing one message, and that the floor took."""
    took = least = 0.0
    for position, call in enumerate(calls, start=1):
        took += seconds(call)
        if position % lane.batch == 0:
            least += floor.store()
    return took, least


def accept(workspace_id: int, raw: bytes) -> None:
    """What a mail pipe does."""
    with scope(workspace_id):
        MailIntake(Channel.objects.get(name="Help")).take(raw)


def process_all(workspace_id: int, floor: Floor, chosen: Lane = lane) -> tuple[float, float]:
    """Seconds that processing took, and that the floor took."""
    took = least = 0.0
    done = 1

    def batch() -> None:
        nonlocal done
        done = run_batch(chosen, workspace_id)

    while done:
        took += seconds(batch)
        least += floor.become()
    return took, least


def process_together(workspace_id: int) -> float:
    """Seconds from the start of all processes, each loaded and connected, to the end of the last."""
    command = [sys.executable, "-m", "bench.drain", str(workspace_id)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, **pipes) for _ in range(PROCESSES)]  # type: ignore[call-overload]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"

    def work() -> None:
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        for worker in workers:
            assert worker.wait() == 0

    return seconds(work)


def _check(workspace_id: int) -> None:
    """That every mail has become an entry, once."""
    with scope(workspace_id):
        assert InboundEvent.objects.exclude(state="done").count() == 0
        assert (
            Entry.objects.filter(kind="message").count()
            == WARM_UP + MAILS + TOGETHER + PROCESSES * lane.batch
        )
