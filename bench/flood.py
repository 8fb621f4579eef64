"""`python -m bench.flood WORKSPACE AHEAD`: send mails to a workspace as fast as can be, until so many wait for its
workers. Says when it has begun and, once standard input ends, how many they were."""

import os
import sys
from select import select

import django

AT_ONCE = 20


def main(workspace_id: int, ahead: int) -> None:
    """Keep the workers busy."""
    from bench.mails import mails
    from channels_ingest.models import InboundEvent
    from channels_ingest.services.accept import MailIntake
    from conversations.models import Channel
    from tenancy.lanes import OPEN
    from tenancy.scope import scope

    arriving, sent = mails(1_000_000, run=f"flood{os.getpid()}"), 0
    while not select([sys.stdin], [], [], 0)[0]:
        with scope(workspace_id):
            is_behind = InboundEvent.objects.filter(OPEN).count() >= ahead
        if is_behind:
            select([sys.stdin], [], [], 0.05)
            continue
        for _ in range(AT_ONCE):
            with scope(workspace_id):
                MailIntake(Channel.objects.get()).take(next(arriving))
        if not sent:
            print("begun", flush=True)
        sent += AT_ONCE
    print(sent)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnidesk.settings")
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]))
