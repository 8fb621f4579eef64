"""Quiet workspaces beside a loud one: how long a mail takes from its acceptance to its entry, on real workers.

Each quiet workspace sends a mail every few seconds. The loud one sends as fast as a process can, until hundreds of
its mails wait. Spells without and with it take turns; the floor is what the quiet ones wait without it.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from itertools import cycle, islice

from django.utils import timezone

from bench.harness import Figure, new_workspace, p50_p95
from bench.mails import VOUCHER, mails
from bench.programs import installation
from channels_ingest.models import InboundEvent
from channels_ingest.services.accept import MailIntake
from conversations.models import Channel
from conversations.services.channels import create_channel
from tenancy.lanes import OPEN
from tenancy.scope import scope

QUIET, EVERY = 20, 4.0  # workspaces; seconds from mail to mail of each
AHEAD = 400  # mails of the loud one that wait at most
ROUNDS, SPELL = 3, 12.0  # seconds
PATIENCE = 300  # seconds until all is done


def main() -> list[Figure]:
    """Milliseconds that quiet workspaces wait for an entry, with the loud one and without it."""
    quiet, loud = [_workspace(f"quiet{number}") for number in range(QUIET)], _workspace("loud")
    arriving = zip(cycle(quiet), mails(100_000, run="quiet"), strict=False)
    waited: dict[bool, list[float]] = {False: [], True: []}
    sent: list[int] = []
    with installation():
        _send(islice(arriving, QUIET))
        _until_done([*quiet, loud])
        for _ in range(ROUNDS):
            for is_loud in (False, True):
                began = timezone.now()
                with _flooded(loud, sent) if is_loud else nullcontext():
                    _send(islice(arriving, round(SPELL * QUIET / EVERY)))
                _until_done([*quiet, loud])
                waited[is_loud] += _waits(quiet, began)
    louder = sum(sent) / (len(waited[True]) / QUIET)
    return list(_figures(waited[True], waited[False], f"{louder:.0f} times louder; floor: without it"))


def _figures(beside: list[float], without: list[float], note: str) -> Iterator[Figure]:
    for name, value, floor in zip(("p50", "p95"), p50_p95(beside), p50_p95(without), strict=True):
        yield Figure(f"quiet workspaces beside a loud one, {name}", value, "ms", floor, note)


def _workspace(name: str) -> int:
    """The id of a workspace with a mail channel."""
    workspace = new_workspace(name)
    config = {"address": "help@us.example", "authserv_ids": VOUCHER}
    with scope(workspace.pk):
        create_channel(kind="email", name="Help", config=config, secrets={})
    return workspace.pk


@contextmanager
def _flooded(workspace_id: int, sent: list[int]) -> Iterator[None]:
    """The loud one sends as long as this lasts; `sent` is told how much."""
    command = [sys.executable, "-m", "bench.flood", str(workspace_id), str(AHEAD)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as flood:
        assert flood.stdout is not None
        assert flood.stdout.readline() == "begun\n"
        yield
        sent.append(int(flood.communicate()[0]))


def _send(arriving: Iterator[tuple[int, bytes]]) -> None:
    """Send at an even pace."""
    began, pause = time.monotonic(), EVERY / QUIET
    for turn, (workspace_id, raw) in enumerate(arriving):
        time.sleep(max(0.0, began + turn * pause - time.monotonic()))
        with scope(workspace_id):
            MailIntake(Channel.objects.get()).take(raw)


def _waiting(workspace_id: int) -> int:
    with scope(workspace_id):
        return InboundEvent.objects.filter(OPEN).count()


def _until_done(workspaces: Sequence[int]) -> None:
    end = time.monotonic() + PATIENCE
    while any(_waiting(workspace_id) for workspace_id in workspaces):
        assert time.monotonic() < end, "the workers do not come to an end"
        time.sleep(0.2)


def _waits(quiet: Sequence[int], since: datetime) -> list[float]:
    """Milliseconds from acceptance to entry, of every mail of the quiet ones since then."""
    found: list[float] = []
    for workspace_id in quiet:
        with scope(workspace_id):
            rows = InboundEvent.objects.filter(received_at__gte=since)
            assert not rows.exclude(state="done").exists()
            times = list(rows.values_list("received_at", "processed_at"))
        found += [(done - came).total_seconds() * 1000 for came, done in times if done]
    return found
