"""`python -m bench.drain WORKSPACE_ID`: once told to on standard input, process all calls that wait."""

import os
import sys

import django


def drain(workspace_id: int) -> None:
    """Say that everything is loaded, wait for a line, and work until nothing is left."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnidesk.settings")
    django.setup()
    from channels_ingest.services.process import lane
    from conversations.models import Channel
    from tenancy.lanes import run_batch
    from tenancy.scope import scope

    with scope(workspace_id):
        Channel.objects.get()
    print("ready", flush=True)
    sys.stdin.readline()
    while run_batch(lane, workspace_id):
        pass


if __name__ == "__main__":
    drain(int(sys.argv[1]))
