"""`python -m bench.drain WORKSPACE_ID`: work on a batch of calls to be warm; once told to on standard input, on
all that wait and on what follows them."""

import os
import sys

import django


def drain(workspace_id: int) -> None:
    """Say that everything is loaded, wait for a line, and work until nothing is left."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnidesk.settings")
    django.setup()
    from channels_ingest.services.process import lane
    from omnidesk.flow import lane as reactions
    from tenancy.lanes import run_batch

    run_batch(lane, workspace_id)
    print("ready", flush=True)
    sys.stdin.readline()
    while run_batch(lane, workspace_id) + run_batch(reactions, workspace_id):
        pass


if __name__ == "__main__":
    drain(int(sys.argv[1]))
