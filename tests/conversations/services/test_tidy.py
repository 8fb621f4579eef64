from datetime import timedelta

from conversations.models import Reaction
from conversations.services import counts, work
from conversations.services.tidy import tidy_all


def test_only_reactions_long_done_are_dropped(write, member, clock):
    conversation = write("m1").conversation
    Reaction.objects.update(state="done")
    clock.shift(timedelta(days=8))
    write("m2", thread_keys=("m1",), starts_thread=False)
    work.resolve(conversation=conversation, member=member)
    tidy_all()
    assert list(Reaction.objects.values_list("state", flat=True)) == ["pending"]
    assert counts.totals() == {}
